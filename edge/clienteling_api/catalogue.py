"""What the shop sells."""

from __future__ import annotations

import msgspec

from edge.clienteling_api import wire
from edge.clienteling_api.parts import Parts
from edge.clienteling_api.requests import ProductNumber, ProductQuery
from edge.domain import Session
from edge.flows.catalogue import ProductDetails


async def get_product(
    parts: Parts, guide: Session, gtin: ProductNumber, query: ProductQuery
) -> wire.ProductView:
    """Open a product by its number, with the size that a member wears.

    The number is a GTIN of 8, 12, 13 or 14 digits, or a number of the shop's own. With
    `member_id` the view is written to the member's audit log.
    """
    member_id = None if query.member_id is msgspec.UNSET else query.member_id
    return product_view(await parts.catalogue.find(guide, gtin, member_id))


def product_view(details: ProductDetails) -> wire.ProductView:
    """A product as phones see it."""
    product = details.product
    worn = {variant.gtin for variant in details.worn}
    return wire.ProductView(
        id=product.id,
        name=product.name,
        category=product.category,
        brand=product.brand,
        price=product.price,
        currency=product.currency,
        scanned=details.scanned.gtin,
        variants=[
            wire.VariantView(gtin=v.gtin, sizes=v.sizes, stock=v.stock, worn=v.gtin in worn)
            for v in details.variants
        ],
        member_sizes=details.member_sizes,
    )
