"""Two members who are one person, and back; and a member who is forgotten for good."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest
from component.chain_desk import at_headquarters, refused
from component.flows_shop import GUIDE, SHOP, Shop, open_shop
from component.headquarters_history import MEMBERS, histories, take_in
from component.headquarters_town import Headquarters, Transport, exchange, new_database

from edge.domain import Member
from edge.rules.profile import Profile
from hq import duplicates, erasure, merging, schema
from hq.problems import Mistake
from hq.schema import Connection


@pytest.fixture
def transport() -> Transport:
    """What is tested here is the same above either."""
    return "https"


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    async with open_shop(tmp_path / "state") as shop:
        yield shop


async def two(shop: Shop) -> tuple[Member, Member]:
    """One person twice: with a card, and later with a phone number and a size."""
    first = await shop.members.create(GUIDE, Profile(name="Ana Berg", card_number="R-1001"))
    shop.clock.jump(hours=1)
    second = await shop.members.create(
        GUIDE, Profile(name="Ana Berg", phone="+491715550123", do_not_disturb=True)
    )
    return first, second


async def get(shop: Shop, member_id: str) -> Member | None:
    return await shop.store.read(lambda reader: reader.members.get(member_id))


async def test_a_merge_moves_everything_and_the_old_id_answers_for_the_survivor(
    shop: Shop, headquarters: Headquarters, credentials: Path
) -> None:
    first, second = await two(shop)
    await shop.members.note(GUIDE, second.id, "likes wide lasts")
    await shop.arrivals.typed(GUIDE, member_id=second.id)
    async with exchange(shop, credentials, headquarters.url) as line:
        await line.round()
        await at_headquarters(headquarters, lambda db: merging.merge(db, first.id, second.id))
        await at_headquarters(headquarters, lambda db: merging.merge(db, first.id, second.id))
        await line.round()
        await line.resync("changes")
        await line.round()
    assert await refused(shop) == []
    one = await get(shop, first.id)
    assert one is not None
    assert await get(shop, second.id) == one
    # The phone number of the one, the card of the other; and the wish of either.
    assert (one.card_number, one.phone, one.do_not_disturb) == ("R-1001", "+491715550123", True)
    card = await shop.members.card(GUIDE, second.id, "search")
    assert [note.text for note in card.notes] == ["likes wide lasts"]
    assert card.open_visit is not None
    written = await shop.members.note(GUIDE, second.id, "and red")
    assert written.member_id == first.id
    (visit,) = await headquarters.do("SELECT member_id, told_of FROM visits")
    assert (visit["member_id"], visit["told_of"]) == (first.id, second.id)


async def test_an_unmerge_gives_each_back_what_was_theirs(
    shop: Shop, headquarters: Headquarters, credentials: Path
) -> None:
    first, second = await two(shop)
    await shop.members.note(GUIDE, second.id, "hers")
    await shop.members.note(GUIDE, first.id, "his")
    async with exchange(shop, credentials, headquarters.url) as line:
        await line.round()
        await at_headquarters(headquarters, lambda db: merging.merge(db, first.id, second.id))
        await line.round()
        await at_headquarters(headquarters, lambda db: merging.unmerge(db, second.id))
        await line.round()
    assert await refused(shop) == []
    for member, note in ((first, "his"), (second, "hers")):
        found = await get(shop, member.id)
        assert found is not None
        assert (found.id, found.card_number, found.phone) == (
            member.id,
            member.card_number,
            member.phone,
        )
        notes = await shop.store.read(lambda reader, m=member: reader.notes.of(m.id))
        assert [each.text for each in notes] == [note]
    with pytest.raises(Mistake):
        await at_headquarters(headquarters, lambda db: merging.unmerge(db, second.id))


async def test_a_merge_never_widens_consent(
    shop: Shop, headquarters: Headquarters, credentials: Path
) -> None:
    """Who withdrew as the one has withdrawn as both, and no face goes over to another card."""
    first, consent = await shop.enrolled("Ana")
    second, withdrawn = await shop.enrolled("Ana B")
    await shop.enrollment.withdraw(GUIDE, withdrawn.id)
    third, _ = await shop.enrolled("Cleo")
    fourth, _ = await shop.enrolled("Cleo C")
    async with exchange(shop, credentials, headquarters.url) as line:
        await line.round()
        await at_headquarters(headquarters, lambda db: merging.merge(db, first.id, second.id))
        await at_headquarters(headquarters, lambda db: merging.merge(db, third.id, fourth.id))
        await line.round()
    ended = await shop.store.read(lambda reader: reader.consents.get(consent.id))
    assert ended is not None
    assert not ended.active
    assert await shop.store.read(lambda reader: reader.templates.count_of(third.id)) == 1
    assert set(shop.gallery.templates) == {third.id}


async def test_a_store_that_knows_neither_learns_the_one_they_are(
    tmp_path: Path, shop: Shop, headquarters: Headquarters, credentials: Path
) -> None:
    first, second = await two(shop)
    async with exchange(shop, credentials, headquarters.url) as line:
        await line.round()
    await at_headquarters(headquarters, lambda db: merging.merge(db, second.id, first.id))
    async with (
        open_shop(tmp_path / "new") as new,
        exchange(new, credentials, headquarters.url) as line,
    ):
        await line.round()
        found = await get(new, first.id)
        assert found is not None
        assert (found.id, found.card_number) == (second.id, "R-1001")
        assert await refused(new) == []


@pytest.mark.parametrize("seed", range(4))
async def test_edits_facts_and_merges_come_to_the_same_in_whatever_order(
    database: Connection, postgres: str, seed: int
) -> None:
    told = histories(seed, 40)
    other = await asyncpg.connect(await new_database(postgres))
    await schema.prepare(other)
    ana, bea, cleo = MEMBERS
    await take_in(database, told)
    for member_id in MEMBERS:  # known, so that the merges can come before all that is told
        await other.execute("INSERT INTO members SELECT $1, '9000-01-01Z', '{}', '[]'", member_id)
    for connection in (database, other):
        async with connection.transaction():
            await merging.merge(connection, ana, bea)
            await merging.merge(connection, cleo, ana)
    await take_in(other, told, mixed=random.Random(seed))
    for table in ("members", "visits", "consents", "redemptions", "sales", "merges"):
        key = "loser" if table == "merges" else "id"
        columns = "loser, survivor" if table == "merges" else "*"
        sql = f"SELECT {columns} FROM {table} ORDER BY {key}"
        assert await database.fetch(sql) == await other.fetch(sql), table
    shown = "SELECT body::jsonb->'profile' FROM feed WHERE subject = 'member:cleo'"
    assert await database.fetchval(shown) == await other.fetchval(shown)
    async with database.transaction():
        await merging.unmerge(database, bea)
    rows = await database.fetch("SELECT DISTINCT member_id FROM visits ORDER BY 1")
    assert [row["member_id"] for row in rows] == [bea, cleo]
    await other.close()


async def test_duplicates_are_found_by_phone_card_and_name(database: Connection) -> None:
    profiles = {
        "a": '{"name":"Ana Berg","phone":"+49 171 5550123"}',
        "b": '{"name":"A. Berg","phone":"0049 171-5550123"}',
        "c": '{"name":"ana berg ","phone":"030 990123"}',
        "d": '{"name":"Dan","card_number":"r-1001"}',
        "e": '{"name":"Eve","card_number":"R-1001"}',
        "f": '{"name":"Ana Berg"}',
    }
    for place, (member_id, profile) in enumerate(profiles.items()):
        await database.execute(
            "INSERT INTO members VALUES ($1, now() + $2 * interval '1 s', $3, '[]')",
            *(member_id, place, profile),
        )
    found = {(pair.first, pair.second): pair.why for pair in await duplicates.find(database, 10)}
    assert found == {
        ("a", "b"): ("phone",),
        ("a", "c"): ("name and end of phone",),
        ("d", "e"): ("card",),
    }


async def test_a_member_who_is_erased_is_gone_everywhere_and_each_store_proves_it(
    tmp_path: Path, shop: Shop, headquarters: Headquarters, credentials: Path
) -> None:
    member, _ = await shop.enrolled("Zinaida Unmistakable")
    await shop.members.note(GUIDE, member.id, "zinaida's note")
    await shop.arrivals.typed(GUIDE, member_id=member.id)
    async with exchange(shop, credentials, headquarters.url) as line:
        await line.round()
        await at_headquarters(headquarters, lambda db: erasure.erase(db, member.id))
        await shop.members.edit(GUIDE, member.id, name="Zinaida Unmistakable II")
        await line.round()
        await line.resync("withdrawals")
        await line.round()
    assert await get(shop, member.id) is None
    assert shop.gallery.templates == {}
    assert await refused(shop) == []
    for table in ("members", "member_history", "events", "feed", "visits", "consents"):
        rows = await headquarters.do(f"SELECT {table}::text AS row FROM {table}")
        assert not [row for row in rows if "Zinaida" in row["row"]], table
    proofs = await headquarters.do("SELECT * FROM erasures")
    assert [(row["member_id"], row["store_id"]) for row in proofs] == [(member.id, SHOP.id)]
    entry = (await shop.store.read(lambda reader: reader.audit.of(member.id, 1)))[0]
    assert proofs[0]["audit_hash"] == entry.hash
    for name in ("regulars.db", "regulars.db-wal"):
        assert b"Zinaida" not in (tmp_path / "state" / name).read_bytes(), name


async def test_what_is_told_of_an_erased_member_later_brings_nobody_back(
    database: Connection,
) -> None:
    told = histories(3)
    await take_in(database, told)
    async with database.transaction():
        await erasure.erase(database, "ana")
    sums = await database.fetch("SELECT sum(amount), count(*) FROM sales")
    await take_in(database, histories(4, part="-later"))
    held = await database.fetch("SELECT id FROM members ORDER BY id")
    assert [row["id"] for row in held] == ["bea", "cleo"]
    for table in ("visits", "consents", "redemptions", "sales"):
        assert not await database.fetchval(
            f"SELECT count(*) FROM {table} WHERE member_id = 'ana'"
        ), table
    assert not await database.fetchval("SELECT count(*) FROM events WHERE body::text ~ 'ana'")
    assert (await database.fetch("SELECT sum(amount), count(*) FROM sales")) != sums
