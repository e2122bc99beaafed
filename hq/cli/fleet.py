"""Claims for stores that nobody sets up at a screen; ``regulars fleet`` is this command."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, get_args

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from edge.contract import CLAIM_NAME, ClaimedStore
from hq import authority
from hq.claims import cloud_init, first_manager, making, shops
from hq.cli.console import Dsn, Folder, app, run
from hq.problems import Mistake
from hq.schema import Connection

_fleet = typer.Typer(help="Claims: files that make a machine a store.", no_args_is_help=True)
app.add_typer(_fleet, name="fleet")
_people = Console(stderr=True, highlight=False)
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Order:
    """What was asked for: claims of these stores, into a folder that is not there yet."""

    folder: Path
    out: Path
    stores: list[ClaimedStore]
    terms: making.Terms
    now: datetime
    install: str | None


@_fleet.command("claim")
def claim(
    dsn: Dsn,
    folder: Folder,
    stores: Annotated[str, typer.Argument(help="A list (.csv, .toml), or one store's id.")],
    url: Annotated[str, typer.Option(help="Where machines are admitted: https://HOST:PORT")],
    out: Annotated[Path, typer.Option(help="A new folder for the claims.")] = Path("claims"),
    line: Annotated[
        str | None, typer.Option(help="Where the stores' line goes, if elsewhere: nats://HOST:PORT")
    ] = None,
    expires: Annotated[int, typer.Option(help="In how many days.", min=1, max=366)] = 30,
    name: Annotated[str | None, typer.Option(help="The one store's name.")] = None,
    timezone: Annotated[str, typer.Option(help="The one store's time zone.")] = "UTC",
    language: Annotated[str, typer.Option(help="The one store's language: en, zh.")] = "en",
    with_cloud_init: Annotated[
        bool, typer.Option("--cloud-init", help="Write a user-data beside each claim too.")
    ] = False,
    install: Annotated[
        str, typer.Option(help="With --cloud-init: how Regulars is installed there.")
    ] = cloud_init.DEFAULT_INSTALL,
    with_first_manager: Annotated[
        bool,
        typer.Option(
            "--first-manager", help="Write a page too that pairs the first manager's phone."
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Make a claim for a store, or one for each store of a list; all of them, or none."""
    _check_addresses(url, line)
    now = datetime.now(UTC).replace(microsecond=0)
    single = {"id": stores, "name": name or stores, "timezone": timezone, "language": language}
    terms = making.Terms(
        admissions=url,
        url=line or url,
        expires_at=now + timedelta(days=expires),
        first_manager=with_first_manager,
    )
    listed = Path(stores).suffix in (".csv", ".toml")
    order = _Order(
        folder=folder,
        out=out,
        stores=shops.read(Path(stores)) if listed else [shops.one(single)],
        terms=terms,
        now=now,
        install=install if with_cloud_init else None,
    )
    with ExitStack() as stack:
        bar = stack.enter_context(Progress(console=_people, disable=as_json))
        task = bar.add_task("Claims", total=len(order.stores))
        made = _make(dsn, order, lambda count: bar.update(task, completed=count))
    fingerprint = authority.fingerprint_of(folder)
    if as_json:
        claims = [{"store_id": store_id, "file": str(file)} for store_id, file in made]
        _print(authority=fingerprint, expires_at=terms.expires_at, claims=claims)
        return
    until = f"{terms.expires_at:%Y-%m-%d %H:%M} UTC"
    typer.echo(f"{len(made)} claims in {out}; each works once, until {until}")
    typer.echo(f"the authority that machines are to trust: {fingerprint}")


def _check_addresses(url: str, line: str | None) -> None:
    if not re.fullmatch(r"https://[^/@\s]+", url):
        raise Mistake(f"--url takes https://HOST:PORT of `python -m hq serve`, not {url!r}")
    if line is not None and not re.fullmatch(r"(https|nats)://[^/@\s]+", line):
        raise Mistake(f"--line takes nats://HOST:PORT or https://HOST:PORT, not {line!r}")


def _make(dsn: str, order: _Order, made: Callable[[int], None]) -> list[tuple[str, Path]]:
    """The files appear in the last step before the books are closed: all of them, or none."""
    out = order.out
    if out.exists():
        raise Mistake(f"{out} is there already; name a new folder with --out")
    part = out.with_name(f".{out.name}.part-{os.getpid()}")

    async def work(connection: Connection) -> None:
        files = await making.make(
            connection, order.folder, order.stores, order.terms, order.now, made
        )
        _write(order, part, files)
        part.rename(out)

    with ExitStack() as stack:
        stack.callback(shutil.rmtree, part, ignore_errors=True)
        undo = stack.enter_context(ExitStack())
        undo.callback(shutil.rmtree, out, ignore_errors=True)
        run(dsn, work)
        undo.pop_all()
    return [(store.id, out / f"{CLAIM_NAME}-{store.id}.toml") for store in order.stores]


def _write(order: _Order, part: Path, files: list[making.Made]) -> None:
    fingerprint = authority.fingerprint_of(order.folder)
    try:
        part.mkdir(mode=0o700, parents=True)
        for store, file, code in files:
            _put(part / f"{CLAIM_NAME}-{store.id}.toml", file)
            if order.install is not None:
                text = cloud_init.user_data(store.id, file, fingerprint, order.install)
                _put(part / f"user-data-{store.id}.yaml", text)
            if code is not None:
                page = first_manager.draw(store, code, order.terms.expires_at)
                _put(part / f"first-manager-{store.id}.pdf", page)
    except OSError as error:
        raise Mistake(f"{order.out} cannot be written ({error.strerror})") from error


def _put(path: Path, data: bytes) -> None:
    path.touch(mode=0o600)
    path.write_bytes(data)


@_fleet.command("list")
def list_(dsn: Dsn, as_json: AsJson = False) -> None:
    """Show every claim, and how far its store is: awaited, heard of, or refused."""
    now = datetime.now(UTC)
    claims = run(dsn, lambda connection: making.listed(connection, now))
    if as_json:
        _print(progress=_progress(claims), claims=[asdict(claim) for claim in claims])
        return
    table = Table("Store", "Name", "State", "Made", "Expires", "Used", "Heard of", "Refused")
    for claim in claims:
        times = (claim.made_at, claim.expires_at, claim.used_at, claim.contact_at)
        refused = f"{_time(claim.refused_at)} {claim.refused}" if claim.refused else ""
        table.add_row(claim.store_id, claim.name, claim.state, *map(_time, times), refused)
    Console(highlight=False).print(table)
    for line in _told(_progress(claims)):
        typer.echo(line)


def _told(count: dict[str, int]) -> Iterator[str]:
    yield (
        f"{count['used']} stores have come: {count['heard_of']} are heard of, "
        f"{count['silent']} not yet"
    )
    yield (
        f"{count['open']} are awaited, {count['expired']} claims ended unused, "
        f"{count['revoked']} were taken back"
    )
    if count["refused"]:
        yield f"with {count['refused']} claims a machine came and was refused"


def _progress(claims: list[making.Listed]) -> dict[str, int]:
    states = Counter(claim.state for claim in claims)
    heard_of = sum(claim.contact_at is not None for claim in claims)
    return {
        **{state: states[state] for state in get_args(making.State)},
        "heard_of": heard_of,
        "silent": states["used"] - heard_of,
        "refused": sum(claim.refused is not None for claim in claims),
    }


def _time(at: datetime | None) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M}" if at else ""


@_fleet.command("revoke")
def revoke(dsn: Dsn, store_id: str) -> None:
    """Take a store's open claim back: whoever has the file can do nothing with it."""
    run(dsn, lambda connection: making.revoke(connection, store_id, datetime.now(UTC)))


@_fleet.command("authority")
def authority_(folder: Folder) -> None:
    """Print the fingerprint of the authority, which machines know headquarters by."""
    typer.echo(authority.fingerprint_of(folder))


def _print(**result: Any) -> None:
    typer.echo(json.dumps(result, ensure_ascii=False, default=datetime.isoformat))
