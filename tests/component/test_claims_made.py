"""``regulars fleet``: claims are made for all stores of a list or for none, listed, taken back."""

from __future__ import annotations

import asyncio
import base64
import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import asyncpg
import pytest
from component.claim_machines import Machine, claims, fingerprint, fleet, store, utc_now
from component.headquarters_town import Headquarters, Transport

from edge.app import gateway
from edge.errors import ClaimRefused
from hq.claims import making
from hq.problems import Mistake


@pytest.fixture
def transport() -> Transport:
    return "https"


async def test_a_list_with_mistakes_names_them_all_and_makes_nothing(
    headquarters: Headquarters, tmp_path: Path
) -> None:
    lists, out = tmp_path / "stores.csv", tmp_path / "claims"
    lists.write_text(
        "id,name,timezone,language,retention_months,camera.door\n"
        "lyon-1,Lyon,Europe/Paris,en,12,rtsp://10.0.0.1/live\n"
        "Nice,Nice,Europe/Paris,en,12,\n"
        "metz-1,Metz,Europe/Pari,en,12,\n"
        "brest-1,Brest,Europe/Paris,fr,99,ftp://x\n"
        "lyon-1,Lyon again,Europe/Paris,en,,\n",
        encoding="utf-8",
    )
    words = [str(lists), "--url", headquarters.url, "--out", str(out)]
    made = await asyncio.to_thread(fleet, headquarters, "claim", *words)
    assert made.returncode == 1
    for told in (
        "line 3, id: ",
        "line 4, timezone: there is no zone 'Europe/Pari'",
        "line 5, ",
        "line 6, id: 'lyon-1' stands on line 2 already",
    ):
        assert told in made.stderr, made.stderr
    assert not out.exists()
    assert await headquarters.do("SELECT 1 FROM claims") == []
    lists.write_text("id,nme\nlyon-1,Lyon\n")
    made = await asyncio.to_thread(fleet, headquarters, "claim", *words)
    assert "line 1: no column is called 'nme'" in made.stderr


async def test_a_store_has_one_claim_at_a_time(headquarters: Headquarters, tmp_path: Path) -> None:
    await claims(headquarters, [store()])
    lists, out = tmp_path / "stores.toml", tmp_path / "claims"
    lists.write_text('[[stores]]\nid = "nice-1"\nname = "N"\n[[stores]]\nid = "lyon-1"\nname = "L"')
    words = [str(lists), "--url", headquarters.url, "--out", str(out)]
    again = await asyncio.to_thread(fleet, headquarters, "claim", *words)
    assert again.returncode == 1
    assert "lyon-1 has a claim that is still open" in again.stderr
    assert not out.exists()
    revoked = await asyncio.to_thread(fleet, headquarters, "revoke", "lyon-1")
    assert revoked.returncode == 0, revoked.stderr
    await claims(headquarters, [store("nice-1"), store("lyon-1")])
    await headquarters.admit("metz-1")
    with pytest.raises(Mistake, match="metz-1 has a certificate that holds"):
        await claims(headquarters, [store("metz-1")])
    listed = await asyncio.to_thread(fleet, headquarters, "list")
    assert (listed.stdout.count("open"), listed.stdout.count("revoked")) == (2, 1)


async def test_the_list_says_who_came_who_is_heard_of_and_who_was_refused(
    headquarters: Headquarters, machine: Machine, tmp_path: Path
) -> None:
    came, late, _ = await claims(headquarters, [store(), store("nice-1"), store("metz-1")])
    await asyncio.to_thread(machine.take_in, came)
    await machine.pursue()
    await headquarters.do("UPDATE claims SET expires_at = made_at WHERE store_id = 'nice-1'")
    for number, claim in enumerate((came, late)):
        other = Machine.new(tmp_path / f"other-{number}")
        await asyncio.to_thread(other.take_in, claim)
        with pytest.raises(ClaimRefused):
            await other.pursue()
    async with gateway(machine.config, tmp_path, file=machine.file):
        await headquarters.held_at_least(1, "lyon-1")
    listed = await asyncio.to_thread(fleet, headquarters, "list", "--json")
    told = json.loads(listed.stdout)
    assert told["progress"] == {
        "open": 1,
        "used": 1,
        "expired": 1,
        "revoked": 0,
        "heard_of": 1,
        "silent": 0,
        "refused": 2,
    }
    refused = {claim["store_id"]: claim["refused"] for claim in told["claims"]}
    assert refused == {"lyon-1": "claim_used", "nice-1": "claim_expired", "metz-1": None}
    shown = await asyncio.to_thread(fleet, headquarters, "list")
    assert "1 stores have come: 1 are heard of, 0 not yet" in shown.stdout
    assert "with 2 claims a machine came and was refused" in shown.stdout


async def test_no_secret_of_a_claim_is_in_the_database(headquarters: Headquarters) -> None:
    (claim,) = await claims(headquarters, [store()])
    (row,) = await headquarters.do("SELECT claims::text AS said FROM claims")
    secret = claim.decode().partition("-----BEGIN PRIVATE KEY-----\n")[2].splitlines()[0]
    assert secret
    assert secret not in row["said"]
    connection = await asyncpg.connect(headquarters.dsn)
    (listed,) = await making.listed(connection, utc_now())
    await connection.close()
    assert listed.state == "open"


async def test_the_user_data_of_each_store_is_what_cloud_init_takes(
    headquarters: Headquarters, tmp_path: Path, require: Callable[[bool, str], None]
) -> None:
    require(shutil.which("cloud-init") is not None, "the command cloud-init")
    out = tmp_path / "claims"
    words = ["lyon-1", "--url", headquarters.url, "--out", str(out), "--cloud-init"]
    words += ["--install", "sh -c \"tar -xf 'a b.tar'\" && true"]
    made = await asyncio.to_thread(fleet, headquarters, "claim", *words)
    assert made.returncode == 0, made.stderr
    user_data = out / "user-data-lyon-1.yaml"
    judged = await asyncio.to_thread(
        subprocess.run,
        ["cloud-init", "schema", "--config-file", str(user_data)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert judged.returncode == 0, judged.stdout
    claim = (out / "regulars-claim-lyon-1.toml").read_bytes()
    assert base64.b64encode(claim).decode() in user_data.read_text()
    assert fingerprint(headquarters) in user_data.read_text()
