"""What a line of an import of members says.

In CSV ``sizes`` are written ``shoe:42 EU; top:M EU``, ``preferences`` with a ``;`` between them,
``do_not_disturb`` yes or no. JSON Lines has the names of ``MemberLine``, ``purchases`` included.
"""

from __future__ import annotations

import csv
from datetime import datetime
from decimal import Decimal
from typing import Annotated

import msgspec
from msgspec import Meta

from edge.domain import AgeBand, Language, Size, SizeSystem
from edge.flows.lines import Form

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


def _of_cells(row: dict[str, str]) -> MemberLine:
    values: dict[str, object] = dict(row)
    if "sizes" in row:
        values["sizes"] = [read_size(part) for part in row["sizes"].split(";") if part.strip()]
    if "preferences" in row:
        parts = (part.strip() for part in row["preferences"].split(";"))
        values["preferences"] = [part for part in parts if part]
    if "do_not_disturb" in row:
        values["do_not_disturb"] = _yes_or_no(row["do_not_disturb"])
    return msgspec.convert(values, MemberLine)


def read_size(text: str) -> Size:
    """``shoe:42 EU``: the garment, the value, the system. Raises ``csv.Error``."""
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


MEMBERS = Form(record=MemberLine, columns=COLUMNS, of_cells=_of_cells)
