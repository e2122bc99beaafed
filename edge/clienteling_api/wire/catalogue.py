"""Products, as phones see them."""

from __future__ import annotations

from decimal import Decimal

from edge.clienteling_api.wire.body import Response
from edge.domain import Size


class VariantView(Response, frozen=True, kw_only=True):
    """One size of a product. ``sizes`` is the same size in each system on the label; ``stock``
    is null where nobody counts. ``worn`` says that it is the member's size.
    """

    gtin: str
    sizes: tuple[Size, ...]
    stock: int | None
    worn: bool


class ProductView(Response, frozen=True, kw_only=True):
    """A product with all its sizes. ``scanned`` is the number asked for, in 14 digits.

    ``member_sizes`` is what the member wears of these garments: empty without a member.
    """

    id: str
    name: str
    category: str
    brand: str | None
    price: Decimal | None
    currency: str | None
    scanned: str
    variants: list[VariantView]
    member_sizes: tuple[Size, ...]
