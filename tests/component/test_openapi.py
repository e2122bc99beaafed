"""The OpenAPI document is true: schemathesis, with every check on, finds nothing against it."""

from __future__ import annotations

import asyncio
import sys
from datetime import timedelta
from pathlib import Path

import structlog
from component.api_door import Door, open_door, utc_now
from unit.voucher_values import a_campaign, an_issued

from edge.clienteling_api.table import ROUTES
from edge.domain import Probe, Product, Role, Scan, Symbology, Variant, new_id
from edge.store import Transaction
from edge.vision.link import Judged

EXAMPLES = 3
BOUND_S = 600

# What these need cannot be guessed, or ends the session that the others need.
GUESSED = ("/pair", "/sessions/{session_id}", "/me")

# Real things for half of the requests, so that the answers are more than 404.
CONFIG = """\
[auth.openapi.bearer]
bearer = "{token}"

[dictionaries.members]
values = ["{member_id}"]
[dictionaries.consents]
values = ["{consent_id}"]
[dictionaries.visits]
values = ["{visit_id}"]

[dictionaries.products]
values = ["{gtin}"]
[dictionaries.guards]
values = ["{guard_id}"]

[dictionaries.vouchers]
values = ["v1"]
[dictionaries.redemptions]
values = ["{redemption_id}"]
[dictionaries.scans]
values = ["{scan_id}"]

[parameters]
"path.member_id" = {{ dictionary = "members", probability = 0.5 }}
"path.consent_id" = {{ dictionary = "consents", probability = 0.5 }}
"path.visit_id" = {{ dictionary = "visits", probability = 0.5 }}
"path.gtin" = {{ dictionary = "products", probability = 0.5 }}
"path.voucher_id" = {{ dictionary = "vouchers", probability = 0.5 }}
"path.redemption_id" = {{ dictionary = "redemptions", probability = 0.5 }}
"path.scan_id" = {{ dictionary = "scans", probability = 0.5 }}
"path.guard_id" = {{ dictionary = "guards", probability = 0.5 }}
"""


PRODUCT = Product(id="trail", name="Trail shoe", category="shoes", updated_at=utc_now())
VARIANT = Variant(gtin="04006381333931", product_id="trail")


async def furnish(door: Door) -> dict[str, str]:
    """A redeemed voucher; a member in the store, enrolled, guarded by an earlier "not them"."""
    async with door.phone() as phone:
        wish = {"name": "Anna Berg", "card_number": "R-1001", "phone": "+49 171 5550123"}
        async with phone.post("members", json=wish) as created:
            member_id = (await created.json())["member"]["id"]
        async with phone.get("notices/en") as notice:
            version = (await notice.json())["version"]
        consent = {"language": "en", "notice_version": version, "agreed": True}
        async with phone.post(f"members/{member_id}/consents", json=consent) as given:
            consent_id = (await given.json())["id"]
        guard_id = await mistaken(door, member_id)
        async with phone.post("visits", json={"code": "R-1001"}) as arrived:
            visit_id = (await arrived.json())["id"]
    probe = Probe(model="sface", vector=b"\x00\x00\x80\x3f" + b"\x00" * 508, quality=0.9)
    door.vision.verdict = Judged(request_id=0, probe=probe)
    await door.parts.store.write(sell)
    async with door.phone() as phone:
        wish = {"code": "12345678", "request_id": "r1"}
        async with phone.post("redemptions", json=wish) as redeemed:
            redemption_id = (await redeemed.json())["redemption"]["id"]
    scan = Scan(
        id=new_id(),
        device_id="till",
        symbology=Symbology.EAN_13,
        text=VARIANT.gtin.lstrip("0"),
        scanned_at=utc_now() + timedelta(hours=1),  # not too long ago, however slow the run
    )
    await door.parts.scans.heard(scan)
    return {
        "scan_id": scan.id,
        "redemption_id": redemption_id,
        "member_id": member_id,
        "gtin": VARIANT.gtin,
        "consent_id": consent_id,
        "visit_id": visit_id,
        "guard_id": guard_id,
    }


def sell(tx: Transaction) -> None:
    tx.catalogue.put_product(PRODUCT)
    tx.catalogue.put_variant(VARIANT)
    campaign = a_campaign(stores=("test-shop",))
    tx.vouchers.put_campaign(campaign)
    tx.vouchers.issue([an_issued(campaign)])


async def mistaken(door: Door, member_id: str) -> str:
    """The door takes somebody for the member, another phone says no; the guard's id."""
    await door.sees(member_id)
    async with door.phone() as phone:
        async with phone.get("visits") as listed:
            (visit,) = (await listed.json())["visits"]
        await phone.post(f"visits/{visit['id']}/refuse")
        async with phone.get("guards") as guards:
            (guard,) = (await guards.json())["guards"]
    return str(guard["id"])


async def schemathesis(door: Door, folder: Path, config: str, *arguments: str) -> tuple[int, str]:
    """Run the tool as a person would, from a process of its own: exit code and report."""
    (folder / "schemathesis.toml").write_text(config)
    process = await asyncio.create_subprocess_exec(
        str(Path(sys.executable).with_name("schemathesis")),
        "--config-file",
        str(folder / "schemathesis.toml"),
        "run",
        f"{door.api}/openapi.json",
        "--checks=all",
        f"--max-examples={EXAMPLES}",
        "--seed=1",
        "--request-timeout=120",
        "--no-color",
        *arguments,
        cwd=folder,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with asyncio.timeout(BOUND_S):
        report, _ = await process.communicate()
    return process.returncode or 0, report.decode()


async def test_schemathesis_finds_nothing(tmp_path: Path) -> None:
    async with open_door(tmp_path / "state") as door:
        things = await furnish(door)
        config = CONFIG.format(token=await door.pair(), **things)
        with structlog.testing.capture_logs() as lines:
            # Unpairing ends the session that all the others need: it has a run of its own.
            code, report = await schemathesis(door, tmp_path, config, "--exclude-path=/me")
    assert code == 0, report
    # Where the state said no (409), the request had got as far as the state.
    reached = {
        f"{line['method']} {line['route']}"
        for line in lines
        if line["event"] == "request" and (line["status"] < 300 or line["status"] == 409)
    }
    expected = {f"{r.method} /api/v1{r.path}" for r in ROUTES if r.path not in GUESSED}
    assert expected <= reached, "answers of these were never seen, only refusals"


async def test_schemathesis_finds_nothing_against_the_session_itself(tmp_path: Path) -> None:
    async with open_door(tmp_path / "state") as door:
        config = f'[auth.openapi.bearer]\nbearer = "{await door.pair(Role.GUIDE)}"\n'
        code, report = await schemathesis(door, tmp_path, config, "--include-path=/me")
    assert code == 0, report
