"""What the chain sells and gives away, taken into this store as headquarters tells it.

Each is judged by the rules of a file that the store would import itself, before anything of it
is written.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode
from binascii import Error as NoBase64
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

import msgspec

from edge import contract
from edge.domain import Campaign, Lease, Money, Product, Size, Variant, VoucherKey
from edge.errors import BadRequest, Conflict
from edge.flows.campaign_file import flaw_of as campaign_flaw
from edge.rules.catalogue import flaw_of
from edge.rules.gtin import gtin14
from edge.rules.sizes import tidy_size
from edge.store import Transaction

PUBLIC_BYTES = 32
Told = (
    contract.LeaseGranted
    | contract.Revoked
    | contract.ProductKnown
    | contract.CampaignKnown
    | contract.VoucherKeyKnown
    | contract.ConfigurationKnown
)


def take(tx: Transaction, told: Told, now: datetime) -> None:
    """Take one thing in, or raise ``BadRequest`` or ``Conflict`` before any of it is written."""
    match told:
        case contract.LeaseGranted():
            _take_lease(tx, told)
        case contract.Revoked():
            tx.vouchers.revoke(told.kind, told.subject_id, told.at)
        case contract.ProductKnown():
            _take_product(tx, told, now)
        case contract.CampaignKnown():
            _take_campaign(tx, told)
        case contract.VoucherKeyKnown():
            _take_key(tx, told)
        case contract.ConfigurationKnown():
            _take_settings(tx, told)


def _take_product(tx: Transaction, known: contract.ProductKnown, now: datetime) -> None:
    """Raises ``BadRequest`` for a product that cannot be. What is in stock stays as counted."""
    price = known.price
    product = Product(
        id=known.product_id,
        name=known.name.strip(),
        category=known.category.strip(),
        brand=known.brand,
        price=decimal(price.amount) if price else None,
        currency=price.currency if price else None,
        updated_at=now,
    )
    variants = [_variant(tx, product, each) for each in known.variants]
    before = tx.catalogue.product(product.id)
    if before is None or product != replace(before, updated_at=now):
        tx.catalogue.put_product(product)
    for variant in variants:
        tx.catalogue.put_variant(variant)


def _variant(tx: Transaction, product: Product, told: contract.Variant) -> Variant:
    gtin = gtin14(told.gtin)
    sizes = [tidy_size(msgspec.convert(msgspec.to_builtins(s), Size)) for s in told.sizes]
    if gtin is None or None in sizes:
        raise BadRequest(f"{told.gtin} is no number, or has no size, that can be", field="variants")
    before = tx.catalogue.variant(gtin) or Variant(gtin=gtin, product_id=product.id)
    tidied = tuple(size for size in sizes if size is not None)
    variant = replace(before, product_id=product.id, sizes=tidied)
    flaw = flaw_of(product, variant)
    if flaw is not None:
        raise BadRequest(flaw.message, field=flaw.field)
    return variant


def _take_campaign(tx: Transaction, known: contract.CampaignKnown) -> None:
    """Raises ``BadRequest`` for terms that make no sense."""
    plain = msgspec.to_builtins(known.terms)
    plain |= {"id": known.campaign_id, "created_at": known.created_at, "ended_at": known.ended_at}
    plain["products"] = [gtin14(gtin) or gtin for gtin in known.terms.products]
    try:
        campaign = msgspec.convert(plain, Campaign)
    except msgspec.ValidationError as error:
        raise BadRequest(f"these are no terms of a campaign: {error}") from error
    flaw = campaign_flaw(campaign)
    if flaw is not None:
        raise BadRequest(flaw)
    tx.vouchers.put_campaign(campaign)


def _take_key(tx: Transaction, known: contract.VoucherKeyKnown) -> None:
    """A key that verifies and, having no private half here, never signs.

    Raises ``BadRequest`` for what is no key and ``Conflict`` where another key has its id.
    """
    try:
        public = urlsafe_b64decode(known.public + "=" * (-len(known.public) % 4))
    except (NoBase64, ValueError) as error:
        raise BadRequest("the public key is not in base64url") from error
    if len(public) != PUBLIC_BYTES:
        raise BadRequest(f"a public key has {PUBLIC_BYTES} bytes")
    before = tx.code_keys.get(known.key_id)
    if before is not None and before.public != public:
        raise Conflict("another key of this store has this id")
    if before is None:
        tx.code_keys.put(VoucherKey(id=known.key_id, public=public, created_at=known.at))


def _take_lease(tx: Transaction, granted: contract.LeaseGranted) -> None:
    """The same lease again with a later end renews it: what was taken from it stays taken."""
    budget = None
    if granted.budget is not None and granted.currency is not None:
        budget = Money(amount=decimal(granted.budget), currency=granted.currency)
    lease = Lease(
        id=granted.lease_id,
        campaign_id=granted.campaign_id,
        voucher_id=granted.voucher_id,
        uses=granted.uses,
        budget=budget,
        granted_at=granted.at,
        expires_at=granted.expires_at,
    )
    tx.vouchers.put_lease(lease)


def _take_settings(tx: Transaction, known: contract.ConfigurationKnown) -> None:
    """Raises ``BadRequest`` for a key or value that cannot be; then all stays as it was."""
    for setting in known.settings:
        try:
            contract.value_of(setting)
        except ValueError as error:
            raise BadRequest(str(error)) from error
    tx.exchange.put_settings(known.settings)


def decimal(text: str) -> Decimal:
    """Raises ``BadRequest``."""
    try:
        return msgspec.convert(text, Decimal)
    except msgspec.ValidationError as error:
        raise BadRequest("not an amount of money") from error
