"""Codes that must not pass, as a guide sees them: each refused with words of its own."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from e2e.counter import wedge
from e2e.shop import ANNA, CHEN, Pick, Shop
from structlog.testing import capture_logs

from edge.domain import AmountOff, Campaign, Member, Money, Voucher, Window, new_id
from edge.rules.issuing import voucher_of
from edge.rules.member_card import CardKind, encode, member_key
from edge.rules.voucher_code import encode as sign
from edge.store import Transaction


@dataclass
class Mint:
    """Makes codes for the shop, good ones and bad ones."""

    shop: Shop
    key: Ed25519PrivateKey
    key_id: str
    campaign: Campaign

    def signed(self, key: Ed25519PrivateKey | None = None, **changes: Any) -> str:
        plain: Voucher = voucher_of(self.campaign, new_id(), None)
        return sign(replace(plain, **changes), key or self.key, self.key_id)

    async def card(self, member: Member, ago: timedelta = timedelta(0)) -> str:
        read = self.shop.gateway.store.read
        secret = await read(lambda reader: reader.code_keys.cards())
        shown_at = datetime.now(UTC) - ago
        return encode(member_key(secret, member.id), CardKind.SHOWN, member.id, shown_at)


@pytest.fixture
async def mint(shop: Shop) -> Mint:
    now = datetime.now(UTC)
    campaign = Campaign(
        id=new_id(),
        name="Welcome back",
        value=AmountOff(money=Money(amount=Decimal(10), currency="EUR")),
        stores=(shop.gateway.config.store.id,),
        created_at=now,
    )

    def story(tx: Transaction) -> tuple[str, bytes | None]:
        tx.vouchers.put_campaign(campaign)
        key = tx.code_keys.create(now)
        return key.id, tx.code_keys.private(key.id)

    key_id, private = await shop.gateway.store.write(story)
    assert private is not None
    return Mint(shop, Ed25519PrivateKey.from_private_bytes(private), key_id, campaign)


def altered(code: str) -> str:
    """One letter of the signature is another."""
    at = len(code) - 20
    return code[:at] + ("A" if code[at] != "A" else "B") + code[at + 1 :]


async def test_each_bad_code_is_refused_with_its_own_words_and_never_logged(
    shop: Shop, mint: Mint, pick_up: Pick, tmp_path: Path
) -> None:
    anna, chen = await shop.join(ANNA), await shop.join(CHEN)
    now, day = datetime.now(UTC).replace(microsecond=0), timedelta(days=1)
    later = (now + timedelta(hours=3)).time().replace(second=0, microsecond=0)
    window = Window(opens=later, closes=time((later.hour + 1) % 24, later.minute))
    phone = await pick_up()
    await phone.pair(shop)
    await phone.go("Scan")
    await phone.sees("Scan")
    good = mint.signed()
    revoked = mint.signed()
    bad = {
        "altered or made by someone else": [
            altered(mint.signed()),
            mint.signed(Ed25519PrivateKey.generate()),
        ],
        "This is not a voucher": [good[:-30], "RV:" + "NONSENSE" * 375],
        "Was valid until": [mint.signed(valid_until=now - day)],
        "Valid from": [mint.signed(valid_from=now + day)],
        "Valid daily, next from": [mint.signed(window=window)],
        "Valid in paris-2": [mint.signed(stores=("paris-2",))],
        "Needs the member's card": [mint.signed(member_id=anna.id)],
    }
    stale = await mint.card(anna, ago=timedelta(minutes=2))
    with capture_logs() as logs:
        for words, codes in bad.items():
            for code in codes:
                await phone.page.keyboard.insert_text(code)
                await phone.page.keyboard.press("Enter")
                await phone.sees("Not valid")
                await phone.reads(words)
                await phone.tap("Back")
                await phone.page.get_by_label("Field for a handheld scanner").focus()
        await wedge(phone, stale)
        await phone.sees("Not accepted")
        card = await mint.card(chen)
        await wedge(phone, card)
        await phone.sees(chen.name)
        await phone.tap("Back")
        await wedge(phone, mint.signed(member_id=anna.id))
        await phone.reads("Belongs to another member")
        await shop.gateway.store.write(
            lambda tx: tx.vouchers.revoke("key", mint.key_id, datetime.now(UTC))
        )
        await wedge(phone, revoked)
        await phone.reads("The key of this voucher was revoked")
    written = str(logs)
    assert written
    for code in (good, revoked, stale, card, *(code for codes in bad.values() for code in codes)):
        assert code not in written
        assert code[3:40] not in written


async def test_a_card_shown_on_one_phone_is_a_copy_on_the_next(
    shop: Shop, mint: Mint, pick_up: Pick
) -> None:
    member = await shop.join(ANNA)
    first, second = await pick_up(), await pick_up()
    for number, phone in enumerate((first, second)):
        await phone.pair(shop, guide_name=f"Guide {number}")
        await phone.go("Scan")
        await phone.sees("Scan")
    code = await mint.card(member)
    await wedge(first, code)
    await first.sees(member.name)
    await wedge(second, code)
    await second.sees("Not accepted")
