"""Records of an import file, line by line: a record, or the line refused with its reason.

A ``Form`` says what a record looks like. CSV has a header with columns of the form and a comma
between cells; JSON Lines has one object a line with the names of the form's struct. One record
stands on one line; UTF-8, with or without a BOM.
"""

from __future__ import annotations

import codecs
import csv
import difflib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO, Generic, TypeVar

import msgspec

from edge.errors import BadRequest

T = TypeVar("T")

LINE_BYTES = 1024 * 1024
CHUNK_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Form(Generic[T]):
    """What a record looks like. ``of_cells`` reads a row of CSV, without its empty cells; it
    raises ``msgspec.ValidationError`` or ``csv.Error``. The first column is required.
    """

    record: type[T]
    columns: tuple[str, ...]
    of_cells: Callable[[dict[str, str]], T]


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedLine:
    """A line that was not taken, and why; ``line`` counts from 1."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed(Generic[T]):
    """A line of the file and where it ends, in bytes from the start."""

    line: int
    end: int
    record: T | RefusedLine | None


def check_encoding(path: Path) -> None:
    """Raise ``BadRequest`` unless the whole file is UTF-8, before anything of it is taken."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    line = 1
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            try:
                decoder.decode(chunk)
            except UnicodeDecodeError as error:
                line += error.object[: error.start].count(b"\n")
                raise _not_utf8(path, line) from error
            line += chunk.count(b"\n")
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        raise _not_utf8(path, line) from error


def _not_utf8(path: Path, line: int) -> BadRequest:
    return BadRequest(
        f"{path.name}: line {line} is not UTF-8 text; save the file as UTF-8 "
        '("CSV UTF-8" in a spreadsheet) and import it again'
    )


def parse_file(path: Path, file: BinaryIO, form: Form[T]) -> Iterator[Parsed[T]]:
    """The records of a file that ``check_encoding`` let pass.

    Raises ``BadRequest`` for another kind of file, or a header that cannot be understood.
    """
    parse: Callable[[str], T] = partial(msgspec.json.decode, type=form.record)
    lines = _lines(file)
    if path.suffix.lower() == ".csv":
        header = next(lines, None)
        if header is None or header[2] is None:
            raise BadRequest(f"{path.name}: has no header; its first line names the columns")
        parse = _csv_parser(path, header[2], form)
    elif path.suffix.lower() not in (".jsonl", ".ndjson"):
        raise BadRequest(f"{path.name}: must end in .csv or .jsonl")
    for number, end, text in lines:
        yield Parsed(line=number, end=end, record=_record(number, text, parse))


def _lines(file: BinaryIO) -> Iterator[tuple[int, int, str | None]]:
    """Number, end and text of each line; None for one that is too long to hold."""
    number = end = 0
    while raw := file.readline(LINE_BYTES):
        number += 1
        end += len(raw)
        if len(raw) < LINE_BYTES or raw.endswith(b"\n"):
            text = raw.decode("utf-8-sig" if number == 1 else "utf-8")
            yield number, end, text.rstrip("\r\n")
            continue
        while raw and not raw.endswith(b"\n"):
            raw = file.readline(LINE_BYTES)
            end += len(raw)
        yield number, end, None


def _record(number: int, text: str | None, parse: Callable[[str], T]) -> T | RefusedLine | None:
    if text is None:
        return RefusedLine(line=number, reason=f"the line is longer than {LINE_BYTES} bytes")
    if not text.strip():
        return None
    try:
        return parse(text)
    except (msgspec.MsgspecError, csv.Error, RecursionError) as error:
        return RefusedLine(line=number, reason=_plain(str(error)))


def _plain(message: str) -> str:
    """msgspec's message with the field in front, and a missing one in plain words."""
    missing = re.search(r"missing required field `([^`]+)`", message)
    if missing:
        return f"{missing[1]}: is missing; fill it in"
    text, _, where = message.partition(" - at `$.")
    return f"{where.rstrip('`')}: {text}" if where else text


def _csv_parser(path: Path, header: str, form: Form[T]) -> Callable[[str], T]:
    try:
        columns = [name.strip().lower() for name in _cells(header)]
    except csv.Error as error:
        raise BadRequest(f"{path.name}: line 1: the header cannot be read ({error})") from error
    for name in columns:
        if name not in form.columns:
            guess = difflib.get_close_matches(name, form.columns, n=1)
            hint = (
                f"did you mean {guess[0]!r}?" if guess else f"known are {', '.join(form.columns)}"
            )
            raise BadRequest(f"{path.name}: line 1: unknown column {name!r}; {hint}")
    needed = form.columns[0]
    if needed not in columns or len(set(columns)) < len(columns):
        raise BadRequest(
            f"{path.name}: line 1: each column stands once, and {needed} is one of them"
        )

    def parse(text: str) -> T:
        cells = _cells(text)
        if len(cells) != len(columns):
            raise csv.Error(f"{len(cells)} cells where the header has {len(columns)}")
        row = {name: cell.strip() for name, cell in zip(columns, cells, strict=True)}
        return form.of_cells({name: cell for name, cell in row.items() if cell})

    return parse


def _cells(text: str) -> list[str]:
    return next(csv.reader([text], strict=True))
