"""The doors themselves: where they open, what every answer carries, and who finds them."""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import AsyncIterator
from ipaddress import ip_address
from pathlib import Path

import pytest
from aiohttp import ClientConnectorError, ClientSession, web
from component.api_door import NAMES, Door, open_door
from zeroconf import ServiceStateChange, Zeroconf
from zeroconf.asyncio import AsyncServiceBrowser, AsyncServiceInfo, AsyncZeroconf

from edge import __version__
from edge.clienteling_api import static
from edge.clienteling_api.addresses import look_up
from edge.clienteling_api.discovery import SERVICE, announce
from edge.clienteling_api.qr import pairing_url, svg, terminal
from edge.clienteling_api.server import address_of, listen
from edge.config import ApiConfig
from edge.errors import ConfigError

BOUND_S = 60.0


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[Door]:
    async with open_door(tmp_path) as opened:
        yield opened


async def test_the_lan_door_speaks_https_and_the_loopback_door_plain_http(door: Door) -> None:
    trust = ssl.create_default_context(cadata=ssl.DER_cert_to_PEM_cert(door.parts.ca_certificate))
    assert door.doors.loopback.getsockname()[0] == "127.0.0.1"
    async with ClientSession() as phone:
        async with phone.get(f"{door.lan_url}/api/v1/health", ssl=trust) as health:
            assert health.status == 200
        async with phone.get(f"{door.api}/health") as health:
            assert health.status == 200
        with pytest.raises(ClientConnectorError):
            await phone.get(f"{door.lan_url}/api/v1/health")  # nobody trusts it yet
        async with phone.get(f"{door.url}/ca.crt") as certificate:
            assert certificate.content_type == "application/x-x509-ca-cert"
            assert await certificate.read() == door.parts.ca_certificate


@pytest.mark.parametrize("key", ["port", "loopback_port"])
def test_a_port_in_use_is_one_line_that_names_the_key(key: str) -> None:
    first = listen(ApiConfig(host="127.0.0.1", port=0, loopback_port=0))
    with first.lan, first.loopback:
        taken = {"port": 0, "loopback_port": 0, key: first.lan_port}
        with pytest.raises(ConfigError, match=rf"^api\.{key}: {first.lan_port} is in use; .+$"):
            listen(ApiConfig(host="127.0.0.1", **taken))


def test_an_address_that_is_not_ours_is_one_line_that_names_the_key() -> None:
    with pytest.raises(ConfigError, match=r"^api\.port: 203\.0\.113\.1:0 .+ check api\.host$"):
        listen(ApiConfig(host="203.0.113.1", port=0, loopback_port=0))


def test_phones_are_told_an_address_that_they_can_reach() -> None:
    assert address_of("0.0.0.0", 8443, NAMES) == "https://127.0.0.1:8443"
    assert address_of("192.168.1.9", 8443, NAMES) == "https://192.168.1.9:8443"
    assert address_of("fd00::2", 8443, NAMES) == "https://[fd00::2]:8443"


def test_closed_doors_still_say_where_they_were() -> None:
    """A page that asks while the gateway opens anew is answered, as it asked in time."""
    doors = listen(ApiConfig(host="127.0.0.1", port=0, loopback_port=0))
    open_at = doors.address(NAMES), doors.loopback_port
    doors.lan.close()
    doors.loopback.close()
    assert (doors.address(NAMES), doors.loopback_port) == open_at


def test_this_machine_knows_its_names() -> None:
    names = look_up()
    assert ip_address("127.0.0.1") in names.addresses
    assert {"localhost", "regulars.local"} <= names.hosts
    assert names.preferred in names.addresses


@pytest.mark.parametrize("path", ["/", "/api/v1/health", "/api/v1/nothing", "/nothing", "/ca.crt"])
async def test_every_answer_carries_the_protective_headers(door: Door, path: str) -> None:
    async with ClientSession() as anyone, anyone.get(door.url + path) as response:
        headers = response.headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe-inline" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "camera=(self)" in headers["Permissions-Policy"]
    assert "aiohttp" not in headers["Server"]
    if path.startswith("/api/"):
        assert headers["Cache-Control"] == "no-store"


async def test_the_web_apps_files_are_kept_and_asked_about(door: Door) -> None:
    files = [path for path in static.WEB_APP.rglob("*") if path.is_file()]
    assert files
    async with ClientSession() as phone:
        for path in ["", "pair", *(str(f.relative_to(static.WEB_APP)) for f in files)]:
            async with phone.get(f"{door.url}/{path}") as first:
                assert first.status == 200, path
                assert first.headers["Cache-Control"] == "no-cache"
                tag = {"If-None-Match": first.headers["ETag"]}
            async with phone.get(f"{door.url}/{path}", headers=tag) as second:
                assert second.status == 304, path


@pytest.mark.parametrize(
    ("name", "content_type"),
    [
        ("index.html", "text/html"),
        ("app.js", "text/javascript"),
        ("app.webmanifest", "application/manifest+json"),
        ("app.css", "text/css"),
        ("app.svg", "image/svg+xml"),
    ],
)
async def test_files_have_the_types_that_browsers_insist_on(
    tmp_path: Path, name: str, content_type: str
) -> None:
    (tmp_path / name).write_text("x")
    (tmp_path / ".hidden").write_text("x")
    app = web.Application()
    app.router.add_routes(static.routes(tmp_path))
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        async with ClientSession() as phone:
            async with phone.get(f"{url}/{name}") as served:
                assert served.content_type == content_type
            async with phone.get(f"{url}/.hidden") as hidden:
                assert hidden.status == 404
    finally:
        await runner.cleanup()


async def test_what_cannot_be_parsed_is_not_quoted_in_the_log(
    door: Door, caplog: pytest.LogCaptureFixture
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", door.doors.loopback_port)
    writer.write(b"GET /api/v1/me HTTP/1.1\r\nAuthorization: Bearer s3cret\0\r\n\r\n")
    async with asyncio.timeout(BOUND_S):
        assert (await reader.readline()).split()[1] == b"400"
        await reader.read()
    writer.close()
    await writer.wait_closed()
    assert "Error handling request" in caplog.text
    assert "s3cret" not in caplog.text


async def test_health_tells_no_address_and_no_name(door: Door) -> None:
    async with door.phone() as phone:
        async with phone.post("members", json={"name": "Anna Berg"}) as created:
            assert created.status == 201
        async with phone.ws_connect("feed") as feed:
            await feed.receive_json()
            async with phone.get("health") as health:
                text, body = await health.text(), await health.json()
    assert body["status"] == "ok"
    assert body["phones_connected"] == 1
    assert body["cameras"][0]["place"] == "Front door"
    for secret in ("Anna", "camera.test", "rtsp", "127.0.0.1"):
        assert secret not in text


async def test_a_browser_on_the_lan_finds_the_gateway_by_mdns() -> None:
    """A second, independent responder browses on loopback, where others may announce too."""
    loopback, ours = ["127.0.0.1"], f"shop-7.{SERVICE}"
    found: asyncio.Queue[ServiceStateChange] = asyncio.Queue()

    def note(
        zeroconf: Zeroconf, service_type: str, name: str, state_change: ServiceStateChange
    ) -> None:
        if name == ours:
            found.put_nowait(state_change)

    async with AsyncZeroconf(interfaces=loopback) as phone:
        browser = AsyncServiceBrowser(phone.zeroconf, SERVICE, handlers=[note])
        async with (
            asyncio.timeout(BOUND_S),
            announce("shop-7", 8443, [ip_address("127.0.0.1")], interfaces=loopback),
        ):
            assert await found.get() is ServiceStateChange.Added
            info = AsyncServiceInfo(SERVICE, ours)
            assert await info.async_request(phone.zeroconf, BOUND_S * 1000)
        async with asyncio.timeout(BOUND_S):
            while await found.get() is not ServiceStateChange.Removed:
                pass
        await browser.async_cancel()
    assert info.port == 8443
    assert info.server == "regulars.local."
    assert "127.0.0.1" in info.parsed_addresses()
    assert info.decoded_properties["id"] == "shop-7"
    assert info.decoded_properties["version"] == __version__


@pytest.mark.filterwarnings(  # the library leaves the socket it could not use to the collector
    "ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning"
)
async def test_a_machine_without_a_network_starts_without_an_announcement() -> None:
    async with announce("shop-7", 8443, [], interfaces=["203.0.113.1"]):
        pass


def test_the_code_is_in_the_fragment_and_both_drawings_hold_it() -> None:
    url = pairing_url("https://192.168.1.20:8443", "ABCD")
    assert url == "https://192.168.1.20:8443/pair#ABCD"
    assert re.search(r"<svg[^>]*viewBox", svg(url))
    assert "style" not in svg(url), "the content policy lets no inline style through"
    assert "█" in terminal(url)
