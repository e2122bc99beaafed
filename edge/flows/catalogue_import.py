"""Importing the catalogue from a file: a line is a variant, known by its number.

The same file imported twice changes nothing more; what a line leaves out stays as it is, so a
file of numbers and stock alone keeps the stock up to date.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from edge.domain import Product, Size, Variant
from edge.errors import BadRequest
from edge.flows.catalogue_lines import CATALOGUE, CatalogueLine
from edge.flows.importing import ImportStep, Note, Outcome, Taken, import_records
from edge.flows.lines import RefusedLine
from edge.rules.catalogue import flaw_of
from edge.rules.gtin import gtin14
from edge.rules.sizes import expected, tidy_size
from edge.store import Store, Transaction


def import_catalogue(
    store: Store, path: Path, clock: Callable[[], datetime], *, store_id: str
) -> AsyncIterator[ImportStep]:
    """Import a ``.csv`` or ``.jsonl`` file of variants; see ``import_records``."""
    return import_records(
        store,
        path,
        CATALOGUE,
        lambda tx, number, line: _take(tx, number, line, clock()),
        Note(action="catalogue_imported", what="variants", store_id=store_id),
    )


def _take(tx: Transaction, number: int, line: CatalogueLine, now: datetime) -> Outcome:
    try:
        before = tx.catalogue.variant(_gtin(line))
        variant = _variant(before, line)
        known = tx.catalogue.product(variant.product_id)
        product = _product(known, variant.product_id, line, now)
    except BadRequest as error:
        return RefusedLine(line=number, reason=f"{error.field}: {error.message}")
    if flaw := flaw_of(product, variant):
        return RefusedLine(line=number, reason=f"{flaw.field}: {flaw.message}")
    same_product = known is not None and product == replace(known, updated_at=now)
    if not same_product:
        tx.catalogue.put_product(product)
    if variant != before:
        tx.catalogue.put_variant(variant)
    if before is None:
        return Taken.CREATED
    return Taken.UNCHANGED if same_product and variant == before else Taken.UPDATED


def _gtin(line: CatalogueLine) -> str:
    gtin = gtin14(line.gtin.strip())
    if gtin is None:
        raise BadRequest(
            f"{line.gtin!r} is no number of 8, 12, 13 or 14 digits whose check digit holds; "
            "compare it with the label",
            field="gtin",
        )
    return gtin


def _variant(before: Variant | None, line: CatalogueLine) -> Variant:
    """The variant with what the line says about it. Raises ``BadRequest``."""
    product_id = line.product or (before.product_id if before else None)
    if product_id is None:
        raise BadRequest("is missing; a variant that is new needs it", field="product")
    variant = before or Variant(gtin=_gtin(line), product_id=product_id)
    said = {"stock": line.stock, "sizes": line.sizes and tuple(map(_tidy, line.sizes))}
    changes = {name: value for name, value in said.items() if value is not None}
    return replace(variant, product_id=product_id, **changes)  # type: ignore[arg-type]


def _tidy(size: Size) -> Size:
    tidy = tidy_size(size)
    if tidy is None:
        raise BadRequest(f"{size.value!r} cannot be; {expected(size)}", field="sizes")
    return tidy


def _product(known: Product | None, product_id: str, line: CatalogueLine, now: datetime) -> Product:
    """The product with what the line says about it."""
    product = known or Product(id=product_id, name="", category="", updated_at=now)
    return replace(
        product,
        name=(product.name if line.name is None else line.name).strip(),
        category=(product.category if line.category is None else line.category).strip(),
        brand=product.brand if line.brand is None else line.brand.strip(),
        price=product.price if line.price is None else line.price,
        currency=product.currency if line.currency is None else line.currency,
        updated_at=now,
    )
