"""Which of a product's variants a member wears, and what a catalogue may say."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal

from edge.domain import Product, Size, Variant
from edge.rules.profile import Flaw
from edge.rules.sizes import tidy_size

PRICE_LIMIT = Decimal(10**9)
_CURRENCY = re.compile(r"[A-Z]{3}")


def wears(variant: Variant, sizes: Iterable[Size]) -> bool:
    """Whether one of the sizes on the label is one of the member's.

    Sizes are compared within their garment and system only: no table turns EU into US for every
    brand, so a label that says both is what makes them equal.
    """
    worn = {tidy_size(size) for size in sizes} - {None}
    return any(tidy_size(size) in worn for size in variant.sizes)


def flaw_of(product: Product, variant: Variant) -> Flaw | None:
    """Why a product cannot be taken, or None."""
    if not product.name.strip():
        return Flaw(field="name", message="is missing; a product that is new needs its name")
    if (product.price is None) != (product.currency is None):
        return Flaw(field="currency", message="price and currency go together, e.g. 59.90 and EUR")
    if product.price is not None and not 0 <= product.price < PRICE_LIMIT:
        return Flaw(field="price", message="must be 0 or more, and below 1,000,000,000")
    if product.currency is not None and not _CURRENCY.fullmatch(product.currency):
        return Flaw(field="currency", message="must be three letters of ISO 4217, e.g. EUR")
    if variant.stock is not None and variant.stock < 0:
        return Flaw(field="stock", message="must be 0 or more; leave it out where nobody counts")
    return None
