"""``regulars chain``: headquarters, NATS and three stores on this machine, and how they sync."""

from __future__ import annotations

import asyncio
import signal
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.live import Live

from edge.cli.console import console, done

if TYPE_CHECKING:
    from edge.demo.chain.watch import Watch

PICTURES_PER_S = 4
LINE_EVERY_S = 5.0


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command()(chain)


def chain(
    state_dir: Annotated[Path, typer.Option(help="Where the chain keeps its state.")] = Path(
        ".demo-hq"
    ),
) -> None:
    """Run headquarters, NATS and three stores with invented members, and watch them sync.

    Needs requirements/dev.txt, which bring PostgreSQL and NATS.
    """
    from edge.demo.town import postgres

    folder = state_dir.resolve()
    console.print("Starting PostgreSQL, NATS, headquarters and three stores …", style="dim")
    with suppress(KeyboardInterrupt), postgres(folder / "postgresql") as dsn:
        asyncio.run(_run(dsn, folder))
    done(f"Everything has ended. What happened is kept in {state_dir}")


async def _run(dsn: str, folder: Path) -> None:
    """Until Ctrl-C, which cancels this, or SIGTERM, which does the same."""
    from edge.demo.chain.opening import chain as open_chain

    main = asyncio.current_task()
    assert main is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, main.cancel)
    with suppress(asyncio.CancelledError):
        async with open_chain(dsn, folder) as watch:
            await (_draw(watch) if console.is_terminal else _tell(watch))


async def _draw(watch: Watch) -> None:
    from edge.demo.chain.screen import picture

    with Live(console=console, screen=True, auto_refresh=False) as live:
        while True:
            live.update(picture(watch), refresh=True)
            await asyncio.sleep(1 / PICTURES_PER_S)


async def _tell(watch: Watch) -> None:
    """Where nobody looks at a terminal, a line now and then."""
    console.print(f"The merchant's pages, by a link that works once: {watch.pages}", soft_wrap=True)
    while True:
        states = (f"{s.shop.name}: {s.status}, {s.waiting} waiting" for s in watch.stores)
        console.print("; ".join(states), soft_wrap=True)
        await asyncio.sleep(LINE_EVERY_S)
