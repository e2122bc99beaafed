"""What a person at headquarters does about members."""

from __future__ import annotations

import typer

from edge.contract import MemberWithdrawn
from hq import duplicates, erasure, export, feed, merging
from hq.cli.console import Dsn, app, run
from hq.envelope import envelope
from hq.schema import Connection

_members = typer.Typer(help="Members of the chain.", no_args_is_help=True)
app.add_typer(_members, name="members")


@app.command()
def withdraw(dsn: Dsn, member_id: str) -> None:
    """End face matching of a member in every store."""
    told = MemberWithdrawn(member_id=member_id, **envelope())
    run(dsn, lambda connection: feed.append(connection, "withdrawals", [(member_id, told)]))


@_members.command("duplicates")
def duplicates_(dsn: Dsn, most: int = 100) -> None:
    """List pairs who may be one person, who joined first named first, and what speaks for it."""
    for pair in run(dsn, lambda connection: duplicates.find(connection, most)):
        typer.echo(f"{pair.first}  {pair.second}  {', '.join(pair.why)}")


@_members.command()
def show(dsn: Dsn, member_id: str) -> None:
    """Print all that is held of a member, as one JSON document: what an access request asks for."""
    typer.echo(run(dsn, lambda connection: export.of_member(connection, member_id)))


@_members.command()
def merge(dsn: Dsn, survivor: str, duplicate: str) -> None:
    """Let DUPLICATE be SURVIVOR in every store; it can be undone."""
    run(dsn, lambda connection: merging.merge(connection, survivor, duplicate))


@_members.command()
def unmerge(dsn: Dsn, duplicate: str) -> None:
    """Let DUPLICATE be a member of their own again."""
    run(dsn, lambda connection: merging.unmerge(connection, duplicate))


@_members.command()
def erase(
    dsn: Dsn,
    member_id: str,
    yes: bool = typer.Option(False, "--yes", help="Do not ask."),
) -> None:
    """Forget a member for good, here and in every store. It cannot be undone."""
    if not yes:
        typer.confirm(f"Forget {member_id} for good, in every store?", abort=True)
    ids = run(dsn, lambda connection: erasure.erase(connection, member_id))
    typer.echo(f"forgotten: {', '.join(ids)}; each store sends its proof")


@_members.command()
def erasures(dsn: Dsn) -> None:
    """List the members who were erased, and the stores that have not proven it yet."""

    async def work(connection: Connection) -> list[tuple[str, list[str]]]:
        return await erasure.unproven(connection)

    for member_id, stores in run(dsn, work):
        typer.echo(f"{member_id}  {'proven everywhere' if not stores else ', '.join(stores)}")
