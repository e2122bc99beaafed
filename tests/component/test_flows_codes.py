"""Codes in all their forms, as guides present them: signed, digits, words, members' cards."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from component.counter import Counterpart, open_counter
from component.flows_shop import GUIDE, MANAGER
from component.store_values import a_member, put
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from unit.voucher_values import a_campaign, a_voucher, an_issued

from edge.domain import Batch, Reason
from edge.errors import Conflict
from edge.flows.presenting import Offer
from edge.rules.digits import Digits, grouped
from edge.rules.member_card import CardKind, encode, member_key
from edge.rules.voucher_code import encode as sign
from edge.store import Transaction

ANNA = a_member(id="anna", card_number="R-1001", phone="+49 171 5550123")
CAMPAIGN = a_campaign()


@pytest.fixture
async def counter(tmp_path: Path) -> AsyncIterator[Counterpart]:
    async with open_counter(tmp_path / "state") as counter:
        await counter.store.write(put(ANNA))
        await counter.issue(CAMPAIGN)
        yield counter


async def signed(counter: Counterpart, voucher_id: str = "v2") -> str:
    """A voucher under a key of this store."""

    def story(tx: Transaction) -> str:
        key = tx.code_keys.create(counter.clock())
        private = tx.code_keys.private(key.id)
        assert private is not None
        return sign(
            replace(a_voucher(CAMPAIGN), id=voucher_id),
            Ed25519PrivateKey.from_private_bytes(private),
            key.id,
        )

    return await counter.store.write(story)


async def card(counter: Counterpart, kind: CardKind = CardKind.SHOWN) -> str:
    secret = await counter.store.read(lambda reader: reader.code_keys.cards())
    return encode(member_key(secret, "anna"), kind, "anna", counter.clock())


# --- vouchers ------------------------------------------------------------------------------


async def test_a_signed_voucher_is_redeemed_once_without_a_row_of_its_own(
    counter: Counterpart,
) -> None:
    code = await signed(counter)
    assert await counter.used(code)
    assert (await counter.refused(code.lower())).reason is Reason.USED_UP


async def test_digits_and_signed_code_of_one_voucher_are_one_voucher(counter: Counterpart) -> None:
    def story(tx: Transaction) -> tuple[str, str]:
        key = tx.code_keys.create(counter.clock())
        batch = Batch(
            id="ab" * 12,
            campaign_id=CAMPAIGN.id,
            first_number=1000,
            count=10,
            channel="till",
            key_id=key.id,
            issued_at=counter.clock(),
        )
        tx.vouchers.put_batch(batch)
        written = Digits(tx.code_keys.digits())
        return grouped(written.of(1007)), grouped(written.of(1010))

    ours, beyond = await counter.store.write(story)
    assert (await counter.used(ours)).voucher_id == "ab" * 12 + "00000007"
    assert (await counter.refused(ours.replace(" ", "-"))).reason is Reason.USED_UP
    assert (await counter.refused(beyond)).reason is Reason.UNKNOWN_CODE
    life = await counter.redemptions.life("ab" * 12 + "00000007")
    assert life.issued is not None
    assert life.issued.channel == "till"


async def test_a_digit_read_out_wrongly_says_so_and_is_no_guess(counter: Counterpart) -> None:
    for _ in range(20):
        assert (await counter.refused("1111 1111 1111 1111")).reason is Reason.MISTYPED


async def test_guessed_digits_soon_stop_being_looked_at(counter: Counterpart) -> None:
    digits = await counter.store.read(lambda reader: Digits(reader.code_keys.digits()))
    reasons = [(await counter.refused(digits.of(n))).reason for n in range(12)]
    assert reasons == [Reason.UNKNOWN_CODE] * 10 + [Reason.TOO_MANY_TRIES] * 2


async def test_a_word_is_taken_however_it_is_typed_and_given_once(counter: Counterpart) -> None:
    summer = an_issued(CAMPAIGN, id="w1", code="Summer-Oil")
    await counter.issue(CAMPAIGN, summer)
    with pytest.raises(Conflict, match="already has this code"):
        await counter.issue(CAMPAIGN, an_issued(CAMPAIGN, id="w2", code="SUMMER 0il"))
    assert (await counter.used("summer 01L")).voucher_id == "w1"


async def test_a_revoked_key_ends_its_vouchers_and_says_so(counter: Counterpart) -> None:
    code = await signed(counter)

    def story(tx: Transaction) -> None:
        (key,) = tx.code_keys.all()
        tx.vouchers.revoke("key", key.id, counter.clock())

    await counter.store.write(story)
    assert (await counter.refused(code)).reason is Reason.KEY_REVOKED


# --- cards ---------------------------------------------------------------------------------


async def test_a_card_is_good_for_the_guide_who_read_it_and_for_nobody_else(
    counter: Counterpart,
) -> None:
    ours = a_campaign(id="ours", per_member=5)
    await counter.issue(ours, an_issued(ours, id="o1", code="OURS-1"))
    shown = await card(counter)
    assert await counter.used("OURS-1", member_code=shown)
    again = await counter.refused("OURS-1", member_code=shown)
    assert again.reason is Reason.USED_UP
    copy = await counter.refused("OURS-1", member_code=shown, by=MANAGER)
    assert copy.reason is Reason.CARD_SHOWN_ELSEWHERE


async def test_an_earlier_code_of_a_card_is_a_copy(counter: Counterpart) -> None:
    earlier = await card(counter)
    counter.clock.move(seconds=30)
    later = await card(counter)
    await counter.redemptions.check(GUIDE, Offer(code="12345678", member_code=later))
    verdict = await counter.redemptions.check(GUIDE, Offer(code="12345678", member_code=earlier))
    assert verdict.refusal is not None
    assert verdict.refusal.reason is Reason.CARD_SHOWN_ELSEWHERE


async def test_a_photo_of_a_card_is_refused_after_a_minute(counter: Counterpart) -> None:
    shown = await card(counter)
    counter.clock.move(seconds=61)
    assert (await counter.refused(member_code=shown)).reason is Reason.CARD_STALE


async def test_a_card_that_turns_waits_for_a_clock_that_can_be_right(counter: Counterpart) -> None:
    """To say that the card is old would send the member to mend what is not broken."""
    shown, printed = await card(counter), await card(counter, CardKind.PRINTED)
    await counter.store.write(lambda tx: tx.redemptions.see(counter.clock()))
    noted = counter.clock()
    counter.clock.move(days=-2)
    refusal = await counter.refused(member_code=shown)
    assert (refusal.reason, refusal.until_at) == (Reason.CLOCK_WENT_BACK, noted)
    assert await counter.used(member_code=printed)


async def test_a_printed_card_holds_until_the_member_gets_another(counter: Counterpart) -> None:
    printed = await card(counter, CardKind.PRINTED)
    counter.clock.move(days=100)
    assert await counter.used(member_code=printed)

    def story(tx: Transaction) -> None:
        tx.vouchers.revoke("card", "anna", counter.clock())

    await counter.store.write(story)
    assert (await counter.refused(member_code=printed)).reason is Reason.CARD_WITHDRAWN
    counter.clock.move(minutes=1)
    assert (await counter.refused(member_code=await card(counter, CardKind.PRINTED))).reason is (
        Reason.USED_UP
    )
