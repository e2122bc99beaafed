"""Whose size a variant is, and which products cannot be taken."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from edge.domain import Garment, Product, Size, SizeSystem, Variant
from edge.rules.catalogue import flaw_of, wears

EU_42 = Size(garment=Garment.SHOE, system=SizeSystem.EU, value="42")
UK_8 = Size(garment=Garment.SHOE, system=SizeSystem.UK, value="8")
TOP_M = Size(garment=Garment.TOP, system=SizeSystem.EU, value="M")
VARIANT = Variant(gtin="04006381333931", product_id="trail", sizes=(EU_42, UK_8))
PRODUCT = Product(
    id="trail",
    name="Trail shoe",
    category="shoes",
    price=Decimal("129.00"),
    currency="EUR",
    updated_at=datetime(2026, 3, 1, tzinfo=UTC),
)


def test_a_member_wears_a_size_in_any_system_of_the_label() -> None:
    assert wears(VARIANT, [UK_8])
    assert wears(VARIANT, [TOP_M, EU_42])
    assert wears(VARIANT, [replace(EU_42, value="42,0")])


def test_a_size_of_another_system_or_garment_is_not_guessed() -> None:
    assert not wears(VARIANT, [Size(garment=Garment.SHOE, system=SizeSystem.US, value="9")])
    assert not wears(VARIANT, [replace(EU_42, garment=Garment.BOTTOM)])
    assert not wears(VARIANT, [])


def test_a_product_without_sizes_is_nobodys_size() -> None:
    assert not wears(replace(VARIANT, sizes=()), [EU_42])


def test_a_whole_product_has_no_flaw() -> None:
    assert flaw_of(PRODUCT, VARIANT) is None
    assert flaw_of(replace(PRODUCT, price=None, currency=None), VARIANT) is None


@pytest.mark.parametrize(
    ("product", "variant", "field"),
    [
        (replace(PRODUCT, name=" "), VARIANT, "name"),
        (replace(PRODUCT, currency=None), VARIANT, "currency"),
        (replace(PRODUCT, currency="eur"), VARIANT, "currency"),
        (replace(PRODUCT, price=Decimal(-1)), VARIANT, "price"),
        (replace(PRODUCT, price=Decimal(10**9)), VARIANT, "price"),
        (PRODUCT, replace(VARIANT, stock=-1), "stock"),
    ],
)
def test_a_flaw_names_its_field(product: Product, variant: Variant, field: str) -> None:
    flaw = flaw_of(product, variant)
    assert flaw is not None
    assert flaw.field == field
