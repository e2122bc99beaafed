"""What headquarters gives the stores: catalogue, campaigns, keys, leases, configuration."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from component.chain_desk import at_headquarters, refused
from component.flows_shop import GUIDE, SHOP, Shop, open_shop
from component.headquarters_town import Headquarters, Transport, exchange

from edge import contract
from edge.app.settings import settled
from edge.config import VouchersConfig, parse
from edge.domain import Redemption, Refusal, Voucher
from edge.flows.guesses import Guesses
from edge.flows.member_codes import MemberCodes
from edge.flows.presenting import Offer
from edge.flows.redemptions import Redemptions
from edge.rules.issuing import voucher_of
from edge.rules.voucher_code import encode
from edge.store import Transaction
from hq import campaigns, catalogue, leases, settings
from hq.problems import Mistake
from hq.schema import Connection

CAMPAIGN = """\
id = "spring"
name = "Spring"
value = { kind = "amount", money = { amount = "5.00", currency = "EUR" } }
valid_until = 2099-01-01T00:00:00Z
window = { opens = 00:00:00, closes = 00:00:00 }
total = 101
budget = { amount = "100.00", currency = "EUR" }
"""
CATALOGUE = """\
gtin,product,name,category,brand,price,currency,sizes,stock
4006381333931,trail,Trail shoe,shoes,Example,129.00,EUR,shoe:42 EU; shoe:8 UK,3
0036602301467,trail,,,,,,shoe:43 EU,0
"""
FILE = '[store]\nid = "lyon-1"\nname = "Lyon"\n'


@pytest.fixture
def transport() -> Transport:
    """What is tested here is the same above either."""
    return "https"


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    async with open_shop(tmp_path / "state") as shop:
        yield shop


def a_file(folder: Path, text: str, name: str) -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


async def test_a_signed_voucher_of_another_store_is_redeemed_here_without_asking(
    shop: Shop, headquarters: Headquarters, credentials: Path, tmp_path: Path
) -> None:
    campaign_id, terms = campaigns.read(a_file(tmp_path, CAMPAIGN, "spring.toml"))
    async with open_shop(tmp_path / "issuer") as issuer:
        key, private = await issuer.store.write(a_key)
    public = urlsafe_b64encode(key.public).decode().rstrip("=")
    known = contract.VoucherKeyKnown(
        message_id="k", store_id="headquarters", at=shop.clock(), key_id=key.id, public=public
    )
    await headquarters.tell("changes", (f"key:{key.id}", known))
    await at_headquarters(headquarters, lambda db: campaigns.tell(db, campaign_id, terms))
    async with exchange(shop, credentials, headquarters.url) as line:
        await line.round()
    campaign = await shop.store.read(lambda reader: reader.vouchers.campaign("spring"))
    assert campaign is not None
    assert (campaign.name, campaign.total) == ("Spring", 101)
    voucher = voucher_of(campaign, "0" * 32, None)
    code = encode(voucher, private, key.id)
    till = Redemptions(
        shop.store,
        shop.feed,
        shop.clock,
        shop=SHOP,
        vouchers=VouchersConfig(),
        guesses=Guesses(),
        member_codes=MemberCodes(),
    )
    verdict = await till.redeem(GUIDE, "r1", Offer(code=code), reserve=False)
    assert verdict.refusal is None, verdict.refusal
    assert isinstance(verdict.voucher, Voucher)
    assert isinstance(verdict.redemption, Redemption)
    # The key verifies here and signs nothing: its private half never left the other store.
    assert await shop.store.read(lambda reader: reader.code_keys.private(key.id)) is None
    await at_headquarters(headquarters, lambda db: campaigns.end(db, "spring"))
    shop.clock.now = datetime.now(UTC)
    async with exchange(shop, credentials, headquarters.url) as line:
        await line.round()
    over = encode(voucher_of(campaign, "1" * 32, None), private, key.id)
    verdict = await till.redeem(GUIDE, "r2", Offer(code=over), reserve=False)
    assert isinstance(verdict.refusal, Refusal)
    assert verdict.refusal.reason == "campaign_ended"


def a_key(tx: Transaction) -> tuple[object, object]:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    key = tx.code_keys.create(datetime.now(UTC))
    private = tx.code_keys.private(key.id)
    assert private is not None
    return key, Ed25519PrivateKey.from_private_bytes(private)


async def test_a_total_is_shared_out_and_renewed_and_never_comes_to_more(
    database: Connection, tmp_path: Path
) -> None:
    for store_id in ("a", "b", "c"):
        await database.execute("INSERT INTO stores (id) VALUES ($1)", store_id)
    campaign_id, terms = campaigns.read(a_file(tmp_path, CAMPAIGN, "spring.toml"))
    async with database.transaction():
        await campaigns.tell(database, campaign_id, terms)
    now = datetime.now(UTC)
    assert await leases.renew(database, now + timedelta(hours=11)) == 0
    assert await leases.renew(database, now + timedelta(hours=13)) == 3
    assert await leases.renew(database, now + timedelta(hours=13)) == 0
    rows = await database.fetch("SELECT store_id, body FROM feed WHERE subject LIKE 'lease:%'")
    granted = {
        row["store_id"]: msgspec.json.decode(row["body"], type=contract.LeaseGranted)
        for row in rows
    }
    assert {store: lease.uses for store, lease in granted.items()} == {"a": 34, "b": 34, "c": 33}
    assert {lease.budget for lease in granted.values()} == {"33.33"}
    assert all(lease.expires_at > now + timedelta(hours=36) for lease in granted.values())
    async with database.transaction():
        await campaigns.end(database, campaign_id)
    assert await leases.renew(database, now + timedelta(days=3)) == 0


async def test_a_lease_is_one_stores_alone_and_unknown_stores_get_none(
    shop: Shop, headquarters: Headquarters, credentials: Path
) -> None:
    await headquarters.admit("nice-2")
    for store_id, uses in ((SHOP.id, 5), ("nice-2", 9)):
        lease = leases.Lease(id=leases.new_id(), campaign_id="spring", store_id=store_id, uses=uses)
        await at_headquarters(headquarters, lambda db, lease=lease: leases.grant(db, [lease]))
    async with exchange(shop, credentials, headquarters.url) as line:
        await line.round()
    held = await shop.store.read(lambda reader: reader.vouchers.leases("spring", "w"))
    assert [lease.uses for lease in held] == [5]
    nowhere = replace(lease, store_id="atlantis")
    with pytest.raises(Mistake, match="atlantis"):
        await at_headquarters(headquarters, lambda db: leases.grant(db, [nowhere]))


async def test_the_catalogue_is_the_chains_and_the_stock_the_stores_own(
    shop: Shop, headquarters: Headquarters, credentials: Path, tmp_path: Path
) -> None:
    products = catalogue.read(a_file(tmp_path, CATALOGUE, "catalogue.csv"))
    await at_headquarters(headquarters, lambda db: catalogue.tell(db, products))
    async with exchange(shop, credentials, headquarters.url) as line:
        await line.round()
        variant = await shop.store.read(lambda reader: reader.catalogue.variant("04006381333931"))
        assert variant is not None
        assert (len(variant.sizes), variant.stock) == (2, None)
        counted = replace(variant, stock=7)
        await shop.store.write(lambda tx: tx.catalogue.put_variant(counted))
        dearer = catalogue.read(a_file(tmp_path, CATALOGUE.replace("129", "139"), "new.csv"))
        await at_headquarters(headquarters, lambda db: catalogue.tell(db, dearer))
        await line.round()
    product = await shop.store.read(lambda reader: reader.catalogue.product("trail"))
    assert product is not None
    assert (product.name, str(product.price)) == ("Trail shoe", "139.00")
    assert await shop.store.read(lambda r: r.catalogue.variant(counted.gtin)) == counted
    assert await refused(shop) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("gtin,product,name\n12,trail,Trail\n", "line 2"),
        ("gtin,product,colour\n4006381333931,trail,red\n", "columns"),
        ("gtin,product,name,sizes\n4006381333931,trail,Trail,42\n", "shoe:42 EU"),
    ],
)
def test_a_catalogue_that_cannot_be_is_refused_with_what_to_do(
    tmp_path: Path, text: str, said: str
) -> None:
    with pytest.raises(Mistake, match=said):
        catalogue.read(a_file(tmp_path, text, "catalogue.csv"))


@pytest.mark.parametrize(
    "wrong",
    ['value = "free"', "valid_from = 2100-01-01T00:00:00Z", 'colour = "red"', "stores = 3"],
)
def test_a_campaign_that_cannot_be_is_refused(tmp_path: Path, wrong: str) -> None:
    key = wrong.partition(" ")[0]
    kept = [line for line in CAMPAIGN.splitlines() if not line.startswith(key)]
    with pytest.raises(Mistake):
        campaigns.read(a_file(tmp_path, "\n".join([*kept, wrong]), "spring.toml"))


async def test_what_headquarters_sets_holds_from_the_next_start_and_privacy_only_stricter(
    shop: Shop, headquarters: Headquarters, credentials: Path
) -> None:
    config = parse(FILE + "[footfall]\nmin_cell = 20\n[recognition]\ntarget_fpir = 0.0005\n")
    told = {
        "visit.absence_s": "900",
        "footfall.min_cell": "10",
        "recognition.target_fpir": "0.005",
        "privacy.retention_months": "6",
    }
    for key, value in told.items():
        setting = contract.Setting(key=key, value=value)
        await at_headquarters(headquarters, lambda db, s=setting: settings.put(db, s, None))
    ours = contract.Setting(key="visit.absence_s", value="1200")
    await at_headquarters(headquarters, lambda db: settings.put(db, ours, SHOP.id))
    async with exchange(shop, credentials, headquarters.url) as line:
        await line.round()
    running = await settled(config, shop.store)
    assert running.visit.absence_s == 1200
    assert running.footfall.min_cell == 20
    assert running.recognition.target_fpir == 0.0005
    assert running.privacy.retention_months == 6
    await at_headquarters(headquarters, lambda db: settings.drop(db, "visit.absence_s", SHOP.id))
    async with exchange(shop, credentials, headquarters.url) as line:
        await line.round()
    assert (await settled(config, shop.store)).visit.absence_s == 900


@pytest.mark.parametrize(
    "bad",
    [("api.port", "1"), ("visit.absence_s", "soon"), ("footfall.min_cell", "1"), ("privacy", "1")],
)
async def test_one_setting_that_cannot_be_and_none_of_them_holds(
    shop: Shop, headquarters: Headquarters, credentials: Path, bad: tuple[str, str]
) -> None:
    good = contract.Setting(key="visit.absence_s", value="900")
    wrong = contract.Setting(key=bad[0], value=bad[1])
    with pytest.raises(Mistake):
        await at_headquarters(headquarters, lambda db: settings.put(db, wrong, None))
    known = contract.ConfigurationKnown(
        message_id="c", store_id="headquarters", at=shop.clock(), settings=(good, wrong)
    )
    await headquarters.tell("changes", ("configuration:lyon-1", known))
    async with exchange(shop, credentials, headquarters.url) as line:
        await line.round()
    assert await refused(shop) == ["bad_request"]
    assert await shop.store.read(lambda reader: reader.exchange.settings()) == []
