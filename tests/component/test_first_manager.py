"""The page that comes with a claim pairs the first manager's phone, once, and nobody else's.

What would break: a second phone let in by the same page, a page that outlives the first manager or
its claim, a page that a power cut makes worthless.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import ClientSession
from component.claim_machines import Machine, claim_with_page, fleet, store, utc_now
from component.headquarters_town import Headquarters, Transport
from component.store_values import Clock
from component.test_first_run import ask

from edge.app import gateway
from edge.app.admission import admission
from edge.contract import LOCAL_NAME, StoreClaim
from edge.domain import Role
from edge.errors import Gone, StoreUnavailable
from edge.feed import Feed
from edge.flows.kept_claim import Paper
from edge.flows.pairing import Pairing
from edge.rules.store_claim import open_claim
from edge.store import Store
from hq.claims import first_manager

LIFE = timedelta(days=30)


@pytest.fixture
def transport() -> Transport:
    return "https"


async def test_a_claim_typed_and_a_page_scanned_make_a_shop_with_a_manager(
    headquarters: Headquarters, machine: Machine
) -> None:
    claim, code = await claim_with_page(headquarters, store())
    assert code.encode() not in claim
    _, others = await claim_with_page(headquarters, store("nice-1"))
    await asyncio.to_thread(machine.take_in, claim)
    await machine.pursue()
    for opening in range(2):  # what it learnt at the first it does not learn again
        async with gateway(machine.config, machine.folder, file=machine.file) as running:
            base = f"http://127.0.0.1:{running.doors.loopback_port}/api/v1/"
            async with ClientSession(base) as phone:
                scanned = {"code": code, "device": "phone"}
                await ask(phone, "POST", "pair", scanned | {"code": others}, status=404)
                if opening == 0:
                    paired = await ask(phone, "POST", "pair", scanned)
                    assert paired["role"] == "manager"
                await ask(phone, "POST", "pair", scanned, status=404)
    assert not (machine.kept.credentials / "first-manager.json").exists()


async def test_the_shops_own_authority_vouches_for_the_name_on_the_page(machine: Machine) -> None:
    async with gateway(machine.config, machine.folder, file=machine.file) as running:
        trusted = ssl.create_default_context(cafile=machine.state / "tls" / "authority.pem")
        health = f"https://127.0.0.1:{running.doors.lan_port}/api/v1/health"
        async with (
            ClientSession() as phone,
            phone.get(health, ssl=trusted, server_hostname=LOCAL_NAME) as answer,
        ):
            assert answer.status == 200


async def test_the_command_writes_a_page_beside_each_claim(
    headquarters: Headquarters, tmp_path: Path
) -> None:
    lists, out = tmp_path / "stores.csv", tmp_path / "claims"
    lists.write_text("id,name,language\nlyon-1,Café & Söhne <1>,en\nbund-1,外滩店,zh\n", "utf-8")
    words = [str(lists), "--url", headquarters.url, "--out", str(out), "--first-manager"]
    made = await asyncio.to_thread(fleet, headquarters, "claim", *words)
    assert made.returncode == 0, made.stderr
    hashes = set()
    for store_id in ("lyon-1", "bund-1"):
        page = out / f"first-manager-{store_id}.pdf"
        assert page.read_bytes().startswith(b"%PDF-")
        assert page.stat().st_mode & 0o077 == 0
        claim = open_claim((out / f"regulars-claim-{store_id}.toml").read_bytes(), utc_now())
        assert claim.first_manager is not None
        hashes.add(claim.first_manager)
    assert len(hashes) == 2
    (row,) = await headquarters.do("SELECT string_agg(claims::text, '') AS said FROM claims")
    assert not [one for one in hashes if one in row["said"]]


async def test_a_page_survives_a_gateway_that_could_not_write_it_down(
    headquarters: Headquarters, machine: Machine
) -> None:
    claim, code = await claim_with_page(headquarters, store())
    await asyncio.to_thread(machine.take_in, claim)
    await machine.pursue()
    told: list[Paper] = []

    async def full(_: Paper) -> None:
        raise StoreUnavailable("the disk is full")

    async def well(paper: Paper) -> None:
        told.append(paper)

    story = admission(machine.file, utc_now)
    with pytest.raises(StoreUnavailable):
        await story.settle(full)
    await story.settle(well)
    await story.settle(well)
    assert [paper.code_hash for paper in told] == [first_manager.digest(code)]
    opened: StoreClaim = open_claim(claim, utc_now())
    assert told[0].expires_at == opened.expires_at


# --- the code itself -----------------------------------------------------------------------


@pytest.fixture
async def store_with_page(tmp_path: Path) -> AsyncIterator[tuple[Pairing, str, Clock]]:
    clock = Clock()
    code = first_manager.new_code()
    async with Store.open(tmp_path / "state", clock) as opened:
        pairing = Pairing(opened, Feed(), clock)
        digest = first_manager.digest(code)
        await pairing.invite_on_paper(digest, "Manager", clock() + LIFE)
        yield pairing, code, clock


async def test_typed_with_hyphens_and_small_letters_it_is_the_same_code(
    store_with_page: tuple[Pairing, str, Clock],
) -> None:
    pairing, code, clock = store_with_page
    clock.jump(days=30, seconds=-1)
    typed = "-".join(code[at : at + 4] for at in range(0, len(code), 4)).lower()
    paired = await pairing.pair(typed, "phone")
    assert (paired.session.role, paired.session.guide_name) == (Role.MANAGER, "Manager")


async def test_it_ends_with_the_claim(store_with_page: tuple[Pairing, str, Clock]) -> None:
    pairing, code, clock = store_with_page
    clock.jump(days=30)
    with pytest.raises(Gone):
        await pairing.pair(code, "phone")


async def test_any_first_manager_ends_it_and_a_guide_does_not(
    store_with_page: tuple[Pairing, str, Clock],
) -> None:
    pairing, code, _ = store_with_page
    guide = await pairing.invite(None, "Ben", Role.GUIDE)
    await pairing.pair(guide.code, "guide's phone")
    manager, another = [await pairing.invite(None, "Ana", Role.MANAGER) for _ in range(2)]
    came = await pairing.pair(manager.code, "phone")
    await pairing.revoke(None, came.session.id)
    with pytest.raises(Gone):
        await pairing.pair(code, "phone")
    await pairing.pair(another.code, "phone")  # an ordinary invitation goes on


async def test_where_a_manager_is_paired_a_page_invites_nobody(
    store_with_page: tuple[Pairing, str, Clock],
) -> None:
    pairing, code, clock = store_with_page
    await pairing.pair(code, "phone")
    await pairing.invite_on_paper(first_manager.digest(code), "Manager", clock() + LIFE)
    with pytest.raises(Gone):
        await pairing.pair(code, "another phone")
