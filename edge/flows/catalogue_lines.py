"""What a line of an import of the catalogue says: one variant, and the product it is of.

In CSV ``sizes`` are written ``shoe:42 EU; shoe:8 UK``: the same size in each system on the label.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

import msgspec
from msgspec import Meta

from edge.domain import Size
from edge.flows.import_lines import read_size
from edge.flows.lines import Form

COLUMNS = (
    "gtin",
    "product",
    "name",
    "category",
    "brand",
    "price",
    "currency",
    "sizes",
    "stock",
)


class CatalogueLine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A record; what is None was left out and stays as it is."""

    gtin: Annotated[str, Meta(max_length=20)]
    product: Annotated[str, Meta(min_length=1, max_length=64)] | None = None
    name: Annotated[str, Meta(max_length=200)] | None = None
    category: Annotated[str, Meta(max_length=80)] | None = None
    brand: Annotated[str, Meta(max_length=80)] | None = None
    price: Decimal | None = None
    currency: str | None = None
    sizes: Annotated[tuple[Size, ...], Meta(max_length=12)] | None = None
    stock: int | None = None

    def __post_init__(self) -> None:
        if self.price is not None and not self.price.is_finite():
            raise ValueError("price must be a plain number, e.g. 59.90")


def _of_cells(row: dict[str, str]) -> CatalogueLine:
    values: dict[str, object] = dict(row)
    if "sizes" in row:
        values["sizes"] = [read_size(part) for part in row["sizes"].split(";") if part.strip()]
    return msgspec.convert(values, CatalogueLine, strict=False)


CATALOGUE = Form(record=CatalogueLine, columns=COLUMNS, of_cells=_of_cells)
