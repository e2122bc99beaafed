"""Releases for the stores: begun, looked at, stopped."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from hq.cli.console import Dsn, app, run
from hq.problems import Mistake
from hq.releases import published, rollouts, waves
from hq.releases.rollouts import Rollout, Standing
from hq.schema import Connection

_release = typer.Typer(help="Releases on their way to the stores.", no_args_is_help=True)
app.add_typer(_release, name="release")
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
Waves = Annotated[
    list[str] | None,
    typer.Option(
        "--wave",
        help="Once for each: a share of the stores (10%), or stores by id (lyon,nice). The last is "
        "100%. Without: 5%, 25%, 100%.",
    ),
]


@_release.command("begin")
def begin(
    dsn: Dsn,
    version: str,
    wave: Waves = None,
    hours: Annotated[
        int, typer.Option(help="Between two waves, after every store of the first is well.")
    ] = 0,
    as_json: AsJson = False,
) -> None:
    """Let the stores take a release of their publisher's, wave by wave."""
    asked = [waves.read(text) for text in wave] if wave else waves.DEFAULT

    async def work(connection: Connection) -> tuple[Rollout, list[Standing]]:
        source = await published.source(connection)
        there = published.read(source) if source else None
        rollout = await rollouts.begin(
            connection, version, asked, datetime.now(UTC), hours=hours, published=there
        )
        return rollout, await rollouts.standing(connection, rollout)

    _show(*run(dsn, work), as_json=as_json)


@_release.command("stop")
def stop(dsn: Dsn, because: Annotated[str, typer.Option(help="Why, for others to read.")]) -> None:
    """Let no further store take it."""
    run(dsn, lambda db: rollouts.stop(db, datetime.now(UTC), because))


@_release.command("status")
def status(dsn: Dsn, as_json: AsJson = False) -> None:
    """Where each wave is, and which stores do not have it."""

    async def work(connection: Connection) -> tuple[Rollout | None, list[Standing]]:
        rollout = await rollouts.newest(connection)
        return rollout, await rollouts.standing(connection, rollout) if rollout else []

    rollout, stores = run(dsn, work)
    if rollout is not None:
        _show(rollout, stores, as_json=as_json)
    elif as_json:
        _print(rollout=None)
    else:
        typer.echo("no release was sent on its way yet")


@_release.command("source")
def source(
    dsn: Dsn,
    url: Annotated[str, typer.Argument(help="The publisher's repository, as stores have it.")],
    publisher: Annotated[Path, typer.Option(help="Its root of trust, e.g. 1.root.json.")],
    as_json: AsJson = False,
) -> None:
    """Say where releases are published; from then on no other can be begun."""
    try:
        root = publisher.read_bytes()
    except OSError as error:
        raise Mistake(f"{publisher} cannot be read ({error.strerror})") from error
    given = published.Source(url=url, root=root)
    _show_published(run(dsn, lambda db: published.put_source(db, given)), as_json=as_json)


@_release.command("published")
def published_(dsn: Dsn, as_json: AsJson = False) -> None:
    """What the publisher has published, and for which machines."""
    source = run(dsn, published.source)
    if source is None:
        raise Mistake("nobody has said where releases are published: python -m hq release source")
    _show_published(published.read(source), as_json=as_json)


def _show_published(there: published.Published, *, as_json: bool) -> None:
    newest_first = sorted(there, key=waves.numbers, reverse=True)
    if as_json:
        _print(published=[{"version": each, "machines": there[each]} for each in newest_first])
        return
    for version in newest_first:
        typer.echo(f"{version}  {', '.join(there[version])}")
    if not there:
        typer.echo("nothing is published yet")


def _show(rollout: Rollout, stores: list[Standing], *, as_json: bool) -> None:
    fares = {store.store_id: store.fares(rollout.version) for store in stores}
    if as_json:
        told = [{**asdict(store), "fares": fares[store.store_id]} for store in stores]
        _print(rollout=asdict(rollout) | {"next_at": rollout.next_at}, stores=told)
        return
    typer.echo(f"{rollout.version}: {_how(rollout)}")
    table = Table("Wave", "Stores", "Well", "Waiting", "Failed", "")
    for number, wave in enumerate(rollout.waves):
        count = Counter(fares[store.store_id] for store in stores if store.wave == number)
        state = "now" if rollout.is_on and number == rollout.wave else ""
        table.add_row(
            ", ".join(wave) if isinstance(wave, list) else f"{wave}%",
            str(count.total()),
            *(str(count[way]) for way in (waves.Fares.WELL, waves.Fares.WAITS, waves.Fares.FAILED)),
            state,
        )
    console = Console(highlight=False)
    console.print(table)
    for store in stores:
        if fares[store.store_id] is waves.Fares.FAILED:
            console.print(f"{store.store_id}: {store.outcome}, runs {store.runs}", markup=False)


def _how(rollout: Rollout) -> str:
    if rollout.failed is not None:
        return f"stopped: {rollout.failed} went back, or could not take it"
    if rollout.stopped_at is not None:
        return f"stopped: {rollout.because}"
    if rollout.ended_at is not None:
        return "in every store"
    if rollout.next_at is not None:
        return f"on its way; the next wave at {rollout.next_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    return "on its way"


def _print(**result: Any) -> None:
    typer.echo(json.dumps(result, ensure_ascii=False, default=datetime.isoformat))
