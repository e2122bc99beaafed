"""Stores put back, copied by mistake, between two instances, older or newer than headquarters."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest
from component.flows_shop import GUIDE
from component.headquarters_town import exchange_over
from faults.chain import Chain
from faults.checker import check, observe
from faults.outlets import CODES, Guide, Outlet

from edge.domain import AgeBand
from edge.errors import HeadquartersUnavailable

HTTPS = pytest.mark.parametrize("transport", ["https"])


async def test_a_store_put_back_from_last_week(chain: Chain) -> None:
    """With its keys, as a copy of the whole disk is: nobody who withdrew since comes back, nothing
    has its effect twice, and what the store does from then on is not lost among old numbers."""
    lyon, nice = await chain.outlet("lyon"), await chain.outlet("nice")
    async with lyon.open() as shop:
        guide = Guide(lyon, shop)
        members = [await guide.join(f"Ana {number}") for number in range(3)]
        for member_id in members:
            await guide.enrol(member_id)
        await chain.round(lyon, shop)
    await lyon.back_up()
    lyon.clock.move(days=7)
    async with lyon.open() as shop:
        guide = Guide(lyon, shop)
        await guide.withdraw(members[0])
        for number in range(4):
            await guide.visit(members[1])
            await guide.rename(members[2], f"Anna {number}")
        await chain.round(lyon, shop)
    async with nice.open() as shop:
        await chain.round(nice, shop)
        await Guide(nice, shop).enrol(members[1])
        await Guide(nice, shop).withdraw(members[1])
        await chain.round(nice, shop)
    undone = lyon.told()
    await lyon.put_back()
    async with lyon.open() as shop:
        guide = Guide(lyon, shop)
        assert await shop.store.read(lambda reader: reader.templates.count_of(members[0])) == 1
        await guide.rename(members[2], "Annabel")
        await guide.visit(members[2])
        await chain.round(lyon, shop)
        assert not await shop.store.read(lambda reader: reader.templates.count_of(members[0]))
        assert not await shop.store.read(lambda reader: reader.templates.count_of(members[1]))
    await chain.settle()
    await check(chain, ago=undone)


async def test_a_store_copied_by_mistake_loses_nothing_and_is_told_of(chain: Chain) -> None:
    """Two gateways with one identity take the same numbers again and again. All that both did is
    held, and headquarters counts what it had to refuse, for a person to see."""
    lyon = await chain.outlet("lyon")
    async with lyon.open() as shop:
        await chain.grant("lyon", 2)
        await Guide(lyon, shop).day(0)
        await chain.round(lyon, shop)
    copied = lyon.state.with_name("copied")
    await asyncio.to_thread(shutil.copytree, lyon.state, copied)
    copy = Outlet(lyon.id, copied, lyon.credentials)
    copy.clock.now = lyon.clock.now + timedelta(seconds=500)
    for number in range(1, 4):
        for outlet in (lyon, copy):
            async with outlet.open() as shop:
                await Guide(outlet, shop).day(number)
                await chain.round(outlet, shop)
    held = {row["message_id"] for row in await chain.headquarters.do("SELECT * FROM events")}
    for outlet in (lyon, copy):
        assert {told.message.message_id for told in outlet.told()} <= held
    rows = await chain.headquarters.do("SELECT * FROM refusals WHERE code = 'sequence_reused'")
    assert [row["store_id"] for row in rows] == ["lyon"]
    assert rows[0]["times"] > 1, "once is a backup; more than once is a copy"


@pytest.mark.parametrize("withdraws", [False, True])
async def test_leases_are_never_spent_twice_by_a_store_put_back(
    chain: Chain, withdraws: bool
) -> None:
    """What it took from a lease since the backup it does not know, and is told when it speaks,
    even where the first it says is a withdrawal that overtakes the rest.
    """
    lyon = await chain.outlet("lyon")
    await chain.grant("lyon", 3)
    async with lyon.open() as shop:
        await chain.round(lyon, shop)
    await lyon.back_up()
    async with lyon.open() as shop:
        for code in CODES[:3]:
            assert await Guide(lyon, shop).redeem(code)
        for number in range(6):
            await Guide(lyon, shop).join(f"Zoe {number}")
        await chain.round(lyon, shop)
    undone = lyon.told()
    await lyon.put_back()
    async with lyon.open() as shop:
        member_id = await Guide(lyon, shop).join("Ana")
        if withdraws:
            await Guide(lyon, shop).visit(member_id)
            await Guide(lyon, shop).enrol(member_id)
            await Guide(lyon, shop).withdraw(member_id)
        await chain.round(lyon, shop)
        taken = [await Guide(lyon, shop).redeem(code) for code in CODES[10:16]]
        await chain.round(lyon, shop)
    assert taken.count(True) == 2, "what a store may give away without a lease, and no more"
    await chain.settle()
    await check(chain, ago=undone)


async def test_stores_that_hop_between_two_instances(chain: Chain) -> None:
    other = chain.headquarters.beside()
    await other.up()
    try:
        outlets = [await chain.outlet(name) for name in ("lyon", "nice")]
        member_id = ""
        for number in range(6):
            for place, outlet in enumerate(outlets):
                async with outlet.open() as shop:
                    guide = Guide(outlet, shop)
                    await guide.day(number + 10 * place)
                    member_id = member_id or await guide.join("Bea")
                    await guide.rename(member_id, f"Bea {number} of {outlet.id}")
                    second = (number + place) % 2 and chain.headquarters.broker is None
                    await chain.round(outlet, shop, other.port if second else None)
            if number == 3:  # one of the two goes, in the middle of it all
                await chain.headquarters.down()
                chain.headquarters, other = other, chain.headquarters
                await other.up()
        await chain.settle()
        await check(chain)
    finally:
        await other.down()


@HTTPS
async def test_a_gateway_newer_than_headquarters(idle: Chain) -> None:
    """A type that headquarters does not know waits on both sides, and with it what follows about
    the same voucher; all else goes on. Once headquarters has learnt it, all of it arrives."""
    await idle.headquarters.up(unknown=["RedemptionChanged"])
    lyon = await idle.outlet("lyon")
    async with lyon.open() as shop:
        await Guide(lyon, shop).day(0)
        await idle.round(lyon, shop)
        waiting = await shop.store.read(lambda reader: reader.outbox.refused())
    assert set(waiting.values()) == {"unknown_type"}
    codes = await idle.headquarters.do("SELECT code FROM quarantine")
    assert {row["code"] for row in codes} == {"unknown_type"}
    await idle.headquarters.down()
    await idle.headquarters.up()
    async with lyon.open() as shop:
        await shop.store.write(lambda tx: tx.outbox.release())  # as a gateway that starts does
        await idle.round(lyon, shop)
    await idle.settle()
    await check(idle)


@HTTPS
async def test_a_headquarters_newer_than_the_gateway(chain: Chain) -> None:
    """Of what is new in messages it knows nothing is missed; a message that the gateway does not
    know is kept for later, and the rest of the page is taken in."""
    lyon, nice = await chain.outlet("lyon"), await chain.outlet("nice")
    async with lyon.open() as shop:
        await Guide(lyon, shop).day(0)
        await chain.round(lyon, shop)
    await chain.headquarters.do(
        'UPDATE feed SET body = (body::jsonb || \'{"mood": [1, {"of": "tomorrow"}]}\')::text'
    )
    await chain.headquarters.do(
        "INSERT INTO feed VALUES ('changes', 'weather', NULL, 0, '{\"type\": \"Weather\"}')"
    )
    async with nice.open() as shop:
        await chain.round(nice, shop)
        refused = await shop.store.read(lambda reader: reader.exchange.refused())
    assert [(feed, code) for feed, _, code in refused] in ([], [("changes", "unknown_type")])
    seen = (await observe(chain)).seen
    assert seen["nice"].members == seen["lyon"].members


async def test_an_outbox_row_torn_on_the_disk_holds_up_nobody(chain: Chain) -> None:
    """What is not even JSON would make the whole batch unreadable."""
    lyon = await chain.outlet("lyon")
    async with lyon.open() as shop:
        await Guide(lyon, shop).day(0)
        torn = (await shop.store.read(lambda reader: reader.outbox.pending(9)))[1]
    await asyncio.to_thread(tear, lyon, torn.id)
    async with lyon.open() as shop, chain.line(lyon) as line:
        try:
            await exchange_over(line, shop).round()
        except HeadquartersUnavailable:
            pytest.fail("one bad row stops everything")
        refused = await shop.store.read(lambda reader: reader.outbox.refused())
    assert refused == {torn.id: "malformed"}


async def test_a_member_who_turns_out_to_be_a_minor_is_recognised_no_more(chain: Chain) -> None:
    lyon, nice = await chain.outlet("lyon"), await chain.outlet("nice")
    async with lyon.open() as shop:
        guide = Guide(lyon, shop)
        member_id = await guide.join("Ana")
        await guide.enrol(member_id)
        await chain.round(lyon, shop)
    async with nice.open() as shop:
        await chain.round(nice, shop)
        nice.clock.move(minutes=1)
        await shop.members.edit(GUIDE, member_id, age_band=AgeBand.UNDER_18)
        await chain.round(nice, shop)
    async with lyon.open() as shop:
        await chain.round(lyon, shop)
        assert await shop.store.read(lambda reader: reader.templates.count_of(member_id)) == 0
    await chain.settle()
    await check(chain)


@HTTPS
async def test_a_card_that_went_from_one_member_to_another(chain: Chain) -> None:
    """The feed has the new owner before the old one, who was edited once more: the store cannot
    take the new owner at first, and can when it begins again."""
    lyon, nice = await chain.outlet("lyon"), await chain.outlet("nice")
    async with lyon.open() as shop, nice.open() as there:
        guide = Guide(lyon, shop)
        old, new = await guide.join("Ana"), await guide.join("Bea")
        await edit(guide, old, card_number="R-1001")
        await chain.round(lyon, shop)
        await chain.round(nice, there)
        await edit(guide, old, card_number=None)
        await edit(guide, new, card_number="R-1001")
        await chain.round(lyon, shop)
        await guide.rename(old, "Anna")
        await chain.round(lyon, shop)
        await chain.round(nice, there)
        await there.store.write(lambda tx: tx.exchange.read_again())  # as at its next start
        await chain.round(nice, there)
    await chain.settle()
    await check(chain)


async def edit(guide: Guide, member_id: str, *, card_number: str | None) -> None:
    await guide.rename(member_id, "Someone")
    await guide.shop.members.edit(GUIDE, member_id, card_number=card_number)


def tear(outlet: Outlet, number: int) -> None:
    with closing(sqlite3.connect(outlet.state / "regulars.db")) as database:
        database.execute("UPDATE outbox SET body = substr(body, 1, 20) WHERE id = ?", (number,))
        database.commit()
