"""What the shop sells: products, and the sizes each comes in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from edge.domain.members import Size


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """One style. ``price`` is in ``currency`` (ISO 4217); both are None where none is set."""

    id: str
    name: str
    category: str
    brand: str | None = None
    price: Decimal | None = None
    currency: str | None = None
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """One size of a product, under a code of its own.

    ``gtin`` has 14 digits; a shop's own number of restricted circulation may stand in its
    place. ``sizes`` say the same size in each system on the label, e.g. 42 EU and 8 UK.
    ``stock`` is None where nobody counts.
    """

    gtin: str
    product_id: str
    sizes: tuple[Size, ...] = ()
    stock: int | None = None
