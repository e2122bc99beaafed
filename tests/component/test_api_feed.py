"""The feed over real WebSockets: in order, without gap or repeat, and nobody waits for anybody."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from itertools import islice
from pathlib import Path

import pytest
from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType, WSServerHandshakeError
from component.api_door import Door, open_door
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.domain import MemberChanged, Role, VisionChanged, VisionState
from edge.feed import HISTORY, QUEUE

BOUND_S = 60.0
HUGE = 64 * 1024


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[Door]:
    async with open_door(tmp_path) as opened:
        yield opened


def publish(door: Door, *names: str) -> None:
    for name in names:
        door.parts.feed.publish(MemberChanged(member_id=name))


async def hear(feed: ClientWebSocketResponse, count: int) -> list[dict[str, object]]:
    async with asyncio.timeout(BOUND_S):
        return [await feed.receive_json() for _ in range(count)]


async def close_code(feed: ClientWebSocketResponse) -> int | None:
    """What the gateway closed the feed with, after whatever it still had to say."""
    async with asyncio.timeout(BOUND_S):
        while (await feed.receive()).type is WSMsgType.TEXT:
            pass
    return feed.close_code


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(BOUND_S):
        while not condition():  # noqa: ASYNC110  what is awaited is another task's doing
            await asyncio.sleep(0.01)


async def test_hello_comes_first_and_events_follow_in_order(door: Door) -> None:
    publish(door, "before")
    async with door.phone() as phone, phone.ws_connect("feed") as feed:
        (hello,) = await hear(feed, 1)
        publish(door, "a", "b")
        events = await hear(feed, 2)
    assert hello == {
        "kind": "hello",
        "sequence": door.parts.feed.sequence - 2,
        "epoch": door.parts.feed.epoch,
        "resync": False,
    }
    assert [event["member_id"] for event in events] == ["a", "b"]


async def test_an_arrival_is_told_with_all_that_an_alert_shows(door: Door) -> None:
    async with door.phone() as phone, phone.ws_connect("feed") as feed:
        await hear(feed, 1)
        async with phone.post("members", json={"name": "Anna", "card_number": "R-1"}) as created:
            assert created.status == 400, "a card number has four characters at least"
        wish = {"name": "Anna", "card_number": "R-1001", "preferences": ["linen"]}
        async with phone.post("members", json=wish) as created:
            assert created.status == 201
        async with phone.post("visits", json={"code": "R-1001"}) as arrived:
            visit = await arrived.json()
        messages = await hear(feed, 2)
    assert messages[0]["kind"] == "member.changed"
    assert messages[1]["kind"] == "visit.opened"
    assert messages[1]["visit"] == visit
    assert visit["member"]["preferences"] == ["linen"]


@settings(max_examples=12, deadline=None)
@given(cuts=st.lists(st.integers(min_value=0, max_value=15), min_size=1, max_size=6))
def test_a_phone_that_keeps_reconnecting_hears_everything_once(
    tmp_path_factory: pytest.TempPathFactory, cuts: list[int]
) -> None:
    async def story() -> None:
        async with open_door(tmp_path_factory.mktemp("door")) as door:
            published = [f"m{n}" for n in range(40)]
            told = iter(published)
            heard: list[object] = []
            position = {"epoch": door.parts.feed.epoch, "after": str(door.parts.feed.sequence)}
            async with door.phone() as phone:
                position["after"] = str(door.parts.feed.sequence)
                for cut in [*cuts, len(published)]:
                    publish(door, *islice(told, 7))
                    missing = door.parts.feed.sequence - int(position["after"])
                    async with phone.ws_connect("feed", params=position) as feed:
                        (hello,) = await hear(feed, 1)
                        assert hello["resync"] is False
                        for event in await hear(feed, min(cut, missing)):
                            heard.append(event["member_id"])
                            position["after"] = str(event["sequence"])
            assert heard == published[: len(heard)]
            assert int(position["after"]) == door.parts.feed.sequence

    asyncio.run(story())


async def test_what_is_no_longer_held_is_owned_up_to(door: Door) -> None:
    publish(door, *[f"m{n}" for n in range(HISTORY + 5)])
    async with door.phone() as phone:
        for position in (
            {"epoch": door.parts.feed.epoch, "after": "1"},
            {"epoch": "yesterday", "after": "7"},
            {"after": "7"},
            {"epoch": door.parts.feed.epoch},
        ):
            async with phone.ws_connect("feed", params=position) as feed:
                (hello,) = await hear(feed, 1)
            assert hello["resync"] is True


async def raw_phone(door: Door, token: str, place: str = "") -> socket.socket:
    """A phone whose socket is never read from: it takes what its small buffer holds."""
    phone = socket.socket()
    phone.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    phone.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(phone, ("127.0.0.1", door.doors.loopback_port))
    request = (
        f"GET /api/v1/feed{place} HTTP/1.1\r\nHost: gateway\r\nAuthorization: Bearer {token}\r\n"
        "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    )
    await loop.sock_sendall(phone, request.encode())
    return phone


async def test_a_phone_that_never_reads_holds_up_nobody(door: Door) -> None:
    stuck = await raw_phone(door, await door.pair(Role.GUIDE, "Li"))
    await until(lambda: door.parts.feed.listeners == 1)
    count = QUEUE * 2
    with stuck:
        async with door.phone() as phone, phone.ws_connect("feed") as feed:
            await hear(feed, 1)
            heard = []
            for n in range(count):
                publish(door, f"{n}-" + "x" * HUGE)
                heard += await hear(feed, 1)
            assert [str(e["member_id"]).split("-")[0] for e in heard] == list(
                map(str, range(count))
            )
            assert door.parts.feed.listeners == 1, "the stuck phone was cut off"


async def test_a_phone_that_was_cut_off_resumes_where_it_was(door: Door) -> None:
    async with door.phone() as phone:
        async with phone.ws_connect("feed") as feed:
            (hello,) = await hear(feed, 1)
            # Published in one go: no task runs between, so the queue must overflow.
            publish(door, *[f"m{n}" for n in range(QUEUE + 1)])
            assert await close_code(feed) == 4408
        position = {"epoch": str(hello["epoch"]), "after": str(hello["sequence"])}
        async with phone.ws_connect("feed", params=position) as feed:
            (again, *events) = await hear(feed, QUEUE + 2)
    assert again["resync"] is False
    assert [event["member_id"] for event in events] == [f"m{n}" for n in range(QUEUE + 1)]


async def test_a_revoked_phone_is_told_and_closed_and_the_others_are_not(door: Door) -> None:
    async with door.phone() as manager, door.phone(Role.GUIDE, "Li") as guide:
        async with guide.get("me") as me:
            session_id = (await me.json())["session_id"]
        async with manager.ws_connect("feed") as others, guide.ws_connect("feed") as feed:
            await hear(others, 1)
            await hear(feed, 1)
            async with manager.delete(f"sessions/{session_id}") as revoked:
                assert revoked.status == 204
            (message,) = await hear(feed, 1)
            assert message["kind"] == "session.ended"
            assert await close_code(feed) == 4401
            publish(door, "after")
            (message,) = await hear(others, 1)
            assert message["member_id"] == "after"
        with pytest.raises(WSServerHandshakeError) as refused:
            await guide.ws_connect("feed")
        assert refused.value.status == 401


@pytest.mark.parametrize("origin", ["https://evil.test", "null"])
async def test_a_foreign_page_gets_no_feed(door: Door, origin: str) -> None:
    async with door.phone() as phone:
        with pytest.raises(WSServerHandshakeError) as refused:
            await phone.ws_connect("feed", headers={"Origin": origin})
        assert refused.value.status == 403


async def test_a_cookie_needs_an_origin_and_ours_will_do(door: Door) -> None:
    cookie = {"Cookie": f"regulars_session={await door.pair()}"}
    async with ClientSession(f"{door.api}/", headers=cookie) as browser:
        with pytest.raises(WSServerHandshakeError) as refused:
            await browser.ws_connect("feed")
        assert refused.value.status == 403
        async with browser.ws_connect("feed", headers={"Origin": door.url}) as feed:
            (hello,) = await hear(feed, 1)
    assert hello["kind"] == "hello"


async def test_a_phone_that_talks_is_not_listened_to(door: Door) -> None:
    async with door.phone() as phone, phone.ws_connect("feed") as feed:
        await hear(feed, 1)
        await feed.send_str("hello?")
        publish(door, "a")
        (event,) = await hear(feed, 1)
        assert event["member_id"] == "a"
        await feed.send_str("x" * 2048)
        assert await close_code(feed) == 1009
    await until(lambda: door.parts.feed.listeners == 0)


async def test_phones_are_told_when_the_gateway_stops(tmp_path: Path) -> None:
    async with ClientSession() as client:
        async with open_door(tmp_path) as door:
            headers = {"Authorization": f"Bearer {await door.pair()}"}
            feed = await client.ws_connect(f"{door.api}/feed", headers=headers)
            await hear(feed, 1)
            closing: Awaitable[int | None] = asyncio.create_task(close_code(feed))
        assert await closing == 1001


async def test_an_event_is_the_same_text_for_every_phone(door: Door) -> None:
    async with (
        door.phone() as phone,
        phone.ws_connect("feed") as one,
        phone.ws_connect("feed") as two,
    ):
        await hear(one, 1)
        await hear(two, 1)
        door.parts.feed.publish(VisionChanged(state=VisionState.RESTARTING))
        async with asyncio.timeout(BOUND_S):
            texts = {await one.receive_str(), await two.receive_str()}
    (text,) = texts
    assert json.loads(text)["state"] == "restarting"
