"""A list of stores to claim, from CSV or TOML; whatever is wrong names its line and its cell.

CSV has a row for each store. A column ``camera.ID`` holds the address of that camera, a column
``scanner.ID`` kind and source of that scanner with a space between. TOML has ``[[stores]]``, each
as it will stand in the claim.
"""

from __future__ import annotations

import csv
import io
import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from edge.contract import HEADQUARTERS, ClaimedStore
from hq.problems import Mistake

CONTROLLER = "controller_"
PLAIN = ("id", "name", "timezone", "language", "profile", "assessment", "retention_months")
COLUMNS = (*PLAIN, "notice_url", *(CONTROLLER + part for part in ("name", "address", "contact")))
TOLD_AT_MOST = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """Where a store stands in the file, and what it says, not checked yet."""

    where: str
    values: dict[str, Any]


def read(file: Path) -> list[ClaimedStore]:
    """Every store of a list. Raises ``Mistake`` with a line for each trouble, the first 20."""
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise Mistake(f"{file}: cannot be read ({error.strerror}); check the path") from error
    except UnicodeDecodeError as error:
        raise Mistake(f"{file}: is not UTF-8 text; save it as UTF-8") from error
    rows = list(_of_toml(text, file) if file.suffix == ".toml" else _of_csv(text, file))
    if not rows:
        raise Mistake(f"{file}: names no store")
    return checked(rows)


def one(values: dict[str, Any]) -> ClaimedStore:
    """A single store, as named on the command line."""
    (store,) = checked([_Row(where="the store", values=values)])
    return store


def checked(rows: Sequence[_Row]) -> list[ClaimedStore]:
    """The stores, or a ``Mistake`` that lists what is wrong with which."""
    stores: list[ClaimedStore] = []
    troubles: list[str] = []
    seen: dict[str, str] = {}
    for row in rows:
        try:
            store = msgspec.convert(row.values, ClaimedStore, strict=False)
        except msgspec.ValidationError as error:
            troubles.append(f"{row.where}, {_cell(str(error))}")
            continue
        troubles += [f"{row.where}, {trouble}" for trouble in _troubles(store)]
        if store.id in seen:
            troubles.append(f"{row.where}, id: {store.id!r} stands on {seen[store.id]} already")
        seen.setdefault(store.id, row.where)
        stores.append(store)
    if troubles:
        more = len(troubles) - TOLD_AT_MOST
        told = [*troubles[:TOLD_AT_MOST], *([f"and {more} more"] if more > 0 else [])]
        raise Mistake("no claim was made\n  " + "\n  ".join(told))
    return stores


def _of_toml(text: str, file: Path) -> Iterator[_Row]:
    try:
        listed = tomllib.loads(text).get("stores", [])
    except tomllib.TOMLDecodeError as error:
        raise Mistake(f"{file}: is not valid TOML: {error}") from error
    if not isinstance(listed, list) or not all(isinstance(store, dict) for store in listed):
        raise Mistake(f"{file}: stores is no list of tables; write [[stores]] before each")
    for number, values in enumerate(listed, 1):
        yield _Row(where=f"store {number}", values=values)


def _of_csv(text: str, file: Path) -> Iterator[_Row]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        columns = [name.strip() for name in next(reader, [])]
        _check_columns(columns, file)
        for cells in reader:
            where = f"line {reader.line_num}"
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(columns):
                raise Mistake(
                    f"{file}: {where} has {len(cells)} cells, the first line {len(columns)}; "
                    "put cells with commas between quotes"
                )
            yield _Row(where=where, values=_values(dict(zip(columns, cells, strict=True))))
    except csv.Error as error:
        raise Mistake(f"{file}: line {reader.line_num}: {error}; mend the quotes") from error


def _check_columns(columns: Sequence[str], file: Path) -> None:
    for name in columns:
        if name not in COLUMNS and not re.fullmatch(r"(camera|scanner)\.[a-z0-9-]+", name):
            raise Mistake(
                f"{file}: line 1: no column is called {name!r}; there are {', '.join(COLUMNS)}, "
                "camera.ID and scanner.ID"
            )
        if columns.count(name) > 1:
            raise Mistake(f"{file}: line 1: the column {name!r} stands twice")


def _values(cells: dict[str, str]) -> dict[str, Any]:
    """A row in the shape of the claim; an empty cell is not decided."""
    values: dict[str, Any] = {}
    for name, cell in ((name, cell.strip()) for name, cell in cells.items()):
        kind, _, device = name.partition(".")
        if not cell:
            continue
        if kind == "camera":
            values.setdefault("cameras", []).append({"id": device, "source": cell})
        elif kind == "scanner":
            speaks, _, source = cell.partition(" ")
            scanner = {"id": device, "kind": speaks, "source": source.strip()}
            values.setdefault("scanners", []).append(scanner)
        elif name.startswith(CONTROLLER):
            values.setdefault("controller", {})[name.removeprefix(CONTROLLER)] = cell
        else:
            values[name] = cell
    return values


def _cell(message: str) -> str:
    """msgspec's message with the cell in front."""
    text, _, path = message.partition(" - at `$")
    named = re.search(r"(?:field|contains unknown field) `([^`]+)`", text)
    cell = path.rstrip("`").lstrip(".") or (named.group(1) if named else "the row")
    return f"{cell}: {text[0].lower()}{text[1:]}"


def _troubles(store: ClaimedStore) -> Iterator[str]:
    """What the types cannot say."""
    if store.id == HEADQUARTERS:
        yield f"id: no store can be called {HEADQUARTERS!r}"
    try:
        ZoneInfo(store.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        yield (
            f"timezone: there is no zone {store.timezone!r}; use an IANA name such as Europe/Paris"
        )
    devices = [camera.id for camera in store.cameras] + [device.id for device in store.scanners]
    for twice in sorted({name for name in devices if devices.count(name) > 1}):
        yield f"cameras and scanners: {twice!r} stands twice"
