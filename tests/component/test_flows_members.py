"""Membership: what is written, what is refused, and that every look at a card is on record."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from component.flows_shop import GUIDE, MANAGER, Shop, open_shop

from edge import contract
from edge.domain import (
    AgeBand,
    Garment,
    Language,
    MemberChanged,
    Purchase,
    Size,
    SizeSystem,
    new_id,
)
from edge.errors import BadRequest, Conflict, NotFound
from edge.rules.profile import Profile


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    async with open_shop(tmp_path / "state") as shop:
        yield shop


async def test_a_new_member_is_stored_in_one_spelling_and_announced(shop: Shop) -> None:
    member = await shop.members.create(
        GUIDE,
        Profile(
            name=" Ana  Lima ",
            card_number=" A-100 ",
            phone="+33 4 78 12 34 56",
            language=Language.CHINESE,
            sizes=(Size(garment=Garment.SHOE, system=SizeSystem.EU, value="42,0"),),
        ),
    )
    assert (member.name, member.card_number, member.phone) == ("Ana Lima", "A-100", "+33478123456")
    assert member.sizes[0].value == "42"
    assert await shop.store.read(lambda reader: reader.members.get(member.id)) == member
    assert await shop.heard() == [MemberChanged(member_id=member.id)]
    (pending,) = await shop.store.read(lambda reader: reader.outbox.pending(10))
    assert isinstance(pending.message, contract.MemberChanged)


async def test_a_profile_that_cannot_be_is_refused_with_its_field(shop: Shop) -> None:
    shoe = Size(garment=Garment.SHOE, system=SizeSystem.US, value="42")
    with pytest.raises(BadRequest, match="0 to 20") as refused:
        await shop.members.create(GUIDE, Profile(name="Ana", sizes=(shoe,)))
    assert refused.value.field == "sizes"
    assert await shop.store.read(lambda reader: reader.members.count()) == 0


async def test_a_card_that_somebody_has_is_refused_whole(shop: Shop) -> None:
    await shop.member("Ana", "A-100")
    with pytest.raises(Conflict) as refused:
        await shop.member("Bea", "a-100")
    assert refused.value.field == "card_number"
    assert await shop.store.read(lambda reader: len(reader.outbox.pending(10))) == 1


async def test_an_edit_changes_what_it_names_and_nothing_else(shop: Shop) -> None:
    member = await shop.member("Ana", "A-100")
    shop.clock.move(hours=1)
    edited = await shop.members.edit(GUIDE, member.id, phone="0478123456", do_not_disturb=True)
    assert (edited.name, edited.card_number) == ("Ana", "A-100")
    assert (edited.phone, edited.do_not_disturb) == ("0478123456", True)
    assert edited.updated_at == shop.clock()
    cleared = await shop.members.edit(GUIDE, member.id, phone=None)
    assert cleared.phone is None


async def test_an_edit_that_changes_nothing_writes_nothing(shop: Shop) -> None:
    member = await shop.member("Ana")
    shop.clock.move(hours=1)
    assert await shop.members.edit(GUIDE, member.id, name="Ana ") == member
    assert await shop.store.read(lambda reader: len(reader.outbox.pending(10))) == 1


async def test_what_is_not_there_cannot_be_edited_noted_or_opened(shop: Shop) -> None:
    with pytest.raises(NotFound):
        await shop.members.edit(GUIDE, new_id(), name="Ana")
    with pytest.raises(NotFound):
        await shop.members.note(GUIDE, new_id(), "likes tea")
    with pytest.raises(NotFound):
        await shop.members.card(GUIDE, new_id(), "search")
    with pytest.raises(NotFound):
        await shop.members.who_looked(GUIDE, new_id())


async def test_a_note_keeps_its_author_and_refuses_controls(shop: Shop) -> None:
    member = await shop.member()
    note = await shop.members.note(GUIDE, member.id, "likes tea\nno scarf")
    assert (note.author, note.text) == ("Ana", "likes tea\nno scarf")
    with pytest.raises(BadRequest) as refused:
        await shop.members.note(GUIDE, member.id, "\x1b[31m")
    assert refused.value.field == "text"


async def test_the_card_holds_all_that_is_known(shop: Shop) -> None:
    member, consent = await shop.enrolled()
    purchase = Purchase(
        id="p1",
        member_id=member.id,
        item="Boots",
        category="Shoes",
        amount=Decimal("120.00"),
        currency="EUR",
        bought_at=shop.clock() - timedelta(days=2),
    )
    await shop.store.write(lambda tx: tx.purchases.add(purchase))
    note = await shop.members.note(GUIDE, member.id, "likes tea")
    arrived = await shop.arrivals.typed(GUIDE, member_id=member.id)
    card = await shop.members.card(GUIDE, member.id, "visit")
    assert card.member == member
    assert card.purchases == (purchase,)
    assert card.notes == (note,)
    assert card.open_visit == arrived.details
    assert (card.consent_id, card.templates) == (consent.id, 1)
    assert card.summary.days_since_purchase == 2
    assert card.summary.favourite_categories == ("Shoes",)


async def test_every_look_at_a_card_is_on_record_with_who_when_and_why(shop: Shop) -> None:
    member, _ = await shop.enrolled()
    await shop.arrivals.saw(shop.sighting(member))
    seen_at = shop.clock.move(minutes=1)
    await shop.members.card(GUIDE, member.id, "visit")
    await shop.members.card(MANAGER, member.id, "request")
    looks = await shop.members.who_looked(GUIDE, member.id)
    assert [(entry.actor, entry.action) for entry in looks] == [
        ("Bo", "card_viewed"),
        ("Ana", "card_viewed"),
        ("gateway", "card_shown"),
    ]
    assert (looks[1].at, looks[1].reason) == (seen_at, "visit")


async def test_a_search_finds_and_is_on_record_without_its_text(shop: Shop) -> None:
    member, _ = await shop.enrolled("王小明")
    plain = await shop.member("Wang Li")
    assert [(f.member, f.face_enrolled) for f in await shop.members.search(GUIDE, "小")] == [
        (member, True)
    ]
    assert [(f.member, f.face_enrolled) for f in await shop.members.search(GUIDE, "wang li")] == [
        (plain, False)
    ]
    (newest,) = await shop.store.read(lambda reader: reader.audit.tail(1))
    assert (newest.actor, newest.action, newest.reason) == ("Ana", "members_searched", "1 found")
    assert "wang li" not in repr(newest).lower()


async def test_a_minor_is_a_member_like_others(shop: Shop) -> None:
    kid = await shop.members.create(GUIDE, Profile(name="Kid", age_band=AgeBand.UNDER_18))
    arrived = await shop.arrivals.typed(GUIDE, member_id=kid.id)
    assert arrived.details.member == kid
