"""The lines of an import file, read with bounded memory, each parsed or refused with a reason.

CSV has a header with columns of ``COLUMNS`` and a comma between cells; ``sizes`` are written
``shoe:42 EU; top:M EU``, ``preferences`` with a ``;`` between them, ``do_not_disturb`` yes or no.
JSON Lines has one object a line with the same names as ``MemberLine``, ``purchases`` included.
One record stands on one line; UTF-8, with or without a BOM.
"""

from __future__ import annotations

import codecs
import csv
import difflib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated, BinaryIO

import msgspec
from msgspec import Meta

from edge.domain import AgeBand, Language, Size, SizeSystem
from edge.errors import BadRequest

LINE_BYTES = 1024 * 1024
CHUNK_BYTES = 1024 * 1024
COLUMNS = (
    "name",
    "card_number",
    "phone",
    "language",
    "age_band",
    "sizes",
    "preferences",
    "do_not_disturb",
)
_YES = frozenset({"yes", "true", "1", "y", "是"})
_NO = frozenset({"no", "false", "0", "n", "否"})


class PurchaseLine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A purchase of a JSON line; ``id`` names it for good, so that it is never taken twice."""

    id: Annotated[str, Meta(min_length=1, max_length=64)]
    item: Annotated[str, Meta(min_length=1, max_length=200)]
    category: Annotated[str, Meta(max_length=80)] = ""
    amount: Decimal
    currency: Annotated[str, Meta(pattern=r"^[A-Z]{3}\Z")]
    bought_at: Annotated[datetime, Meta(tz=True)]

    def __post_init__(self) -> None:
        if not (self.amount.is_finite() and abs(self.amount) < Decimal(10**9)):
            raise ValueError("amount must be a plain number below 1,000,000,000")


class MemberLine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A record; what is None was left out and stays as it is."""

    name: str
    card_number: str | None = None
    phone: str | None = None
    language: Language | None = None
    age_band: AgeBand | None = None
    sizes: tuple[Size, ...] | None = None
    preferences: tuple[str, ...] | None = None
    do_not_disturb: bool | None = None
    purchases: Annotated[tuple[PurchaseLine, ...], Meta(max_length=5000)] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedLine:
    """A line that was not taken, and why; ``line`` counts from 1."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """A line of the file and where it ends, in bytes from the start."""

    line: int
    end: int
    record: MemberLine | RefusedLine | None


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


def parse_file(path: Path, file: BinaryIO) -> Iterator[Parsed]:
    """The records of a file that ``check_encoding`` let pass.

    Raises ``BadRequest`` for another kind of file, or a header that cannot be understood.
    """
    parse: Callable[[str], MemberLine] = _record_of_json
    lines = _lines(file)
    if path.suffix.lower() == ".csv":
        header = next(lines, None)
        if header is None or header[2] is None:
            raise BadRequest(f"{path.name}: has no header; its first line names the columns")
        parse = _csv_parser(path, header[2])
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


def _record(
    number: int, text: str | None, parse: Callable[[str], MemberLine]
) -> MemberLine | RefusedLine | None:
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


def _record_of_json(text: str) -> MemberLine:
    return msgspec.json.decode(text, type=MemberLine)


def _csv_parser(path: Path, header: str) -> Callable[[str], MemberLine]:
    try:
        columns = [name.strip().lower() for name in _cells(header)]
    except csv.Error as error:
        raise BadRequest(f"{path.name}: line 1: the header cannot be read ({error})") from error
    for name in columns:
        if name not in COLUMNS:
            guess = difflib.get_close_matches(name, COLUMNS, n=1)
            hint = f"did you mean {guess[0]!r}?" if guess else f"known are {', '.join(COLUMNS)}"
            raise BadRequest(f"{path.name}: line 1: unknown column {name!r}; {hint}")
    if "name" not in columns or len(set(columns)) < len(columns):
        raise BadRequest(f"{path.name}: line 1: each column stands once, and name is one of them")

    def parse(text: str) -> MemberLine:
        cells = _cells(text)
        if len(cells) != len(columns):
            raise csv.Error(f"{len(cells)} cells where the header has {len(columns)}")
        row = {name: cell.strip() for name, cell in zip(columns, cells, strict=True)}
        return _record_of_cells({name: cell for name, cell in row.items() if cell})

    return parse


def _cells(text: str) -> list[str]:
    return next(csv.reader([text], strict=True))


def _record_of_cells(row: dict[str, str]) -> MemberLine:
    values: dict[str, object] = dict(row)
    if "sizes" in row:
        values["sizes"] = [_size(part) for part in row["sizes"].split(";") if part.strip()]
    if "preferences" in row:
        parts = (part.strip() for part in row["preferences"].split(";"))
        values["preferences"] = [part for part in parts if part]
    if "do_not_disturb" in row:
        values["do_not_disturb"] = _yes_or_no(row["do_not_disturb"])
    return msgspec.convert(values, MemberLine)


def _size(text: str) -> Size:
    """``shoe:42 EU``: the garment, the value, the system."""
    garment, colon, rest = text.strip().partition(":")
    value, blank, system = rest.strip().rpartition(" ")
    if not colon or not blank:
        raise csv.Error(f"sizes: {text.strip()!r} is not written like 'shoe:42 EU'")
    systems = {known.lower(): known for known in SizeSystem}
    plain = {"garment": garment.strip().lower(), "value": value.strip()}
    return msgspec.convert({**plain, "system": systems.get(system.lower(), system)}, Size)


def _yes_or_no(text: str) -> bool:
    if text.lower() in _YES:
        return True
    if text.lower() in _NO:
        return False
    raise csv.Error(f"do_not_disturb: {text!r} is neither yes nor no")
