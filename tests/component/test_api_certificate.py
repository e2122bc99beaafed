"""The shop's own authority: what it vouches for, what it cannot, and how its leaf is renewed."""

from __future__ import annotations

import asyncio
import ssl
import stat
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from edge.clienteling_api.addresses import Names
from edge.clienteling_api.authority import (
    LEAF_LIFE,
    RENEW_BEFORE,
    Authority,
    make_authority,
    make_leaf,
)
from edge.clienteling_api.pairs import Pair, parse, pem, show
from edge.errors import ConfigError
from edge.store.keyring import Keyring, open_keyring


class World:
    """A clock and a network that a test can change."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)
        self.addresses = {"127.0.0.1"}
        self.hosts = {"localhost", "shop-pc", "shop-pc.local"}

    def clock(self) -> datetime:
        return self.now

    def names(self) -> Names:
        return Names(
            preferred=ip_address("127.0.0.1"),
            addresses=frozenset(map(ip_address, self.addresses)),
            hosts=frozenset(self.hosts),
        )


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def keys(tmp_path: Path) -> Iterator[Keyring]:
    keyring = open_keyring(tmp_path / "keys")
    yield keyring
    keyring.close()


@pytest.fixture
def authority(tmp_path: Path, keys: Keyring, world: World) -> Authority:
    return Authority(tmp_path / "tls", keys, world.clock, world.names)


def trusting(authority: Authority) -> ssl.SSLContext:
    """A phone that trusts this authority and nobody else."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=authority.certificate())
    return context


@asynccontextmanager
async def serving(context: ssl.SSLContext) -> AsyncIterator[int]:
    """A TLS server that echoes lines; its port."""

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            writer.write(line)
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(echo, "127.0.0.1", 0, ssl=context)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def certificate_seen(port: int, trust: ssl.SSLContext, name: str) -> x509.Certificate:
    _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=trust, server_hostname=name)
    try:
        seen = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
        return x509.load_der_x509_certificate(seen)
    finally:
        writer.close()
        await writer.wait_closed()


def names_in(certificate: x509.Certificate) -> set[str]:
    held = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return {str(name.value) for name in held}


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "shop-pc", "shop-pc.local"])
async def test_a_phone_that_trusts_the_authority_takes_every_name(
    authority: Authority, name: str
) -> None:
    async with serving(authority.context()) as port:
        seen = await certificate_seen(port, trusting(authority), name)
    lasts = seen.not_valid_after_utc - seen.not_valid_before_utc
    assert lasts == LEAF_LIFE


async def test_a_name_that_is_not_ours_is_not_taken(authority: Authority) -> None:
    async with serving(authority.context()) as port:
        with pytest.raises(ssl.SSLCertVerificationError):
            await certificate_seen(port, trusting(authority), "bank.test")


async def test_the_authoritys_key_cannot_vouch_for_another_site(world: World) -> None:
    """Even with the key in the wrong hands: name constraints, checked by OpenSSL itself."""
    pair = make_authority(world.names(), world.now)
    stolen = make_leaf(pair, frozenset({x509.DNSName("bank.test")}), world.now)
    honest = make_leaf(pair, frozenset({x509.DNSName("localhost")}), world.now)
    trust = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    trust.load_verify_locations(cadata=der(pair.certificate))
    async with serving(server_context([honest])) as port:
        await certificate_seen(port, trust, "localhost")
    async with serving(server_context([stolen])) as port:
        with pytest.raises(ssl.SSLCertVerificationError, match="permitted subtree"):
            await certificate_seen(port, trust, "bank.test")


def der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(Encoding.DER)


def server_context(pairs: Iterable[Pair]) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    for pair in pairs:
        show(context, pem(pair))
    return context


def test_keys_are_for_the_gateways_user_alone(authority: Authority, tmp_path: Path) -> None:
    authority.context()
    assert {path.name for path in (tmp_path / "tls").iterdir()} == {"authority.pem", "gateway.pem"}
    for path in (tmp_path / "tls").iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path.name
    assert stat.S_IMODE((tmp_path / "tls").stat().st_mode) == 0o700


async def test_a_new_address_gets_a_new_leaf_and_open_connections_stay(
    authority: Authority, world: World
) -> None:
    async with serving(authority.context()) as port:
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", port, ssl=trusting(authority), server_hostname="localhost"
        )
        world.addresses.add("192.168.7.20")
        assert authority.refresh() is True
        assert authority.refresh() is False, "once is enough"
        writer.write(b"still here\n")
        assert await reader.readline() == b"still here\n"
        writer.close()
        await writer.wait_closed()
        seen = await certificate_seen(port, trusting(authority), "192.168.7.20")
    assert "192.168.7.20" in names_in(seen)


def test_the_leaf_is_renewed_before_its_end_under_the_same_authority(
    authority: Authority, world: World
) -> None:
    authority.context()
    before = authority.certificate()
    world.now += LEAF_LIFE - RENEW_BEFORE - timedelta(days=1)
    assert authority.refresh() is False
    world.now += timedelta(days=2)
    assert authority.refresh() is True
    assert authority.certificate() == before


def test_an_address_outside_of_lans_is_vouched_for_only_if_it_was_there_at_first(
    authority: Authority, world: World, tmp_path: Path
) -> None:
    world.addresses.add("198.51.100.4")
    authority.context()
    world.addresses.add("203.0.113.9")
    authority.refresh()
    leaf = x509.load_pem_x509_certificate((tmp_path / "tls" / "gateway.pem").read_bytes())
    assert "198.51.100.4" in names_in(leaf)
    assert "203.0.113.9" not in names_in(leaf)


def test_a_restart_keeps_the_authority_and_the_leaf(
    authority: Authority, world: World, keys: Keyring, tmp_path: Path
) -> None:
    authority.context()
    held = {p.name: p.read_bytes() for p in (tmp_path / "tls").iterdir()}
    Authority(tmp_path / "tls", keys, world.clock, world.names).context()
    assert {p.name: p.read_bytes() for p in (tmp_path / "tls").iterdir()} == held


@pytest.mark.parametrize("name", ["authority", "gateway"])
def test_no_key_lies_in_a_file_in_the_clear(
    authority: Authority, keys: Keyring, tmp_path: Path, name: str
) -> None:
    authority.context()
    pair = keys.pair(name)
    assert pair is not None
    (line, *_) = pair.split(b"\n")[1:]
    for path in [p for p in tmp_path.rglob("*") if p.is_file()]:
        assert line not in path.read_bytes(), path.name
    assert b"PRIVATE" not in (tmp_path / "tls" / f"{name}.pem").read_bytes()


def test_an_authority_of_an_earlier_release_stays_the_one_that_phones_trust(
    keys: Keyring, world: World, tmp_path: Path
) -> None:
    (tmp_path / "tls").mkdir(mode=0o700)
    earlier = make_authority(world.names(), world.now)
    (tmp_path / "tls" / "authority.pem").write_bytes(pem(earlier))
    authority = Authority(tmp_path / "tls", keys, world.clock, world.names)
    assert authority.certificate() == der(earlier.certificate)
    assert b"PRIVATE" not in (tmp_path / "tls" / "authority.pem").read_bytes()
    (tmp_path / "tls" / "authority.pem").write_bytes(b"")  # the power went while it was written
    assert authority.certificate() == der(earlier.certificate)
    assert b"CERTIFICATE" in (tmp_path / "tls" / "authority.pem").read_bytes()


async def test_after_another_authority_came_the_leaf_is_its_own(
    authority: Authority, keys: Keyring, world: World, tmp_path: Path
) -> None:
    """A copy that was put back brings the authority that phones trust, under the same name."""
    authority.context()
    other = make_authority(world.names(), world.now)
    keys.keep_pair("authority", pem(other))
    again = Authority(tmp_path / "tls", keys, world.clock, world.names)
    assert again.certificate() == der(other.certificate)
    async with serving(again.context()) as port:
        await certificate_seen(port, trusting(again), "localhost")


@pytest.mark.parametrize("name", ["authority", "gateway"])
def test_a_damaged_file_is_made_good_from_the_keys(
    authority: Authority, world: World, keys: Keyring, tmp_path: Path, name: str
) -> None:
    authority.context()
    file = tmp_path / "tls" / f"{name}.pem"
    before = file.read_bytes()
    for damaged in (b"damaged", b"-----BEGIN PRIVATE KEY-----\nno key\n", bytes(100)):
        file.write_bytes(damaged)
        Authority(tmp_path / "tls", keys, world.clock, world.names).context()
        assert file.read_bytes() == before


async def test_the_leaf_of_an_earlier_release_stays_and_its_key_goes_among_the_keys(
    authority: Authority, world: World, keys: Keyring, tmp_path: Path
) -> None:
    certificate = authority.certificate()
    held = keys.pair("authority")
    assert held is not None
    names = frozenset({x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))})
    world.hosts = {"localhost"}
    leaf = make_leaf(parse(held, "held"), names, world.now)
    earlier = tmp_path / "tls" / "leaf.pem"
    earlier.write_bytes(pem(leaf))
    (tmp_path / "same").hardlink_to(earlier)
    async with serving(authority.context()) as port:
        seen = await certificate_seen(port, trusting(authority), "localhost")
    assert seen.serial_number == leaf.certificate.serial_number
    assert not earlier.exists()
    assert set((tmp_path / "same").read_bytes()) == {0}, "overwritten where it lay"
    assert authority.certificate() == certificate


def test_an_authority_whose_key_is_nowhere_is_one_clear_line(
    authority: Authority, world: World, tmp_path: Path
) -> None:
    authority.context()
    other = open_keyring(tmp_path / "other")
    with pytest.raises(ConfigError, match=r"authority.pem: cannot be read; restore it"):
        Authority(tmp_path / "tls", other, world.clock, world.names).context()
    other.close()
