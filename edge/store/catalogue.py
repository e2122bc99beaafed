"""What the shop sells, found by number."""

from __future__ import annotations

from edge.domain import Product, Variant
from edge.store.connection import Connection
from edge.store.rows import Table


class Catalogue:
    """Products and their variants."""

    def __init__(self, connection: Connection) -> None:
        self._products = Table(connection, Product, "products")
        self._variants = Table(connection, Variant, "variants", key="gtin")

    def product(self, product_id: str) -> Product | None:
        return self._products.get(product_id)

    def variant(self, gtin: str) -> Variant | None:
        """By 14 digits."""
        return self._variants.get(gtin)

    def variants_of(self, product_id: str) -> list[Variant]:
        """In the order of their numbers."""
        return self._variants.all("WHERE product_id = ? ORDER BY gtin", product_id)

    def count(self) -> int:
        """How many variants there are."""
        return self._variants.count()


class WritableCatalogue(Catalogue):
    def put_product(self, product: Product) -> None:
        self._products.put(product)

    def put_variant(self, variant: Variant) -> None:
        self._variants.put(variant)
