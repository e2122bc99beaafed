"""The chain's catalogue: the file that a store would import, told to every store.

A line is a variant; the lines of one product stand together in one message. ``stock`` is
passed over, because each store counts its own.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from pathlib import Path

import msgspec

from edge.contract import Price, ProductKnown, Size, Variant
from hq import feed
from hq.envelope import envelope
from hq.problems import Mistake
from hq.schema import Connection

COLUMNS = {"gtin", "product", "name", "category", "brand", "price", "currency", "sizes", "stock"}
_SIZE = re.compile(r"(\w+):\s*(.+?)\s+(\w+)")


def read(file: Path) -> list[ProductKnown]:
    """The products of a CSV file. Raises ``Mistake`` that names the line."""
    products: dict[str, ProductKnown] = {}
    try:
        with file.open(encoding="utf-8-sig", newline="") as opened:
            rows = csv.DictReader(opened)
            strange = set(rows.fieldnames or ()) - COLUMNS
            if strange or "product" not in (rows.fieldnames or ()):
                raise Mistake(f"{file}: columns are {', '.join(sorted(COLUMNS))}")
            for row in rows:
                try:
                    _add(products, row)
                except (msgspec.ValidationError, ValueError) as error:
                    raise Mistake(f"{file}, line {rows.line_num}: {error}") from error
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise Mistake(f"{file} cannot be read: {error}") from error
    return list(products.values())


async def tell(connection: Connection, products: Iterable[ProductKnown]) -> None:
    """Tell every store of products; each replaces what was told of it before."""
    changes = [(f"product:{product.product_id}", product) for product in products]
    await feed.append(connection, "changes", [*changes])


def _add(products: dict[str, ProductKnown], row: dict[str, str]) -> None:
    cell = {name: (value or "").strip() for name, value in row.items() if name is not None}
    product_id = cell.get("product", "")
    before = products.get(product_id)
    plain: dict[str, object] = msgspec.to_builtins(before) if before else {**envelope()}
    said = {name: cell[name] for name in ("name", "category", "brand") if cell.get(name)}
    plain |= {"product_id": product_id, "category": plain.get("category", "")} | said
    if cell.get("price"):
        plain["price"] = msgspec.to_builtins(
            Price(amount=cell["price"], currency=cell.get("currency", ""))
        )
    variant = Variant(gtin=cell.get("gtin", ""), sizes=_sizes(cell.get("sizes", "")))
    others = before.variants if before else ()
    plain["variants"] = msgspec.to_builtins((*others, variant))
    plain["type"] = "ProductKnown"
    products[product_id] = msgspec.convert(plain, ProductKnown)


def _sizes(text: str) -> tuple[Size, ...]:
    """``shoe:42 EU; shoe:8 UK``"""
    found = []
    for part in filter(None, map(str.strip, text.split(";"))):
        match = _SIZE.fullmatch(part)
        if match is None:
            raise ValueError(f"{part!r} is no size; write it as shoe:42 EU")
        garment, value, system = match.groups()
        found.append(msgspec.convert({"garment": garment, "system": system, "value": value}, Size))
    return tuple(found)
