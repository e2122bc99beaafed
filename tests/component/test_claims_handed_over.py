"""A claim handed over on the setup page's API of a real gateway, with real headquarters behind it.

What would break: somebody else's claim that is taken unasked, a refusal without a reason, a claim
that is kept and never pursued, a shop with members that becomes another.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from aiohttp import ClientSession
from component.claim_machines import Machine, claims, fingerprint, store
from component.headquarters_town import Headquarters, Transport
from component.store_values import a_member
from component.test_first_run import ask, phone

from edge.app import gateway, sole_use
from edge.app.gateway import Gateway
from edge.domain import ClaimFault, Role

WITHIN_S = 180.0
"""A claim that waits is pursued anew at random moments, further apart the longer it waits."""


@pytest.fixture
def transport() -> Transport:
    return "https"


@asynccontextmanager
async def opened(machine: Machine) -> AsyncIterator[Gateway]:
    async with gateway(machine.config, machine.folder / "models", file=machine.file) as running:
        yield running


async def becomes_a_store(running: Gateway, machine: Machine) -> None:
    async with asyncio.timeout(WITHIN_S):
        await running.first_run.changed.wait()
    assert machine.config.store.id == "lyon-1"
    assert not machine.kept.folder.exists()


async def claim_once(client: ClientSession, says: Callable[[Any], bool]) -> Any:
    """What the settings show of the claim, once they say so."""
    async with asyncio.timeout(WITHIN_S):
        while not says(claim := (await ask(client, "GET", "setup"))["claim"]):
            await asyncio.to_thread(time.sleep, 0.05)
    return claim


def body(claim: bytes, **more: str) -> dict[str, str]:
    return {"file": claim.decode(), **more}


async def test_a_person_confirms_whose_it_is_and_the_gateway_becomes_the_store(
    headquarters: Headquarters, machine: Machine
) -> None:
    (claim,) = await claims(headquarters, [store()])
    async with opened(machine) as running, phone(running, Role.TECHNICIAN) as technician:
        before = machine.seen()
        asked = await ask(technician, "POST", "setup/claim", body(claim))
        assert (asked["state"], asked["store_id"]) == ("unconfirmed", "lyon-1")
        assert asked["headquarters"] == headquarters.url
        assert asked["authority"] == fingerprint(headquarters)
        assert machine.seen().keys() == before.keys(), "nothing is kept until somebody confirmed"
        wrong = await ask(technician, "POST", "setup/claim", body(claim, authority="0" * 64))
        assert (wrong["state"], wrong["fault"]) == ("refused", ClaimFault.FOREIGN)
        confirmed = body(claim, authority=asked["authority"])
        taken = await ask(technician, "POST", "setup/claim", confirmed)
        assert taken["state"] == "waiting"
        await becomes_a_store(running, machine)
        entries = await running.store.read(lambda reader: reader.audit.tail(50))
        assert [e.actor for e in entries if e.action == "claim_taken_in"] == ["Somebody"]


async def test_a_machine_that_knows_its_headquarters_asks_nobody_and_takes_no_other(
    headquarters: Headquarters, machine: Machine
) -> None:
    (claim,) = await claims(headquarters, [store()])
    anchor = machine.folder / "authority.sha256"
    async with opened(machine) as running, phone(running, Role.MANAGER) as manager:
        anchor.write_text("0" * 64)
        insisted = body(claim, authority=fingerprint(headquarters))
        refused = await ask(manager, "POST", "setup/claim", insisted)
        assert refused["fault"] == ClaimFault.FOREIGN
        anchor.write_text(fingerprint(headquarters).upper() + "\n")
        assert (await ask(manager, "POST", "setup/claim", body(claim)))["state"] == "waiting"
        await becomes_a_store(running, machine)


async def test_it_waits_for_headquarters_and_says_so(
    headquarters: Headquarters, machine: Machine
) -> None:
    (claim,) = await claims(headquarters, [store()])
    await asyncio.to_thread(headquarters.kill)
    async with opened(machine) as running, phone(running, Role.TECHNICIAN) as technician:
        await ask(
            technician, "POST", "setup/claim", body(claim, authority=fingerprint(headquarters))
        )
        told = await claim_once(technician, lambda claim: claim["said"])
        assert (told["state"], told["store_name"]) == ("waiting", "Shop lyon-1")
        assert "gives no answer of use" in told["said"]
        await asyncio.to_thread(headquarters.start)
        await becomes_a_store(running, machine)


@pytest.mark.parametrize(
    ("sql", "fault"),
    [
        ("UPDATE claims SET used_at = now(), used_by = 'x', certificate = ''", ClaimFault.USED),
        ("UPDATE claims SET revoked_at = now()", ClaimFault.REVOKED),
        ("UPDATE claims SET expires_at = made_at", ClaimFault.EXPIRED),
        ("DELETE FROM claims", ClaimFault.UNKNOWN),
    ],
)
async def test_what_headquarters_says_no_to_stands_there_with_its_reason(
    headquarters: Headquarters, machine: Machine, sql: str, fault: ClaimFault
) -> None:
    (claim,) = await claims(headquarters, [store()])
    await headquarters.do(sql)
    before = machine.file.read_bytes()
    async with opened(machine) as running, phone(running, Role.TECHNICIAN) as technician:
        await ask(
            technician, "POST", "setup/claim", body(claim, authority=fingerprint(headquarters))
        )
        told = await claim_once(technician, lambda claim: claim["state"] != "waiting")
        assert (told["state"], told["fault"]) == ("refused", fault)
        assert not running.first_run.changed.is_set()
    assert machine.file.read_bytes() == before


async def test_what_is_wrong_with_the_file_is_named_and_nothing_is_kept(
    headquarters: Headquarters, machine: Machine
) -> None:
    (good,) = await claims(headquarters, [store()])
    (over,) = await claims(headquarters, [store("nice-1")], lasts=timedelta(seconds=-1))
    (odd,) = await claims(
        headquarters, [msgspec.structs.replace(store("metz-1"), timezone="Mars/Base")]
    )
    cases: list[tuple[dict[str, Any], ClaimFault]] = [
        (body(good.replace(b"Europe/Paris", b"Europe/Rome_")), ClaimFault.CHANGED),
        (body(good[:-40]), ClaimFault.UNREADABLE),
        (body("这不是认领文件".encode()), ClaimFault.UNREADABLE),
        (body(b""), ClaimFault.UNREADABLE),
        (body(over, authority=fingerprint(headquarters)), ClaimFault.EXPIRED),
        (body(odd, authority=fingerprint(headquarters)), ClaimFault.SETTINGS),
    ]
    async with opened(machine) as running, phone(running, Role.TECHNICIAN) as technician:
        for sent, fault in cases:
            told = await ask(technician, "POST", "setup/claim", sent)
            assert (told["state"], told["fault"]) == ("refused", fault), told
            assert "\n" not in told["said"]
        too_big = {"file": "#" * 70_000}
        await ask(technician, "POST", "setup/claim", too_big, status=413)
        assert (await ask(technician, "GET", "setup"))["claim"] is None
        with sole_use(machine.state, "claim"):
            sent = body(good, authority=fingerprint(headquarters))
            told = await ask(technician, "POST", "setup/claim", sent)
            assert (told["state"], told["fault"]) == ("refused", ClaimFault.BUSY)
        assert not machine.kept.folder.exists()
    async with opened(machine) as running, phone(running, Role.GUIDE) as guide:
        await ask(guide, "POST", "setup/claim", body(good), status=403)


async def test_a_shop_with_members_becomes_no_other_store(
    headquarters: Headquarters, machine: Machine
) -> None:
    other, own = await claims(headquarters, [store(), store("shop")])
    async with opened(machine) as running, phone(running, Role.TECHNICIAN) as technician:
        # Taken in while it had none, and gained one before headquarters was reached.
        with sole_use(machine.state, "claim"):  # the gateway goes on with one that it finds
            await asyncio.to_thread(machine.take_in, other)
            await asyncio.to_thread(machine.kept.note, "waits")
            await running.store.write(lambda tx: tx.members.put(a_member()))
        told = await claim_once(technician, lambda claim: claim["state"] != "waiting")
        assert told["fault"] == ClaimFault.OTHER_STORE
        assert await headquarters.do("SELECT 1 FROM claims WHERE used_at IS NOT NULL") == []
        sent = body(other, authority=fingerprint(headquarters))
        told = await ask(technician, "POST", "setup/claim", sent)
        assert told["fault"] == ClaimFault.OTHER_STORE
        said = await asyncio.to_thread(
            machine.claim, "--authority", fingerprint(headquarters), "-", stdin=other
        )
        assert said.returncode == 2
        assert "this shop is shop and has members" in " ".join(said.stderr.decode().split())
        sent = body(own, authority=fingerprint(headquarters))
        assert (await ask(technician, "POST", "setup/claim", sent))["state"] == "waiting"
        async with asyncio.timeout(WITHIN_S):
            await running.first_run.changed.wait()
    assert machine.config.headquarters.url == headquarters.url
    assert machine.config.store.id == "shop"
