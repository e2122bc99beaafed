"""What an unpaired phone is given to trust the gateway: what Apple's devices and Android take."""

from __future__ import annotations

import asyncio
import hashlib
import plistlib
import subprocess
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import ClientResponse, ClientSession
from component.api_door import Door, open_door
from cryptography import x509

from edge.clienteling_api.trust import profile
from edge.domain import Language


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[Door]:
    async with open_door(tmp_path) as opened:
        yield opened


@asynccontextmanager
async def asked(door: Door, path: str) -> AsyncIterator[ClientResponse]:
    """An answer of the gateway to a phone that nobody paired."""
    async with ClientSession() as phone, phone.get(f"{door.url}{path}") as answer:
        assert answer.status == 200
        yield answer


async def test_the_profile_holds_the_authority_as_a_root_certificate(door: Door) -> None:
    async with asked(door, "/ca.mobileconfig") as answer:
        assert answer.content_type == "application/x-apple-aspen-config"
        held = plistlib.loads(await answer.read())
    assert held["PayloadType"] == "Configuration"
    (payload,) = held["PayloadContent"]
    assert payload["PayloadType"] == "com.apple.security.root"
    assert payload["PayloadContent"] == door.parts.ca_certificate
    assert held["PayloadOrganization"] == door.parts.shop.name
    marks = {held["PayloadUUID"], payload["PayloadUUID"]}
    assert len({uuid.UUID(mark) for mark in marks}) == 2
    for part in (held, payload):
        assert part["PayloadVersion"] == 1
        assert part["PayloadIdentifier"].isascii()


def test_a_second_profile_of_the_same_authority_replaces_the_first() -> None:
    first = plistlib.loads(profile(b"authority", "Shop", Language.ENGLISH))
    renamed = plistlib.loads(profile(b"authority", "店", Language.CHINESE))
    other = plistlib.loads(profile(b"another", "Shop", Language.ENGLISH))
    for name in ("PayloadUUID", "PayloadIdentifier"):
        assert first[name] == renamed[name]
        assert first[name] != other[name]
    assert "店" in renamed["PayloadDisplayName"]


async def test_the_certificate_is_what_android_and_openssl_take_as_an_authority(door: Door) -> None:
    async with asked(door, "/ca.crt") as answer:
        assert answer.content_type == "application/x-x509-ca-cert"
        raw = await answer.read()
    basic = x509.load_der_x509_certificate(raw).extensions.get_extension_for_class(
        x509.BasicConstraints
    )
    assert basic.critical
    assert basic.value.ca


async def test_the_fingerprint_is_what_openssl_says_of_the_file(door: Door) -> None:
    async with asked(door, "/api/v1/authority") as answer:
        told = await answer.json()
    raw = door.parts.ca_certificate
    assert told["fingerprint_sha256"].replace(":", "").lower() == hashlib.sha256(raw).hexdigest()
    said = await asyncio.to_thread(
        subprocess.run,
        ["openssl", "x509", "-inform", "der", "-noout", "-fingerprint", "-sha256"],
        input=raw,
        capture_output=True,
        check=True,
    )
    assert said.stdout.decode().strip().endswith(told["fingerprint_sha256"])
