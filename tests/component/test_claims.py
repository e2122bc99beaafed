"""A claim makes a machine a store of the chain, once; what cannot be leaves it as it was.

Real headquarters over real TLS on a real PostgreSQL.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from component.claim_machines import Machine, claims, fingerprint, fleet, store, utc_now
from component.headquarters_town import Headquarters, Transport
from component.store_values import a_member, a_visit, opened_message

from edge.app import gateway
from edge.contract import Admitted
from edge.demo.town import PROJECT
from edge.errors import ClaimRefused, HeadquartersRefused, HeadquartersUnavailable
from edge.flows.admission import Admission, Unconfirmed
from edge.sync.admission import ask
from edge.sync.credentials import claim_context
from edge.sync.https import HttpsLine

A_THOUSAND, ADMITTED = 1_000, 50
AT_ONCE = 5
STEPS_AT_MOST = 80
WITHIN_S = 180.0
"""A claim that waits is pursued anew at random moments, further apart the longer it waits."""


@pytest.fixture
def transport() -> Transport:
    return "https"


def last_line(done: subprocess.CompletedProcess[bytes]) -> str:
    return done.stderr.decode().strip().splitlines()[-1]


# --- from the command at headquarters to a store that syncs -------------------------------


async def test_a_claim_made_and_typed_gives_a_store_that_syncs(
    headquarters: Headquarters, machine: Machine, tmp_path: Path
) -> None:
    out = tmp_path / "claims"
    words = ["lyon-1", "--name", "Lyon Bellecour", "--timezone", "Europe/Paris"]
    made = await asyncio.to_thread(
        fleet, headquarters, "claim", *words, "--url", headquarters.url, "--out", str(out), "--json"
    )
    assert made.returncode == 0, made.stderr
    told = json.loads(made.stdout)
    (listed,) = told["claims"]
    said = await asyncio.to_thread(
        machine.claim,
        "--authority",
        told["authority"],
        str(out),  # as a stick's folder
    )
    assert said.returncode == 0, said.stderr
    assert Path(listed["file"]).parent == out
    config = machine.config
    assert (config.store.id, config.store.name) == ("lyon-1", "Lyon Bellecour")
    assert config.store.timezone == "Europe/Paris"
    assert config.headquarters.url == headquarters.url
    assert machine.file.read_text().startswith("# What the technician wrote stays.")
    assert not machine.kept.folder.exists(), "the claim is erased once it was used"
    message = msgspec.structs.replace(opened_message(a_visit(a_member())), store_id="lyon-1")
    async with gateway(config, tmp_path, file=machine.file) as running:
        await running.store.write(lambda tx: tx.outbox.put(message))
        # The other message says which release it runs.
        assert message.message_id in await headquarters.held_at_least(2, "lyon-1")
    (row,) = await headquarters.do("SELECT name FROM stores WHERE id = 'lyon-1'")
    assert row["name"] == "Lyon Bellecour"


async def test_a_gateway_that_runs_goes_on_with_a_claim_until_headquarters_is_there(
    headquarters: Headquarters, machine: Machine, tmp_path: Path
) -> None:
    (claim,) = await claims(headquarters, [store()])
    await asyncio.to_thread(headquarters.kill)
    said = await asyncio.to_thread(
        machine.claim, "--authority", fingerprint(headquarters), "-", stdin=claim
    )
    assert said.returncode == 0, said.stderr
    assert b"The claim is kept" in said.stderr
    assert machine.config.headquarters.url is None
    async with gateway(machine.config, tmp_path, file=machine.file) as running:
        await asyncio.to_thread(headquarters.start)
        async with asyncio.timeout(WITHIN_S):
            await running.first_run.changed.wait()
    assert machine.config.store.id == "lyon-1"
    assert not machine.kept.folder.exists()


async def test_a_thousand_claims_in_a_loop(headquarters: Headquarters, tmp_path: Path) -> None:
    lists, out = tmp_path / "stores.csv", tmp_path / "claims"
    rows = "".join(f"store-{n},Shop {n},Asia/Shanghai,zh\n" for n in range(A_THOUSAND))
    lists.write_text("id,name,timezone,language\n" + rows, encoding="utf-8")
    made = await asyncio.to_thread(
        fleet, headquarters, "claim", str(lists), "--url", headquarters.url, "--out", str(out)
    )
    assert made.returncode == 0, made.stderr
    assert made.stdout.startswith(f"{A_THOUSAND} claims in ")
    assert len(list(out.iterdir())) == A_THOUSAND
    turns = asyncio.Semaphore(AT_ONCE)

    async def become(number: int) -> bytes:
        machine = Machine.new(tmp_path / f"machine-{number}")
        file = out / f"regulars-claim-store-{number}.toml"
        async with turns:
            await asyncio.to_thread(machine.take_in, file.read_bytes())
            await machine.pursue()
        assert machine.config.store.id == f"store-{number}"
        return machine.certificate

    certificates = await asyncio.gather(*(become(number) for number in range(ADMITTED)))
    assert len(set(certificates)) == ADMITTED
    listed = await asyncio.to_thread(fleet, headquarters, "list", "--json")
    told = json.loads(listed.stdout)
    states = [claim["state"] for claim in told["claims"]]
    assert (states.count("used"), states.count("open")) == (ADMITTED, A_THOUSAND - ADMITTED)
    progress = told["progress"]
    assert (progress["used"], progress["silent"], progress["refused"]) == (ADMITTED, ADMITTED, 0)


# --- one machine, once ---------------------------------------------------------------------


async def test_of_two_machines_at_once_one_wins(headquarters: Headquarters, tmp_path: Path) -> None:
    machines = [Machine.new(tmp_path / name) for name in ("one", "other")]
    for number in range(5):
        (claim,) = await claims(headquarters, [store(f"store-{number}")])
        racers = [Machine.new(machine.folder / str(number)) for machine in machines]
        for racer in racers:
            await asyncio.to_thread(racer.take_in, claim)
        ended = await asyncio.gather(*(r.pursue() for r in racers), return_exceptions=True)
        lost = [end for end in ended if isinstance(end, ClaimRefused)]
        assert len(lost) == 1, ended
        assert "another machine has used this claim" in lost[0].message
        held = await headquarters.do(
            "SELECT 1 FROM certificates WHERE store_id = $1", f"store-{number}"
        )
        assert len(held) == 1


async def test_after_a_lost_answer_the_same_machine_is_given_the_same_certificate(
    headquarters: Headquarters, machine: Machine, tmp_path: Path
) -> None:
    (claim,) = await claims(headquarters, [store()])
    await asyncio.to_thread(machine.take_in, claim)

    async def lost(*question: Any) -> Admitted:
        await ask(*question)
        raise HeadquartersUnavailable("the line broke before the answer came")

    deaf = Admission(machine.file, lost, utc_now, usable=lambda config: None)
    with pytest.raises(HeadquartersUnavailable):
        await deaf.pursue()
    assert machine.config.headquarters.url is None
    assert "the line broke" in str(machine.kept.said())
    (signed,) = await headquarters.do("SELECT certificate FROM claims")
    thief = Machine.new(tmp_path / "thief")
    await asyncio.to_thread(thief.take_in, claim)
    with pytest.raises(ClaimRefused, match="another machine has used this claim"):
        await thief.pursue()
    await headquarters.do("UPDATE claims SET expires_at = now() - interval '1 day'")
    await machine.pursue()
    assert machine.certificate.decode().endswith(signed["certificate"])
    assert len(await headquarters.do("SELECT 1 FROM certificates")) == 1


async def test_a_machine_killed_at_every_step_becomes_the_store_once(
    headquarters: Headquarters, tmp_path: Path
) -> None:
    ids = [f"store-{n:02}" for n in range(STEPS_AT_MOST)]
    for first in range(0, STEPS_AT_MOST, 10):  # to make one takes the processor for a while
        some = ids[first : first + 10]
        for store_id, claim in zip(some, await claims(headquarters, map(store, some)), strict=True):
            (tmp_path / f"{store_id}.toml").write_bytes(claim)
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "component.claim_apart", str(tmp_path)],
        cwd=PROJECT,
        env={**os.environ, "PYTHONPATH": f"{PROJECT}:{PROJECT / 'tests'}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    steps = int(done.stdout)
    assert steps > 15
    held = await headquarters.do("SELECT store_id FROM certificates ORDER BY store_id")
    assert [row["store_id"] for row in held] == ids[: steps + 1], "a certificate each, and no more"


# --- what cannot be ------------------------------------------------------------------------


async def test_what_is_wrong_with_the_file_changes_nothing(
    headquarters: Headquarters, machine: Machine
) -> None:
    (good,) = await claims(headquarters, [store()])
    (over,) = await claims(headquarters, [store("nice-1")], lasts=timedelta(seconds=-1))
    before = machine.seen()
    for claim, said in (
        (good.replace(b"Europe/Paris", b"Europe/Rome_"), "was changed after"),
        (good.replace(b"# signature", b"# Signature"), "no claim file of use"),
        (over, "this claim is over since"),
        (b"", "no claim file of use"),
    ):
        with pytest.raises(ClaimRefused, match=said):
            await asyncio.to_thread(machine.take_in, claim)
    stranger = Admission(machine.file, ask, utc_now, usable=lambda config: None)
    with pytest.raises(ClaimRefused, match="no reason to trust"):
        stranger.take_in(good, "0" * 64)
    asked = stranger.take_in(good)
    assert isinstance(asked, Unconfirmed)
    assert asked.authority == fingerprint(headquarters)
    assert machine.seen() == before


async def test_what_stands_on_the_machine_says_whom_it_trusts(
    headquarters: Headquarters, machine: Machine
) -> None:
    (claim,) = await claims(headquarters, [store()])
    unattended = await asyncio.to_thread(machine.claim, "-", stdin=claim)
    assert unattended.returncode == 2
    assert "nobody is here to say" in last_line(unattended)
    anchor = machine.folder / "authority.sha256"
    anchor.write_text("0" * 64)
    refused = await asyncio.to_thread(
        machine.claim, "--authority", fingerprint(headquarters), "-", stdin=claim
    )
    assert refused.returncode == 2
    assert "no reason to trust" in last_line(refused)
    anchor.write_text(fingerprint(headquarters) + "\n")
    done = await asyncio.to_thread(machine.claim, "-", stdin=claim)
    assert done.returncode == 0, done.stderr
    again = await asyncio.to_thread(machine.claim, "-", stdin=claim)
    assert again.returncode == 2
    assert "this machine is lyon-1 of" in last_line(again)


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("UPDATE claims SET revoked_at = now()", "has taken this claim back"),
        ("UPDATE claims SET expires_at = made_at", "says that this claim is over"),
        ("DELETE FROM claims", "does not know this claim"),
    ],
)
async def test_what_headquarters_says_no_to_is_forgotten_and_the_doctor_knows(
    headquarters: Headquarters, machine: Machine, sql: str, said: str
) -> None:
    (claim,) = await claims(headquarters, [store()])
    await asyncio.to_thread(machine.take_in, claim)
    await headquarters.do(sql)
    before = machine.file.read_bytes()
    with pytest.raises(ClaimRefused, match=said):
        await machine.pursue()
    assert machine.file.read_bytes() == before
    assert machine.kept.file() is None
    assert said in str(machine.kept.said())
    assert not machine.kept.credentials.exists()
    assert await machine.pursue() is None


async def test_a_claim_opens_no_other_door(headquarters: Headquarters, machine: Machine) -> None:
    """What travels on a stick can neither send nor read as a store."""
    (claim,) = await claims(headquarters, [store()])
    taken = await asyncio.to_thread(machine.take_in, claim)
    context = claim_context(taken.authority, machine.kept.admission)
    async with HttpsLine(headquarters.url, context) as line:
        with pytest.raises(HeadquartersRefused, match="store_unknown"):
            await line.fetch("changes", 0)
