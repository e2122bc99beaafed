"""Campaigns, batches and keys: what is issued is found again, once, whatever broke off."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from component.counter import Counterpart, open_counter
from component.flows_shop import GUIDE
from component.store_values import a_member, put
from unit.voucher_values import NOON, PARIS, a_campaign

from edge.domain import (
    Holder,
    Reason,
)
from edge.errors import BadRequest, Conflict, NotFound
from edge.flows.issuing import Issuing
from edge.flows.settlement import settle
from edge.flows.voucher_keys import VoucherKeys
from edge.rules.issuing import Code, codes

ANNA = a_member(id="anna", card_number="R-1001", phone="+49 171 5550123")
BEN = a_member(id="ben", card_number="R-1002", phone=None)
CAMPAIGN = a_campaign()


@pytest.fixture
async def counter(tmp_path: Path) -> AsyncIterator[Counterpart]:
    async with open_counter(tmp_path / "state") as counter:
        await counter.store.write(put(ANNA, BEN))
        await desk(counter).create(CAMPAIGN)
        yield counter


def desk(counter: Counterpart) -> Issuing:
    return Issuing(counter.store, counter.clock, "console: test")


def keys(counter: Counterpart) -> VoucherKeys:
    return VoucherKeys(counter.store, counter.clock, "console: test")


async def issued(counter: Counterpart, count: int = 3, channel: str = "till") -> list[Code]:
    batch = await desk(counter).begin(CAMPAIGN.id, count, channel)
    made = list(codes(await desk(counter).press(batch.id), 0, count))
    await desk(counter).written(batch.id)
    return made


# --- batches -------------------------------------------------------------------------------


async def test_every_form_of_an_issued_voucher_is_redeemed_once(counter: Counterpart) -> None:
    by_text, by_digits, _ = await issued(counter)
    assert (await counter.used(by_text.text)).voucher_id == by_text.voucher_id
    assert (await counter.refused(by_text.digits)).reason is Reason.USED_UP
    assert (await counter.used(by_digits.digits)).voucher_id == by_digits.voucher_id
    assert (await counter.refused(by_digits.text)).reason is Reason.USED_UP


async def test_a_batch_that_broke_off_is_the_same_batch_again(counter: Counterpart) -> None:
    begun = await desk(counter).begin(CAMPAIGN.id, 5, "till")
    assert await desk(counter).begin(CAMPAIGN.id, 5, "till") == begun
    other = await desk(counter).begin(CAMPAIGN.id, 5, "flyer")
    await desk(counter).written(begun.id)
    after = await desk(counter).begin(CAMPAIGN.id, 5, "till")
    assert (begun.first_number, other.first_number, after.first_number) == (0, 5, 10)
    assert len({begun.id, other.id, after.id}) == 3


async def test_vouchers_of_members_are_theirs_in_both_forms(counter: Counterpart) -> None:
    await desk(counter).create(replace(CAMPAIGN, id="ours", holder=Holder.MEMBER))
    batch = await desk(counter).begin("ours", 1, "", ["R-1001", "R-1002", "+49 171 5550123"])
    made = list(codes(await desk(counter).press(batch.id), 0, batch.count))
    assert [code.member_id for code in made] == ["anna", "ben"]
    for form in (made[0].text, made[0].digits):
        assert (await counter.refused(form)).reason is Reason.NEEDS_MEMBER
        other = await counter.refused(form, member_code="R-1002")
        assert other.reason is Reason.OTHER_MEMBER
    assert await counter.used(made[0].digits, member_code="R-1001")


async def test_what_cannot_be_issued_is_refused_with_its_reason(counter: Counterpart) -> None:
    with pytest.raises(NotFound, match="create it first"):
        await desk(counter).begin("nothing", 1, "")
    with pytest.raises(BadRequest, match="by name"):
        await desk(counter).begin(CAMPAIGN.id, 1, "", ["R-1001"])
    with pytest.raises(Conflict, match="another id"):
        await desk(counter).create(CAMPAIGN)
    with pytest.raises(BadRequest, match="4 to 32"):
        await desk(counter).word(CAMPAIGN.id, "1234567890123456", "")
    await desk(counter).end(CAMPAIGN.id)
    with pytest.raises(Conflict, match="has ended"):
        await desk(counter).begin(CAMPAIGN.id, 1, "")


async def test_a_word_is_given_once_however_it_is_spelled(counter: Counterpart) -> None:
    await desk(counter).word(CAMPAIGN.id, "Sommer-26", "radio")
    with pytest.raises(Conflict, match="already has this code"):
        await desk(counter).word(CAMPAIGN.id, "SOMMER 26", "radio")
    assert await counter.used("sommer 26")


# --- keys ----------------------------------------------------------------------------------


async def test_old_keys_verify_after_a_rotation_and_a_revoked_one_does_not(
    counter: Counterpart,
) -> None:
    old, *_ = await issued(counter)
    key = await keys(counter).rotate()
    new, *_ = await issued(counter)
    assert await counter.used(old.text)
    assert await counter.used(new.text)
    await keys(counter).revoke(key.id)
    third = await counter.refused(new.text)
    assert third.reason is Reason.KEY_REVOKED
    states = {state.key.id: state for state in await keys(counter).all()}
    assert states[key.id].revoked_at is not None
    assert not any(state.signs for state in states.values())
    assert sum(state.vouchers for state in states.values()) == 6
    after, *_ = await issued(counter)
    assert await counter.used(after.text), "a new key is made where none signs"


async def test_a_revoked_key_cannot_write_its_batch_again(counter: Counterpart) -> None:
    await issued(counter)
    (state,) = await keys(counter).all()
    (batch,) = await counter.store.read(lambda reader: reader.vouchers.batches(CAMPAIGN.id))
    await keys(counter).revoke(state.key.id)
    with pytest.raises(Conflict, match="revoked"):
        await desk(counter).press(batch.id)


# --- reports -------------------------------------------------------------------------------


async def test_the_settlement_counts_what_stands_and_what_was_undone(counter: Counterpart) -> None:
    till = await issued(counter, 3, "till")
    flyer = await issued(counter, 2, "flyer")
    undone = await counter.used(till[0].text)
    await counter.redemptions.reverse(GUIDE, "u1", undone.id)
    await counter.used(till[1].digits)
    counter.clock.move(days=1)
    await counter.used(flyer[0].text)
    report = await counter.store.read(lambda reader: settle(reader, CAMPAIGN.id, PARIS))
    assert report.issued == {"till": 3, "flyer": 2}
    assert [
        (line.channel, (line.day - NOON.date()).days, line.redeemed, line.reversed, line.value)
        for line in sorted(report.lines, key=lambda line: line.day)
    ] == [("till", 0, 1, 1, 5), ("flyer", 1, 1, 0, 5)]
