"""``regulars update``: releases of the program on this machine, taken and taken back."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from edge import __version__
from edge import config as configuration
from edge.cli.console import ConfigOption, JsonOption, console, done, print_json, progress, warn
from edge.errors import UpdateFailed

if TYPE_CHECKING:
    from edge.app.updating import Updates
    from edge.domain.updates import Attempt

app = typer.Typer(help="Releases of the program: taken, taken back.", no_args_is_help=True)

From = Annotated[
    Path | None,
    typer.Option("--from", help="A repository in a folder, e.g. on a stick, instead of the line."),
]


@app.command()
def check(config: ConfigOption, from_: From = None, as_json: JsonOption = False) -> None:
    """Fetch and verify the newest release; nothing is changed."""
    updates = _updates(config)
    with updates.alone():
        version = _version(updates, from_)
        if version is None:
            return
        manifest, _, _ = updates.offered(version, from_)
    reason = updates.why_not(manifest, asked=False)
    if as_json:
        print_json({"running": updates.running, "offered": manifest.version, "why_not": reason})
    elif reason is None:
        done(f"{manifest.version} can be taken: regulars update apply; {updates.running} runs now")
    else:
        done(reason)


@app.command()
def apply(
    config: ConfigOption,
    from_: From = None,
    when_due: Annotated[
        bool, typer.Option("--when-due", help="Only in the shop's window, and at its moment in it.")
    ] = False,
) -> None:
    """Take the newest release: build it beside, try it, switch, look, and go back if it ails."""
    updates = _updates(config)
    with updates.alone() as updating:
        ended = updating.recover(live=True)
        if ended is not None:
            _say_how(ended)
        if when_due and not updates.is_due(datetime.now(UTC)):
            return
        version = _version(updates, from_)
        if version is None:
            return
        manifest, trusted, shelf = updates.offered(version, from_)
        reason = updates.why_not(manifest, asked=not when_due)
        if reason is not None:
            done(reason)
            return
        _tell(updating.take(manifest, trusted, shelf))


@app.command()
def rollback(config: ConfigOption) -> None:
    """Go back to the release before the one that runs."""
    with _updates(config).alone() as updating:
        _tell(updating.withdraw())


@app.command()
def status(config: ConfigOption, as_json: JsonOption = False) -> None:
    """What runs, how the last update ended, and what can be gone back to."""
    updates = _updates(config)
    known = updates.progress
    if as_json:
        print_json({"running": updates.running, **msgspec.to_builtins(known)})
        return
    console.print(f"[bold]{updates.running}[/] runs; an update is {known.phase.replace('_', ' ')}")
    if known.last is not None:
        last = known.last
        how = last.outcome.replace("_", " ")
        console.print(f"  the last one: {last.version} {how} at {last.ended_at:%Y-%m-%d %H:%M} UTC")
        if last.because:
            console.print(f"  {last.because}", soft_wrap=True)
    if known.previous:
        console.print(f"  to go back to {known.previous}: regulars update rollback")


@app.command(hidden=True)
def recover(
    config: ConfigOption,
    at_boot: Annotated[bool, typer.Option("--at-boot", help="Before the gateway starts.")] = False,
) -> None:
    """End an update that was cut off."""
    with _updates(config).alone() as updating:
        ended = updating.recover(live=not at_boot)
    if ended is not None:
        _say_how(ended)


@app.command(hidden=True)
def fetch(config: ConfigOption) -> None:
    """Fetch what the repository offers, as a user without rights."""
    from edge.app.updating import Places
    from edge.update.fetching import fetch as fetch_from
    from edge.update.manifest import machine

    source, places = configuration.load(config).updates.source, Places()
    if source is None:
        raise UpdateFailed("updates.source is not set; say where releases come from")
    with progress(of_bytes=True) as report:
        fetch_from(
            source,
            places.anchor,
            places.fetched,
            machine(),
            version=places.wanted.read_text(encoding="utf-8"),
            running=__version__,
            report=report,
        )


@app.command(hidden=True)
def rehearse(config: ConfigOption) -> None:
    """Whether the release before could read the data after this one."""
    from edge.app import gateway as _everything  # noqa: F401  a release must be able to start
    from edge.flows import rehearsing

    typer.echo(msgspec.json.encode(rehearsing.rehearse(_state_dir(config))))


@app.command(hidden=True)
def busy(config: ConfigOption) -> None:
    """Who would be cut off by a restart now."""
    from edge.flows import rehearsing

    typer.echo(msgspec.json.encode(rehearsing.busy(_state_dir(config))))


@app.command(hidden=True)
def hold(config: ConfigOption) -> None:
    """Keep a copy of the data to go back to."""
    from edge.flows import rehearsing

    rehearsing.hold(_state_dir(config))


@app.command("let-go", hidden=True)
def let_go(config: ConfigOption) -> None:
    """Remove the copy."""
    from edge.flows import rehearsing

    rehearsing.let_go(_state_dir(config))


@app.command("put-back", hidden=True)
def put_back(config: ConfigOption) -> None:
    """Put the copy in the place of the data."""
    from edge.flows import rehearsing

    typer.echo(rehearsing.put_back(_state_dir(config)))


def _state_dir(config: Path) -> Path:
    return Path(configuration.load(config).store.state_dir)


def _updates(file: Path) -> Updates:
    from edge.app.updating import Places, Updates

    if os.geteuid() != 0:
        raise UpdateFailed("only root may change what runs on this machine; use sudo")
    return Updates(configuration.load(file), file, Places(), _say)


def _version(updates: Updates, folder: Path | None) -> str | None:
    """Of a folder that somebody brought the newest, else what this shop is to take."""
    from edge.update.manifest import NEWEST

    version = NEWEST if folder is not None else updates.wanted()
    if version is None:
        done(f"headquarters wants no other release here; {updates.running} runs")
    return version


def _say(step: str) -> None:
    console.print(f"[bold]==>[/] {step}")


def _tell(attempt: Attempt) -> None:
    """Say how it ended. Raises ``UpdateFailed`` where that is not what was asked for."""
    from edge.domain.updates import Outcome

    _say_how(attempt)
    if attempt.outcome not in (Outcome.UPDATED, Outcome.WITHDRAWN):
        raise UpdateFailed("the release before runs on")


def _say_how(attempt: Attempt) -> None:
    from edge.domain.updates import Outcome

    match attempt.outcome:
        case Outcome.UPDATED:
            done(f"{attempt.version} runs, and is well")
        case Outcome.WITHDRAWN:
            done("the release before runs again")
        case Outcome.ROLLED_BACK:
            warn(f"{attempt.version} was taken back", attempt.because)
        case Outcome.NOT_STAGED:
            warn(f"{attempt.version} was not taken", attempt.because)
