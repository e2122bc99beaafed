"""Products by number: what a scanned label opens, with the size of the member who asks."""

from __future__ import annotations

from dataclasses import dataclass

from edge.domain import Product, Session, Size, Variant
from edge.errors import NotFound
from edge.flows.cards import VIEWED
from edge.rules.catalogue import wears
from edge.rules.gtin import gtin14
from edge.store import Reader, Store, Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductDetails:
    """A product as a guide sees it. ``scanned`` is the variant whose number was asked for.

    ``worn`` are the variants of the member's size and ``member_sizes`` what the member wears of
    these garments; both are empty without a member.
    """

    product: Product
    scanned: Variant
    variants: tuple[Variant, ...]
    worn: tuple[Variant, ...]
    member_sizes: tuple[Size, ...]


class Catalogue:
    """What the shop sells."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def find(self, guide: Session, number: str, member_id: str | None) -> ProductDetails:
        """The product of a GTIN in any of its forms. A member's size is part of their card, so
        showing it is audited. Raises ``NotFound``.
        """
        gtin = gtin14(number)
        if gtin is None:
            raise NotFound(
                "No product has this number: its check digit does not hold; scan it again"
            )
        if member_id is None:
            return await self._store.read(lambda reader: _details(reader, gtin, ()))

        def story(tx: Transaction) -> ProductDetails:
            member = tx.members.get(member_id)
            if member is None:
                raise NotFound("This member is no longer here; open the card again")
            details = _details(tx, gtin, member.sizes)
            tx.audit.append(
                actor=guide.guide_name, action=VIEWED, subject=member.id, reason="product"
            )
            return details

        return await self._store.write(story)


def _details(reader: Reader, gtin: str, sizes: tuple[Size, ...]) -> ProductDetails:
    scanned = reader.catalogue.variant(gtin)
    product = reader.catalogue.product(scanned.product_id) if scanned else None
    if scanned is None or product is None:
        raise NotFound("The catalogue has no product of this number; ask for it to be imported")
    variants = tuple(reader.catalogue.variants_of(product.id))
    garments = {size.garment for variant in variants for size in variant.sizes}
    return ProductDetails(
        product=product,
        scanned=scanned,
        variants=variants,
        worn=tuple(variant for variant in variants if wears(variant, sizes)),
        member_sizes=tuple(size for size in sizes if size.garment in garments),
    )
