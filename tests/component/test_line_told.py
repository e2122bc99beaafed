"""The line as the gateway tells it: to phones, to a manager, to Prometheus, and over a restart."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from aiohttp import ClientSession
from component.api_door import Door, open_door
from component.flows_shop import GUIDE, MANAGER, Shop, open_shop
from component.headquarters_town import Headquarters, exchange, put_visits
from component.store_values import Clock, a_member, a_visit, opened_message
from prometheus_client.parser import text_string_to_metric_families

from edge import contract
from edge.domain import LineStatus, Role, Transport
from edge.errors import HeadquartersUnavailable
from edge.store import Transaction


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def shop(tmp_path: Path, clock: Clock) -> AsyncIterator[Shop]:
    async with open_shop(tmp_path / "state", clock=clock, has_headquarters=True) as opened:
        yield opened


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[Door]:
    async with open_door(tmp_path / "state", transport=Transport.HTTPS) as opened:
        yield opened


# --- what the exchange tells -----------------------------------------------------------------


async def test_a_round_brings_the_store_in_line_and_counts_what_was_sent(
    shop: Shop, headquarters: Headquarters, credentials: Path, clock: Clock
) -> None:
    assert shop.headquarters.line is not None
    assert shop.headquarters.line.status is LineStatus.CONNECTING
    assert shop.headquarters.matching_rests
    await put_visits(shop, 1500)
    async with exchange(shop, credentials, headquarters.url) as line:
        await line.round()
    assert shop.headquarters.line.status is LineStatus.IN_LINE
    assert shop.headquarters.line.in_line_at == clock.now
    assert not shop.headquarters.matching_rests
    counts = shop.headquarters.counts
    assert counts.messages_sent == 1500
    assert counts.bytes_sent > 1500 * 100
    assert counts.rounds == {"in_line": 1}
    assert (await shop.headquarters.overview()).waiting == 0


async def test_a_resync_counts_down_page_by_page(
    shop: Shop, headquarters: Headquarters, credentials: Path
) -> None:
    known = [_known(f"{n:016x}") for n in range(2500)]
    await headquarters.tell("changes", *((change.member_id, change) for change in known))
    seen = []
    pulled = shop.headquarters.pulled

    async def note(feed: contract.Feed, remaining: int) -> None:
        await pulled(feed, remaining)
        line = shop.headquarters.line
        assert line is not None
        if feed == "changes":
            seen.append((line.status, line.remaining, line.remaining_of))

    shop.headquarters.pulled = note  # type: ignore[method-assign]
    async with exchange(shop, credentials, headquarters.url) as line:
        await line.pull("changes")
    assert seen == [
        (LineStatus.CATCHING_UP, 1500, 1500),
        (LineStatus.CATCHING_UP, 500, 1500),
        (LineStatus.CONNECTING, 0, 0),
    ]


async def test_a_change_in_quarantine_is_read_again_once_the_cause_is_gone(
    shop: Shop, headquarters: Headquarters, credentials: Path
) -> None:
    local = await shop.member("Bo", card="RG-1")
    fits, clashes = _known("a" * 16), _known("b" * 16, card="RG-1")
    await headquarters.tell("changes", *((one.member_id, one) for one in (fits, clashes)))
    async with exchange(shop, credentials, headquarters.url) as line:
        await line.pull("changes")
        (held,) = (await shop.headquarters.overview()).changes
        assert (held.kind, held.code) == ("MemberKnown", "conflict")
        await shop.headquarters.try_again(MANAGER)
        await line.pull("changes")
        (still,) = (await shop.headquarters.overview()).changes
        assert still == held, "it stays, with the first time that it was refused"
        await shop.members.edit(GUIDE, local.id, card_number="RG-2")
        assert await shop.headquarters.try_again(MANAGER) == (0, 1)
        await line.pull("changes")
    assert (await shop.headquarters.overview()).changes_held == 0
    known = await shop.store.read(lambda reader: reader.members.get(clashes.member_id))
    assert known is not None
    assert known.card_number == "RG-1"


async def test_a_change_in_quarantine_leaves_when_a_later_state_was_taken_in(
    shop: Shop, headquarters: Headquarters, credentials: Path
) -> None:
    await shop.member("Bo", card="RG-1")
    before, after = _known("b" * 16, card="RG-1"), _known("b" * 16, card="RG-7")
    async with exchange(shop, credentials, headquarters.url) as line:
        await headquarters.tell("changes", (before.member_id, before))
        await line.pull("changes")
        await headquarters.tell("changes", (after.member_id, after))
        await line.pull("changes")
        assert (await shop.headquarters.overview()).changes_held == 1
        await shop.headquarters.try_again(MANAGER)
        await line.pull("changes")
    assert (await shop.headquarters.overview()).changes_held == 0
    known = await shop.store.read(lambda reader: reader.members.get(after.member_id))
    assert known is not None
    assert known.card_number == "RG-7"


async def test_trouble_is_told_after_a_moment_with_its_code_and_its_beginning(
    shop: Shop, headquarters: Headquarters, credentials: Path, clock: Clock
) -> None:
    async with exchange(shop, credentials, headquarters.url) as line:
        await line.round()
        was = clock.now
        clock.move(minutes=2)
        await asyncio.to_thread(headquarters.kill)
        with pytest.raises(HeadquartersUnavailable) as lost:
            await line.round()
    shop.headquarters.lost(lost.value.code)
    since = clock.now
    assert shop.headquarters.line is not None
    assert shop.headquarters.line.status is LineStatus.IN_LINE
    clock.move(seconds=20)
    shop.headquarters.lost(lost.value.code)
    told = shop.headquarters.line
    assert told is not None
    assert told.status is LineStatus.DOWN
    assert (told.trouble, told.trouble_since_at) == ("headquarters_unavailable", since)
    assert told.in_line_at == was


async def test_as_of_when_a_card_is_known_outlives_a_restart(tmp_path: Path, clock: Clock) -> None:
    async with open_shop(tmp_path / "state", clock=clock, has_headquarters=True) as shop:
        await shop.headquarters.came_in_line()
    was = clock.now
    clock.move(hours=3)
    async with open_shop(tmp_path / "state", clock=clock, has_headquarters=True) as shop:
        assert shop.headquarters.line is not None
        assert shop.headquarters.line.in_line_at == was


# --- over HTTP -------------------------------------------------------------------------------


async def held_back(door: Door) -> None:
    """A withdrawal in quarantine, another message behind it, and a change that does not fit."""
    at = datetime.now(UTC) - timedelta(minutes=3)
    message = msgspec.structs.replace(opened_message(a_visit(a_member())), at=at)
    change = contract.Change(position=3, message=msgspec.Raw(b"{no JSON"))

    def story(tx: Transaction) -> None:
        tx.outbox.put(message)
        (first, *_) = tx.outbox.pending(1)
        tx.outbox.refuse(first.id, contract.Code.MALFORMED, at)
        tx.outbox.put(message)
        tx.exchange.refuse("changes", change, contract.Code.MALFORMED, at)

    await door.parts.store.write(story)


async def test_a_manager_sees_what_waits_and_what_nobody_took_and_tries_it_again(
    door: Door,
) -> None:
    await held_back(door)
    async with door.phone() as phone:
        async with phone.get("headquarters") as response:
            seen = await response.json()
        async with phone.post("headquarters/try-again") as response:
            assert await response.json() == {"messages": 1, "changes": 1}
        async with phone.get("headquarters") as response:
            after = await response.json()
    assert (seen["waiting"], seen["messages_held"], seen["changes_held"]) == (1, 1, 1)
    assert seen["messages"][0]["kind"] == "VisitOpened"
    assert seen["messages"][0]["code"] == "malformed"
    assert seen["changes"][0]["kind"] == ""
    assert (after["waiting"], after["messages_held"]) == (2, 0)
    log = await door.parts.store.read(lambda reader: reader.audit.tail(5))
    assert "quarantine_tried_again" in [entry.action for entry in log]


async def test_the_first_time_of_a_refusal_stays_when_it_is_refused_again(door: Door) -> None:
    await held_back(door)
    (before,) = await door.parts.store.read(lambda reader: reader.outbox.held(9))

    def story(tx: Transaction) -> None:
        tx.outbox.release()
        tx.outbox.refuse(before.sequence, contract.Code.UNKNOWN_TYPE, datetime.now(UTC))

    await door.parts.store.write(story)
    (after,) = await door.parts.store.read(lambda reader: reader.outbox.held(9))
    assert after.refused_at == before.refused_at
    assert after.code == "unknown_type"


@pytest.mark.parametrize(("method", "path"), [("GET", ""), ("POST", "/try-again")])
async def test_the_line_is_a_managers_page(door: Door, method: str, path: str) -> None:
    async with (
        door.phone(Role.GUIDE) as phone,
        phone.request(method, f"headquarters{path}") as response,
    ):
        assert response.status == 403


async def test_health_says_that_faces_rest_and_that_they_do_no_more(door: Door) -> None:
    async with ClientSession() as anyone:
        async with anyone.get(f"{door.api}/health") as response:
            resting = await response.json()
        await door.parts.headquarters.pulled("withdrawals", 0)
        await door.parts.headquarters.came_in_line()
        async with anyone.get(f"{door.api}/health") as response:
            well = await response.json()
    assert resting["status"] == "degraded"
    assert "24 hours" in resting["face_matching_rests_because"]
    assert resting["headquarters"]["matching_rests"]
    assert well["status"] == "ok"
    assert well["face_matching_rests_because"] is None
    assert well["headquarters"]["status"] == "in_line"


async def test_metrics_tell_of_the_line_and_of_nobody(door: Door) -> None:
    await held_back(door)
    await door.parts.headquarters.pulled("withdrawals", 0)
    await door.parts.headquarters.came_in_line()
    async with ClientSession() as scraper, scraper.get(f"{door.url}/metrics") as response:
        text = await response.text()
    found = {
        sample.name + str(sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    assert found["regulars_outbox_messages[]"] == 1
    assert 170 < found["regulars_outbox_oldest_seconds[]"] < 300
    assert found["regulars_quarantine['messages']"] == 1
    assert found["regulars_quarantine['changes']"] == 1
    assert found["regulars_headquarters_in_line[]"] == 1
    assert found["regulars_headquarters_rounds_total['in_line']"] == 1
    assert 86_000 < found["regulars_matching_lease_seconds[]"] <= 86_400


async def test_phones_hear_that_the_line_came(door: Door) -> None:
    await door.parts.headquarters.pulled("withdrawals", 0)
    await door.parts.headquarters.came_in_line()
    async with door.phone() as phone, phone.ws_connect("feed") as socket:
        await socket.receive_json()
        await door.parts.headquarters.tell()
        told = await socket.receive_json()
    assert told["kind"] == "line.changed"
    assert told["line"]["status"] == "in_line"
    assert told["line"]["trouble"] is None


def _known(member_id: str, card: str | None = None) -> contract.MemberKnown:
    now = datetime.now(UTC)
    return contract.MemberKnown(
        member_id=member_id,
        joined_at=now,
        profile=contract.Profile(name="Ana", card_number=card or msgspec.UNSET),
        stamps=[],
        message_id=f"m-{member_id}",
        store_id=contract.HEADQUARTERS,
        at=now,
    )
