"""Importing a file of records: what is refused is said line by line, the rest is taken.

Batches are short transactions: the shop goes on working, and an import that was cut off is
simply started again.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TypeVar

from edge.errors import BadRequest
from edge.flows.lines import Form, Parsed, RefusedLine, check_encoding, parse_file
from edge.store import Store, Transaction

BATCH = 100

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportStep:
    """How far an import is. Counts are totals so far; ``refused`` holds this step's lines."""

    bytes_read: int
    bytes_total: int
    created: int
    updated: int
    unchanged: int
    refused: tuple[RefusedLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What the audit log says of a batch; ``what`` is what was imported, e.g. *members*."""

    action: str
    what: str
    store_id: str


class Taken(StrEnum):
    """What a line did."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"


Outcome = Taken | RefusedLine


async def import_records(
    store: Store,
    path: Path,
    form: Form[T],
    take: Callable[[Transaction, int, T], Outcome],
    note: Note,
) -> AsyncIterator[ImportStep]:
    """Import a ``.csv`` or ``.jsonl`` file, yielding after each batch of lines.

    ``take`` takes the record of a numbered line and says what it did. A batch is one transaction,
    with one audit entry for all that it changed. Raises ``BadRequest`` before
    anything is taken if the file cannot be read, is not UTF-8, or its header is not understood;
    ``StoreUnavailable`` with the batches before it kept.
    """
    total = await asyncio.to_thread(_check, path)
    taken: Counter[str] = Counter()
    with path.open("rb") as file:
        lines = parse_file(path, file, form)
        while batch := await asyncio.to_thread(lambda: list(islice(lines, BATCH))):
            outcomes = await store.write(partial(_take, batch, take, note, path.name))
            taken.update(outcome for outcome in outcomes if isinstance(outcome, Taken))
            yield ImportStep(
                bytes_read=batch[-1].end,
                bytes_total=total,
                created=taken[Taken.CREATED],
                updated=taken[Taken.UPDATED],
                unchanged=taken[Taken.UNCHANGED],
                refused=tuple(outcome for outcome in outcomes if isinstance(outcome, RefusedLine)),
            )


def _take(
    batch: list[Parsed[T]],
    take: Callable[[Transaction, int, T], Outcome],
    note: Note,
    origin: str,
    tx: Transaction,
) -> list[Outcome]:
    """Every line that can be taken."""
    outcomes: list[Outcome] = []
    for parsed in batch:
        if isinstance(parsed.record, RefusedLine):
            outcomes.append(parsed.record)
        elif parsed.record is not None:
            outcomes.append(take(tx, parsed.line, parsed.record))
    changed = sum(outcome in (Taken.CREATED, Taken.UPDATED) for outcome in outcomes)
    if changed:
        lines = f"lines {batch[0].line} to {batch[-1].line}"
        tx.audit.append(
            actor="import",
            action=note.action,
            subject=note.store_id,
            reason=f"{changed} {note.what} from {lines} of {origin}",
        )
    return outcomes


def _check(path: Path) -> int:
    """Size of the file in bytes, once it can be read and is UTF-8."""
    try:
        check_encoding(path)
        return path.stat().st_size
    except OSError as error:
        raise BadRequest(f"{path.name}: cannot be read ({error.strerror}); check it") from error
