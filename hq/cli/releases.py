"""Releases for the stores: begun, looked at, stopped."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from hq import rollouts
from hq.cli.console import Dsn, app, run
from hq.schema import Connection

_release = typer.Typer(help="Releases on their way to the stores.", no_args_is_help=True)
app.add_typer(_release, name="release")


@_release.command("begin")
def begin(
    dsn: Dsn,
    version: str,
    waves: Annotated[
        str, typer.Option(help="Shares of the stores in percent, growing to 100.")
    ] = ",".join(map(str, rollouts.WAVES)),
) -> None:
    """Let the stores take a release of their publisher's, wave by wave."""
    shares = [int(part) if part.strip().isdecimal() else 0 for part in waves.split(",")]
    run(dsn, lambda db: rollouts.begin(db, version, shares, datetime.now(UTC)))


@_release.command("stop")
def stop(dsn: Dsn, because: Annotated[str, typer.Option(help="Why, for others to read.")]) -> None:
    """Let no further store take it."""
    run(dsn, lambda db: rollouts.stop(db, datetime.now(UTC), because))


@_release.command("status")
def status(dsn: Dsn) -> None:
    """How far it is."""

    async def work(connection: Connection) -> list[str]:
        rollout = await rollouts.newest(connection)
        if rollout is None:
            return ["no release was sent on its way yet"]
        stores = await rollouts.standing(connection, rollout)
        fares = [store.fares(rollout.version) for store in stores]
        how = "on its way" if rollout.is_on else rollout.because or "everywhere"
        counts = ", ".join(f"{fares.count(way)} {way}" for way in ("taken", "waits", "failed"))
        return [
            f"{rollout.version}: {how}; wave {rollout.wave + 1} of {len(rollout.waves)}; {counts}"
        ]

    for line in run(dsn, work):
        typer.echo(line)
