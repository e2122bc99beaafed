"""``regulars backup``, ``verify`` and ``restore``: copies of the shop's data, kept elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from edge import config as configuration
from edge.cli.console import ConfigOption, JsonOption, console, done, print_json, progress, warn


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(backup)
    app.command()(verify)
    app.command()(restore)


def backup(
    config: ConfigOption,
    list_: Annotated[bool, typer.Option("--list", help="Only list the copies.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Copy the shop's data, encrypted, to where the configuration says; the gateway may run."""
    from edge.app import sole_use
    from edge.flows import backups

    shop = configuration.load(config)
    state_dir = Path(shop.store.state_dir)
    if list_:
        for kept in backups.repository(shop.backup, state_dir).kept():
            typer.echo(f"{kept.id[:8]}  {kept.time:%Y-%m-%d %H:%M %z}")
        return
    with sole_use(state_dir, "backup"), progress(of_bytes=True) as report:
        made = backups.make(shop.backup, state_dir, report)
    if made.password is not None:
        warn("Write this down and keep it elsewhere", made.password)
        console.print("  Without it no copy can be read, should this machine be lost.")
    if as_json:
        print_json(
            {
                "id": made.added.id,
                "size_bytes": made.added.size_bytes,
                "added_bytes": made.added.added_bytes,
            }
        )
    done(
        f"copy {made.added.id[:8]}: {made.added.size_bytes / 1e6:.1f} MB, of which "
        f"{made.added.added_bytes / 1e6:.1f} MB were new"
    )


def verify(config: ConfigOption, as_json: JsonOption = False) -> None:
    """Read all copies back, and put the newest one aside to look at it."""
    from edge.app import sole_use
    from edge.flows import backups

    shop = configuration.load(config)
    state_dir = Path(shop.store.state_dir)
    with sole_use(state_dir, "backup"):
        found = backups.verify(shop.backup, state_dir)
    if as_json:
        print_json({"made_at": found.made_at.isoformat(), "members": found.members})
    done(
        f"every copy is whole; the newest is of {found.made_at:%Y-%m-%d %H:%M %z} "
        f"and holds {found.members} members"
    )


def restore(
    config: ConfigOption,
    copy: Annotated[
        str | None, typer.Argument(help="Which copy, as `regulars backup --list` names it.")
    ] = None,
) -> None:
    """Put a copy, the newest unless named, in place of the data. Stop the gateway first."""
    from edge.app import sole_use
    from edge.flows import backups

    shop = configuration.load(config)
    state_dir = Path(shop.store.state_dir)
    with sole_use(state_dir), sole_use(state_dir, "backup"):
        found = backups.restore(shop.backup, state_dir, copy)
    done(
        f"the data of {found.made_at:%Y-%m-%d %H:%M %z} are back, {found.members} members; what "
        "was here before lies beside as regulars.db.before"
    )
    console.print("  No face comes back whose key is gone; start the gateway to see it done.")
