"""What the door refuses, and how: a stable code, the field, and nothing internal."""

from __future__ import annotations

import resource
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import structlog
from aiohttp import ClientResponse, ClientSession, web
from component.api_door import Door, open_door

from edge.clienteling_api.problems import problems
from edge.clienteling_api.responses import access_log
from edge.clienteling_api.routing import JSON_LIMIT_BYTES, PHOTO_LIMIT_BYTES
from edge.domain import Role

SOMEONE = "0" * 32


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[Door]:
    async with open_door(tmp_path) as opened:
        yield opened


@pytest.fixture
async def manager(door: Door) -> AsyncIterator[ClientSession]:
    async with door.phone() as phone:
        yield phone


async def refusal(response: ClientResponse) -> tuple[int, str, str | None]:
    """Status, code and field of a problem."""
    assert response.content_type == "application/problem+json", await response.text()
    body = await response.json()
    assert body["status"] == response.status
    assert body["detail"]
    return response.status, body["code"], body["field"]


@pytest.mark.parametrize(
    ("method", "path", "body", "field"),
    [
        ("POST", "members", b'{"name": "A"', "body"),
        ("POST", "members", b"\xff\xfe", "body"),
        ("POST", "members", b"[]", "body"),
        ("POST", "members", b"{}", "name"),
        ("POST", "members", b'{"name": 7}', "name"),
        ("POST", "members", b'{"name": " "}', "name"),
        ("POST", "members", '{"name": "A\u202eB"}'.encode(), "name"),
        ("POST", "members", b'{"name": "A", "nmae": "B"}', "nmae"),
        ("POST", "members", b'{"name": "A", "language": "xx"}', "language"),
        ("POST", "members", b'{"name": "A", "sizes": [{"garment": "hat"}]}', "sizes[0].garment"),
        ("POST", "visits", b"{}", "body"),
        ("POST", "visits", b'{"code": "R-1001", "phone": "5550123"}', "body"),
        ("POST", f"members/{SOMEONE}/consents", b'{"agreed": false}', "agreed"),
        ("GET", "members", None, "q"),
        ("GET", "members?q=", None, "q"),
        ("GET", "members?q=a&q=b", None, "q"),
        ("GET", "members?q=a&limit=5", None, "limit"),
        ("GET", "cameras?x=1", None, "x"),
        ("GET", f"members/{SOMEONE}?reason=curiosity", None, "reason"),
        ("GET", "members/a%20b?reason=search", None, "member_id"),
        ("GET", "notices/xx", None, "language"),
        ("GET", "feed?after=-1", None, "after"),
        ("GET", "feed?after=null", None, "after"),
    ],
)
async def test_a_malformed_request_is_refused_with_its_field(
    manager: ClientSession, method: str, path: str, body: bytes | None, field: str
) -> None:
    headers = {"Content-Type": "application/json"} if body is not None else {}
    async with manager.request(method, path, data=body, headers=headers) as response:
        assert await refusal(response) == (400, "bad_request", field)


async def test_a_body_of_another_type_or_size_is_refused(manager: ClientSession) -> None:
    async with manager.post("members", data="name=A") as response:
        assert await refusal(response) == (415, "unsupported_media", "Content-Type")
    json = {"Content-Type": "application/json"}
    async with manager.post("members", data=b" " * (JSON_LIMIT_BYTES + 1), headers=json) as large:
        assert await refusal(large) == (413, "too_large", "body")
    photos = f"consents/{SOMEONE}/photos"
    async with manager.post(photos, data=b"GIF89a", headers={"Content-Type": "image/gif"}) as gif:
        assert await refusal(gif) == (415, "unsupported_media", "Content-Type")


async def test_a_photo_without_a_length_is_cut_off_at_the_limit(
    door: Door, manager: ClientSession
) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while sent < 8 * PHOTO_LIMIT_BYTES:
            sent += 1 << 20
            yield b"\0" * (1 << 20)

    photos = f"consents/{SOMEONE}/photos"
    headers = {"Content-Type": "image/jpeg"}
    async with manager.post(photos, data=endless(), headers=headers) as response:
        assert await refusal(response) == (413, "too_large", "body")
    assert sent < 2 * PHOTO_LIMIT_BYTES + (8 << 20), "the rest was never asked for"
    assert door.vision.photos == []


async def test_a_session_that_is_unknown_or_revoked_is_401(door: Door) -> None:
    async with ClientSession(f"{door.api}/") as stranger:
        for headers in ({}, {"Authorization": "Bearer nonsense"}, {"Authorization": "Basic eA=="}):
            async with stranger.get("me", headers=headers) as response:
                assert (await refusal(response))[:2] == (401, "not_paired")
                assert response.headers["WWW-Authenticate"] == "Bearer"
    async with door.phone() as phone:
        async with phone.delete("me") as unpaired:
            assert unpaired.status == 204
        async with phone.get("me") as response:
            assert (await refusal(response))[:2] == (401, "not_paired")


async def test_two_different_tokens_in_one_request_are_refused(door: Door) -> None:
    other = await door.pair(Role.GUIDE, "Li")
    async with door.phone() as phone:
        cookie = {"Cookie": f"regulars_session={other}"}
        async with phone.get("me", headers=cookie) as response:
            assert (await refusal(response))[:2] == (401, "not_paired")


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "sessions"), ("DELETE", f"sessions/{SOMEONE}"), ("POST", "pairing-codes")],
)
async def test_a_guide_is_refused_where_a_manager_is_needed(
    door: Door, method: str, path: str
) -> None:
    async with door.phone(Role.GUIDE) as guide, guide.request(method, path) as response:
        assert (await refusal(response))[:2] == (403, "not_allowed")


async def test_a_manager_does_not_revoke_the_phone_in_hand_by_mistake(
    manager: ClientSession,
) -> None:
    async with manager.get("sessions") as listed:
        (own,) = (await listed.json())["sessions"]
    async with manager.delete(f"sessions/{own['id']}") as response:
        assert (await refusal(response))[:2] == (409, "conflict")


@pytest.mark.parametrize("origin", ["https://evil.test", "null", "http://127.0.0.1:1"])
async def test_another_sites_page_changes_nothing(manager: ClientSession, origin: str) -> None:
    foreign = {"Origin": origin}
    async with manager.post("members", json={"name": "A"}, headers=foreign) as response:
        assert await refusal(response) == (403, "not_allowed", "Origin")
    async with manager.get("members", params={"q": "A"}) as found:
        assert (await found.json())["members"] == []


async def test_our_own_page_may_change_things(door: Door, manager: ClientSession) -> None:
    own = {"Origin": door.url}
    async with manager.post("members", json={"name": "A"}, headers=own) as response:
        assert response.status == 201


async def test_unknown_paths_and_methods_are_problems_too(door: Door) -> None:
    async with ClientSession() as anyone:
        for path in ("/api/v1/nothing", "/nothing", "/../../etc/passwd", "/app"):
            async with anyone.get(door.url + path) as response:
                assert (await refusal(response))[:2] == (404, "not_found")
        async with anyone.put(f"{door.api}/health") as response:
            assert (await refusal(response))[:2] == (405, "method_not_allowed")
            assert response.headers["Allow"] == "GET"


async def test_a_full_disk_is_503_with_a_reason_and_passes(
    door: Door, manager: ClientSession
) -> None:
    async with manager.post("members", json={"name": "Before"}) as created:
        assert created.status == 201
    # The log of a test is a file too, and would meet the same limit.
    with structlog.testing.capture_logs(), files_limited_to(0):
        async with manager.post("members", json={"name": "During"}) as response:
            assert (await refusal(response))[:2] == (503, "store_unavailable")
            assert int(response.headers["Retry-After"]) > 0
    async with manager.post("members", json={"name": "After"}) as created:
        assert created.status == 201
    names = []
    for name in ("Before", "During", "After"):
        async with manager.get("members", params={"q": name}) as found:
            names += [m["name"] for m in (await found.json())["members"]]
    assert names == ["Before", "After"], "nothing was half-written, and nothing restarted"


@contextmanager
def files_limited_to(limit_bytes: int) -> Iterator[None]:
    """A disk on which no file grows beyond the limit, as the kernel sees it (EFBIG)."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit_bytes, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


async def answer_of(handler: Handler) -> tuple[int, dict[str, object]]:
    """Status and body of a handler's answer behind the middlewares."""
    app = web.Application(middlewares=[access_log, problems])
    app.router.add_get("/members/{member_id}", handler)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    try:
        async with ClientSession() as client:
            url = f"http://127.0.0.1:{port}/members/anna?code=secret"
            async with client.get(url) as response:
                return response.status, await response.json()
    finally:
        await runner.cleanup()


@pytest.mark.parametrize("raised", [RuntimeError("/var/lib/regulars"), KeyError("anna")])
async def test_an_unexpected_exception_tells_only_an_id(raised: Exception) -> None:
    async def broken(request: web.Request) -> web.StreamResponse:
        raise raised

    with structlog.testing.capture_logs() as lines:
        status, body = await answer_of(broken)
    assert (status, body["code"]) == (500, "internal")
    (failure,) = [line for line in lines if line["event"] == "request_failed"]
    assert failure["trouble_id"] in str(body["detail"])
    assert str(raised) not in str(body)


async def test_the_log_has_the_routes_template_and_never_an_id_or_a_query() -> None:
    async def fine(request: web.Request) -> web.StreamResponse:
        return web.json_response({})

    with structlog.testing.capture_logs() as lines:
        await answer_of(fine)
    (line,) = [line for line in lines if line["event"] == "request"]
    assert (line["method"], line["route"], line["status"]) == ("GET", "/members/{member_id}", 200)
    assert "anna" not in str(line)
    assert "secret" not in str(line)
