"""Members, visits and purchases: what is unique, what is found, in which order it comes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from component.store_values import START, Clock, a_consent, a_member, a_visit, put

from edge.domain import Claim, Purchase
from edge.errors import Conflict
from edge.store import Store, Transaction


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with Store.open(tmp_path / "state", Clock()) as store:
        yield store


# --- what is unique --------------------------------------------------------------------


@pytest.mark.parametrize("card", ["A100", "a100"])
async def test_a_card_number_belongs_to_one_member(store: Store, card: str) -> None:
    await store.write(put(a_member(card_number="A100")))
    with pytest.raises(Conflict, match="card number") as refused:
        await store.write(put(a_member(card_number=card)))
    assert refused.value.field == "card_number"


async def test_a_phone_number_belongs_to_one_member_however_it_is_written(store: Store) -> None:
    await store.write(put(a_member(phone="+86 138 0000 1234")))
    with pytest.raises(Conflict, match="phone number") as refused:
        await store.write(put(a_member(phone="+86-13800001234")))
    assert refused.value.field == "phone"


async def test_a_refused_member_leaves_the_rest_of_the_story_standing(store: Store) -> None:
    taken = a_member(card_number="A100")
    after = a_member()

    def story(tx: Transaction) -> None:
        tx.members.put(taken)
        with pytest.raises(Conflict):
            tx.members.put(a_member(card_number="A100"))
        tx.members.put(after)

    await store.write(story)
    assert await store.read(lambda reader: reader.members.count()) == 2


async def test_members_without_card_or_phone_do_not_collide(store: Store) -> None:
    await store.write(put(*[a_member(phone="none") for _ in range(3)]))
    assert await store.read(lambda reader: reader.members.count()) == 3


async def test_a_member_has_one_open_visit(store: Store) -> None:
    member = a_member()
    visit = a_visit(member)
    await store.write(put(member, visit))
    with pytest.raises(Conflict, match="already in the store"):
        await store.write(put(a_visit(member)))
    await store.write(put(replace(visit, closed_at=START), a_visit(member)))
    assert len(await store.read(lambda reader: reader.visits.all_open())) == 1


async def test_a_member_has_one_active_consent(store: Store) -> None:
    member = a_member()
    await store.write(put(member, a_consent(member)))
    with pytest.raises(Conflict, match="consent"):
        await store.write(put(a_consent(member)))


async def test_a_visit_of_a_member_who_is_not_there_is_refused(store: Store) -> None:
    with pytest.raises(Conflict, match="not there any more"):
        await store.write(put(a_visit(a_member())))


# --- what is found ---------------------------------------------------------------------

EMILE = a_member(id="emile", name="Émile Zola", card_number="ZO-1", phone="+33 1 2345 6789")
MING = a_member(id="ming", name="王小明", card_number="100%", phone="138 0000 1234")
ZOE = a_member(id="zoe", name="Zoe_Emilia 50%", card_number="zo-2")


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("emil", ["emile", "zoe"]),  # who begins with it comes first
        ("ZOLA", ["emile"]),
        ("小明", ["ming"]),
        ("王", ["ming"]),
        ("zo", ["zoe", "emile"]),
        ("ZO-1", ["emile"]),
        ("6789", ["emile"]),
        ("00 1234", ["ming"]),
        ("789", []),  # three digits are too few for a phone
        ("emile 6789", []),
        ("%", ["zoe"]),  # a character, not a wildcard
        ("_", ["zoe"]),
        ("100%", ["ming"]),
        ("1__%", []),
        ("\\", []),
        ("'", []),
        (" ", []),
        ("nobody", []),
    ],
)
async def test_search_finds_names_cards_and_phone_endings(
    store: Store, typed: str, found: list[str]
) -> None:
    await store.write(put(EMILE, MING, ZOE))
    members = await store.read(lambda reader: reader.members.search(typed, 20))
    assert [member.id for member in members] == found


async def test_search_follows_a_changed_name_and_stops_at_the_limit(store: Store) -> None:
    await store.write(put(*[a_member(name=f"Anna {n}") for n in range(9)]))
    await store.write(put(EMILE))
    await store.write(put(replace(EMILE, name="Anna Zola", phone=None)))
    named = await store.read(lambda reader: reader.members.search("anna", 20))
    assert len(named) == 10
    assert not await store.read(lambda reader: reader.members.search("6789", 20))
    assert len(await store.read(lambda reader: reader.members.search("anna", 4))) == 4


async def test_cards_and_phones_are_found_however_they_are_typed(store: Store) -> None:
    await store.write(put(EMILE))
    assert await store.read(lambda reader: reader.members.by_card("zo-1")) == EMILE
    assert await store.read(lambda reader: reader.members.by_phone("+33(1)23456789")) == EMILE
    assert await store.read(lambda reader: reader.members.by_phone("no digits")) is None


# --- in which order --------------------------------------------------------------------


async def test_visits_come_newest_first_and_a_refused_one_is_no_day_of_theirs(
    store: Store,
) -> None:
    member = a_member()
    days = [START + timedelta(days=n, microseconds=n % 2) for n in range(4)]
    visits = [a_visit(member, opened_at=day, closed_at=day) for day in days]
    visits[1] = replace(visits[1], claim=Claim.REFUSED)
    await store.write(put(member, *visits))
    assert await store.read(lambda r: r.visits.of(member.id, 2)) == [visits[3], visits[2]]
    assert await store.read(lambda r: r.visits.last_of(member.id)) == visits[3]
    assert await store.read(lambda r: r.visits.days(member.id)) == [days[0], days[2], days[3]]


async def test_the_same_purchase_twice_is_one_purchase(store: Store) -> None:
    member = a_member()
    bought = Purchase(
        id="receipt-1",
        member_id=member.id,
        item="Boots",
        category="shoes",
        amount=Decimal("129.90"),
        currency="EUR",
        bought_at=START,
    )
    await store.write(put(member, bought))
    await store.write(put(bought))
    assert await store.read(lambda reader: reader.purchases.of(member.id)) == [bought]
    assert await store.read(lambda reader: reader.purchases.of(member.id, limit=0)) == []
