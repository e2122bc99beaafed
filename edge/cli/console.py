"""How the command line looks: one console, one way to show progress, one way to fail.

Everything for people goes to standard error, so that standard output stays with results.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)

console = Console(stderr=True, highlight=False)

ConfigOption = Annotated[
    Path,
    typer.Option("--config", "-c", help="The shop's configuration file.", envvar="REGULARS_CONFIG"),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
Report = Callable[[str, int, int], None]
"""Told what is being done, how much of it is, and of how much (0 while unknown)."""


def fail(message: str) -> None:
    """One line that says what happened and what to do."""
    console.print(f"[bold red]regulars:[/] {escape(message)}", soft_wrap=True)


def done(message: str) -> None:
    """One line that says what is now true."""
    console.print(f"[bold green]✓[/] {escape(message)}", soft_wrap=True)


def warn(what: str, message: str) -> None:
    """One line about something that people should look at."""
    console.print(f"[yellow]{escape(what)}:[/] {escape(message)}", soft_wrap=True)


def print_json(result: dict[str, Any]) -> None:
    """The last line of a benchmark, and the whole of a ``--json`` answer."""
    typer.echo(json.dumps(result, ensure_ascii=False))


@contextmanager
def progress(*, of_bytes: bool = False) -> Iterator[Report]:
    """A bar for each thing that is reported, until the block ends."""
    amount = DownloadColumn() if of_bytes else TaskProgressColumn()
    columns = (TextColumn("{task.description}"), BarColumn(), amount, TimeRemainingColumn())
    with Progress(*columns, console=console) as bars:
        tasks: dict[str, Any] = {}

        def report(what: str, count: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bars.add_task(what, total=None)
            bars.update(tasks[what], completed=count, total=total or None)

        yield report
