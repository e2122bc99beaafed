"""A certificate of a public name: obtained from Pebble, renewed, and not lost for a failure."""

from __future__ import annotations

import asyncio
import shutil
import socket
import ssl
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import msgspec
import pytest
from aiohttp import ClientSession, TCPConnector
from aiohttp.abc import AbstractResolver, ResolveResult
from component.acme_town import PASSWORD, Town, acme_town, server_pair
from component.api_door import Door, open_door
from cryptography import x509

from edge.config import CertificateConfig
from edge.domain import MemberChanged, Role
from edge.errors import CertificateFailed, ConfigError
from edge.flows import certificates
from edge.flows.certificates import SHOWN

NAME = "shop-12.example.com"
BOUND_S = 60.0


@pytest.fixture(scope="module")
def town(
    require: Callable[[bool, str], None], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Town]:
    for program in ("lego", "pebble", "pebble-challtestsrv"):
        require(shutil.which(program) is not None, f"Debian's {program}")
    with acme_town(tmp_path_factory.mktemp("acme")) as opened:
        yield opened


@pytest.fixture(scope="module")
def first(town: Town, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state folder with a certificate in it."""
    state = tmp_path_factory.mktemp("state")
    made = certificates.renew(order(town), state, town.secrets, datetime.now(UTC))
    assert made.renewed
    return state


@pytest.fixture
def state(first: Path, tmp_path: Path) -> Path:
    shutil.copytree(first, tmp_path / "state")
    (tmp_path / "state").chmod(0o700)
    return tmp_path / "state"


def order(town: Town) -> CertificateConfig:
    return CertificateConfig(
        name=NAME,
        email="it@example.com",
        dns_provider="httpreq",
        directory=town.directory,
        check_dns=False,  # Pebble's DNS knows no zones, which is where lego would look
    )


def long_after(state: Path) -> datetime:
    """A day before the certificate ends."""
    held = certificates.shown(state / SHOWN, NAME)
    assert held is not None
    return held.not_valid_after_utc - timedelta(days=1)


class Here(AbstractResolver):
    """The public name's address is this machine's."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        assert host == NAME
        return [
            ResolveResult(
                hostname=host,
                host="127.0.0.1",
                port=port,
                family=socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
        ]

    async def close(self) -> None:
        """Nothing is held."""


def phone_of(door: Door, town: Town, token: str) -> ClientSession:
    """A phone that knows the public authorities and not the shop's own."""
    connector = TCPConnector(
        resolver=Here(), ssl=ssl.create_default_context(cadata=town.roots), force_close=True
    )
    return ClientSession(
        f"https://{NAME}:{door.doors.lan_port}/api/v1/",
        connector=connector,
        headers={"Authorization": f"Bearer {token}"},
    )


async def serial_seen(door: Door, town: Town) -> int:
    trust = ssl.create_default_context(cadata=town.roots)
    _, writer = await asyncio.open_connection(
        "127.0.0.1", door.doors.lan_port, ssl=trust, server_hostname=NAME
    )
    seen = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
    writer.close()
    await writer.wait_closed()
    return x509.load_der_x509_certificate(seen).serial_number


async def test_a_phone_stays_connected_through_a_renewal(state: Path, town: Town) -> None:
    async with open_door(state, public_name=NAME) as door:
        before = await serial_seen(door, town)
        async with (
            phone_of(door, town, await door.pair()) as phone,
            phone.ws_connect("feed") as feed,
        ):
            await feed.receive_json()
            now = long_after(state)
            made = await asyncio.to_thread(
                certificates.renew, order(town), state, town.secrets, now
            )
            assert made.renewed
            await asyncio.to_thread(door.authority.refresh)
            assert await serial_seen(door, town) != before
            door.parts.feed.publish(MemberChanged(member_id="after the renewal"))
            async with asyncio.timeout(BOUND_S):
                assert (await feed.receive_json())["member_id"] == "after the renewal"


async def test_phones_that_trust_the_shops_own_authority_go_on_beside_it(
    state: Path, town: Town
) -> None:
    async with open_door(state, public_name=NAME) as door:
        await serial_seen(door, town)
        own = ssl.create_default_context(cadata=ssl.DER_cert_to_PEM_cert(door.parts.ca_certificate))
        async with (
            ClientSession() as phone,
            phone.get(f"{door.lan_url}/api/v1/health", ssl=own) as health,
        ):
            assert health.status == 200


def test_what_is_not_due_asks_nobody(state: Path, town: Town) -> None:
    before = (state / SHOWN).read_bytes()
    nowhere = msgspec.structs.replace(order(town), directory="https://127.0.0.1:9/dir")
    made = certificates.renew(nowhere, state, town.secrets, datetime.now(UTC))
    assert not made.renewed
    assert (state / SHOWN).read_bytes() == before


def test_with_a_wrong_key_of_the_dns_service_the_old_certificate_goes_on(
    state: Path, town: Town
) -> None:
    before = (state / SHOWN).read_bytes()
    wrong = {**town.secrets, "HTTPREQ_PASSWORD": "not-this-one-surely"}
    with pytest.raises(CertificateFailed, match="401") as failed:
        certificates.renew(order(town), state, wrong, long_after(state))
    assert "not-this-one-surely" not in failed.value.message
    assert PASSWORD not in failed.value.message
    assert "\n" not in failed.value.message
    assert (state / SHOWN).read_bytes() == before


@pytest.mark.parametrize("status", [429, 500])
def test_an_authority_that_refuses_is_told_in_one_line_and_the_old_certificate_goes_on(
    state: Path, town: Town, tmp_path: Path, status: int
) -> None:
    before = (state / SHOWN).read_bytes()
    trusted = server_pair(tmp_path)

    class Ill(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = b'{"type":"urn:ietf:params:acme:error:rateLimited","detail":"too many"}'
            self.send_response(status)
            self.send_header("Content-Type", "application/problem+json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Nobody reads it."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Ill) as server:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(tmp_path / "server.pem")
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        ill = msgspec.structs.replace(
            order(town), directory=f"https://127.0.0.1:{server.server_address[1]}/dir"
        )
        secrets = {**town.secrets, "LEGO_CA_CERTIFICATES": str(trusted)}
        try:
            with pytest.raises(CertificateFailed, match="rateLimited") as failed:
                certificates.renew(ill, state, secrets, long_after(state))
        finally:
            server.shutdown()
            thread.join()
    assert "\n" not in failed.value.message
    assert (state / SHOWN).read_bytes() == before


def test_without_a_line_to_the_authority_the_old_certificate_goes_on(
    state: Path, town: Town
) -> None:
    before = (state / SHOWN).read_bytes()
    away = msgspec.structs.replace(order(town), directory="https://127.0.0.1:9/dir")
    with pytest.raises(CertificateFailed, match="tried again"):
        certificates.renew(away, state, town.secrets, long_after(state))
    assert (state / SHOWN).read_bytes() == before


async def test_the_name_stands_on_invitations_once_its_certificate_is_there(
    tmp_path: Path, first: Path, town: Town
) -> None:
    """Without a restart, and its key in no file of the gateway's any more."""
    async with open_door(tmp_path, public_name=NAME) as door:
        here = f"https://127.0.0.1:{door.doors.lan_port}/"
        named = f"https://{NAME}:{door.doors.lan_port}/"
        async with door.phone(Role.MANAGER) as manager:
            assert (await invitation(manager)).startswith(here)
            obtained = (first / SHOWN).read_bytes()
            (tmp_path / SHOWN).write_bytes(obtained)
            await asyncio.to_thread(door.authority.refresh)
            assert (await invitation(manager)).startswith(named)
        await serial_seen(door, town)
    (line, *_) = obtained.split(b"\n")[1:]
    assert files_with(line, tmp_path) == []
    assert certificates.shown(tmp_path / SHOWN, NAME) is not None
    async with open_door(tmp_path, public_name=NAME) as door:  # and after a restart
        await serial_seen(door, town)


def files_with(line: bytes, folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and line in path.read_bytes()]


async def invitation(manager: ClientSession) -> str:
    asked = {"guide_name": "Ana", "role": "guide"}
    async with manager.post("pairing-codes", json=asked) as answer:
        assert answer.status == 201
        return str((await answer.json())["url"])


async def test_a_certificate_whose_key_is_nowhere_keeps_no_new_one_from_coming(
    state: Path, town: Town
) -> None:
    async with open_door(state, public_name=NAME):
        assert certificates.shown(state / SHOWN, NAME) is not None
    shutil.rmtree(state / "keys")
    (state / "tls" / "authority.pem").unlink()
    async with open_door(state, public_name=NAME):
        assert certificates.shown(state / SHOWN, NAME) is None


async def test_the_certificate_of_another_name_is_not_shown(state: Path) -> None:
    async with open_door(state, public_name="other.example.com") as door:
        assert door.parts.address().startswith("https://127.0.0.1:")


def test_lego_keeps_no_key_of_a_certificate(first: Path) -> None:
    assert [path.suffix for path in (first / "acme" / "certificates").glob("*.key")] == []
    assert b"PRIVATE KEY" in (first / SHOWN).read_bytes(), "until the gateway takes it out"


async def test_a_damaged_certificate_changes_nothing_for_whoever_comes(
    state: Path, town: Town
) -> None:
    async with open_door(state, public_name=NAME) as door:
        before = await serial_seen(door, town)
        (state / SHOWN).write_bytes(b"damaged")
        await asyncio.to_thread(door.authority.refresh)
        assert await serial_seen(door, town) == before
    async with open_door(state, public_name=NAME) as door:  # not even after a restart
        assert await serial_seen(door, town) == before


def test_without_a_name_or_secrets_it_says_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ConfigError, match=r"certificate\.name is missing"):
        certificates.renew(CertificateConfig(), tmp_path, {}, datetime.now(UTC))
    (tmp_path / certificates.CREDENTIAL).write_text("none")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    with pytest.raises(ConfigError, match="regulars keys dns"):
        certificates.secrets_of_dns()
    (tmp_path / certificates.CREDENTIAL).write_text("# the service\nTOKEN = abc=\n")
    assert certificates.secrets_of_dns() == {"TOKEN": "abc="}
