"""An older gateway against a newer headquarters and the other way round: what the one does not
know yet waits, and has its effect once after the upgrade.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
from component.chain_desk import at_headquarters, refused
from component.flows_shop import SHOP, Shop, open_shop
from component.headquarters_town import Headquarters, Transport, exchange

from edge import contract
from hq import leases, settings


@pytest.fixture
def transport() -> Transport:
    """What is tested here is the same above either."""
    return "https"


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    async with open_shop(tmp_path / "state") as shop:
        yield shop


async def test_a_change_that_an_older_gateway_could_not_read_is_taken_in_after_its_upgrade(
    shop: Shop, headquarters: Headquarters, credentials: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lease = leases.Lease(id="l", campaign_id="spring", store_id=SHOP.id, uses=5)
    good = contract.Setting(key="visit.absence_s", value="900")
    await at_headquarters(headquarters, lambda db: leases.grant(db, [lease]))
    await at_headquarters(headquarters, lambda db: settings.put(db, good, None))
    old = msgspec.json.Decoder(contract.MemberKnown | contract.ConfigurationKnown).decode
    with monkeypatch.context() as before:
        before.setattr(contract, "decode_change", old)
        async with exchange(shop, credentials, headquarters.url) as line:
            await line.round()
    assert await refused(shop) == ["unknown_type"]
    assert await shop.store.read(lambda reader: reader.exchange.settings()) == [good]
    async with exchange(shop, credentials, headquarters.url) as line, line:
        pass  # opened anew, as after an upgrade, it asks again
    async with exchange(shop, credentials, headquarters.url) as line:
        await line.round()
    assert await refused(shop) == []
    held = await shop.store.read(lambda reader: reader.vouchers.leases("spring", "w"))
    assert [lease.uses for lease in held] == [5]


async def test_a_message_that_an_older_headquarters_could_not_read_is_offered_again(
    shop: Shop, headquarters: Headquarters, credentials: Path
) -> None:
    """As ``test_malformed_rows_are_quarantined`` does the refusal, this does the way back."""
    await shop.member()
    (told,) = await shop.store.read(lambda reader: reader.outbox.pending(1))
    await shop.store.write(lambda tx: tx.outbox.refuse(1, "unknown_type", shop.clock()))
    await headquarters.do(
        "INSERT INTO quarantine (store_id, sequence, code, body) VALUES ($1, 1, $2, $3)",
        *(SHOP.id, "unknown_type", told.body.encode()),
    )
    async with exchange(shop, credentials, headquarters.url) as line:
        await line.round()
        assert len(await headquarters.held()) == 0
        async with line:
            pass
        await line.round()
    assert len(await headquarters.held()) == 1
    assert await headquarters.do("SELECT * FROM quarantine") == []
