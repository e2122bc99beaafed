"""Codes over HTTP: what each kind is answered, and what a scanner of the shop tells the phones."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession
from component.api_door import Door, open_door, utc_now
from unit.voucher_values import a_campaign, an_issued

from edge.domain import (
    ArrivedBy,
    Garment,
    PhotoFault,
    Product,
    Role,
    Scan,
    Size,
    SizeSystem,
    Symbology,
    Variant,
    new_id,
)
from edge.rules.guessing import WRONG_TRIES
from edge.scanner.code import Code
from edge.store import Transaction

CARD = "R-1001"
VOUCHER = "12345678"
GTIN = "4006381333931"
ANNA = {
    "name": "Anna Berg",
    "card_number": CARD,
    "sizes": [{"garment": "shoe", "system": "EU", "value": "42"}],
}


def stock(tx: Transaction) -> None:
    campaign = a_campaign(stores=("test-shop",))
    tx.vouchers.put_campaign(campaign)
    tx.vouchers.issue([an_issued(campaign)])
    tx.catalogue.put_product(
        Product(id="trail", name="Trail shoe", category="shoes", updated_at=utc_now())
    )
    worn = Size(garment=Garment.SHOE, system=SizeSystem.EU, value="42")
    tx.catalogue.put_variant(Variant(gtin=GTIN.zfill(14), product_id="trail", sizes=(worn,)))


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[Door]:
    async with open_door(tmp_path / "state") as door:
        await door.parts.store.write(stock)
        yield door


@pytest.fixture
async def phone(door: Door) -> AsyncIterator[ClientSession]:
    async with door.phone(Role.GUIDE) as phone:
        async with phone.post("members", json=ANNA) as created:
            assert created.status == 201
        yield phone


async def scan(phone: ClientSession, text: str, **more: Any) -> dict[str, Any]:
    async with phone.post("scans", json={"text": text} | more) as response:
        assert response.status == 200
        return await response.json()  # type: ignore[no-any-return]


async def picture(phone: ClientSession) -> tuple[int, dict[str, Any]]:
    headers = {"Content-Type": "image/jpeg"}
    async with phone.post("scans/picture", data=b"a picture", headers=headers) as response:
        return response.status, await response.json()


def at_the_till(text: str, scanner: str = "till", ago: timedelta = timedelta(0)) -> Scan:
    return Scan(
        id=new_id(),
        device_id=scanner,
        symbology=Symbology.UNKNOWN,
        text=text,
        scanned_at=utc_now() - ago,
    )


async def test_a_members_code_opens_their_visit_once(phone: ClientSession) -> None:
    first, second = await scan(phone, CARD), await scan(phone, f" {CARD} ")
    assert first["kind"] == second["kind"] == "member"
    assert (first["opened"], second["opened"]) == (True, False)
    assert first["visit"]["id"] == second["visit"]["id"]
    assert (first["visit"]["arrived_by"], first["visit"]["claim"]) == ("code", "certain")


async def test_a_voucher_is_judged_and_not_redeemed(phone: ClientSession) -> None:
    for _ in range(2):
        answer = await scan(phone, VOUCHER, language="zh")
        assert (answer["kind"], answer["code"]) == ("voucher", VOUCHER)
        assert (answer["verdict"]["valid"], answer["verdict"]["message"]) == (True, "有效")
        assert answer["verdict"]["redemption"] is None


async def test_a_product_comes_with_the_size_of_whom_the_guide_serves(
    phone: ClientSession,
) -> None:
    assert [v["worn"] for v in (await scan(phone, GTIN))["product"]["variants"]] == [False]
    visit_id = (await scan(phone, CARD))["visit"]["id"]
    answer = await scan(phone, GTIN, symbology="ean_13", visit_id=visit_id)
    assert (answer["kind"], answer["product"]["name"]) == ("product", "Trail shoe")
    assert [v["worn"] for v in answer["product"]["variants"]] == [True]


@pytest.mark.parametrize(
    ("text", "more", "kind"),
    [
        ("4006381333930", {"symbology": "ean_13"}, "bad_code"),
        ("4012345000009", {"symbology": "ean_13"}, "no_product"),
        ("17260230", {"aim_id": "]C1"}, "bad_code"),
        ("https://example.org/menu", {"symbology": "qr"}, "unknown"),
        ("x" * 7200, {"symbology": "qr"}, "bad_code"),
        ("\x00\u202e\ud7ff nonsense", {}, "unknown"),
    ],
)
async def test_every_other_code_is_answered_honestly(
    phone: ClientSession, text: str, more: dict[str, str], kind: str
) -> None:
    assert (await scan(phone, text, **more))["kind"] == kind


async def test_of_several_codes_in_a_picture_ours_is_meant(
    door: Door, phone: ClientSession
) -> None:
    door.scanners.codes = tuple(
        Code(text=text, symbology=Symbology.QR) for text in ("a menu", GTIN, VOUCHER, CARD)
    )
    assert (await picture(phone))[1]["kind"] == "member"
    door.scanners.codes = door.scanners.codes[:-1]
    assert (await picture(phone))[1]["kind"] == "voucher"
    door.scanners.codes = ()
    assert await picture(phone) == (200, {"kind": "nothing"})


async def test_a_picture_that_is_none_is_refused_in_words(door: Door, phone: ClientSession) -> None:
    for fault, status in ((PhotoFault.NOT_AN_IMAGE, 400), (PhotoFault.TOO_LARGE, 413)):
        door.scanners.codes = fault
        assert (await picture(phone))[0] == status


async def test_who_guesses_is_not_told_even_of_a_right_code(phone: ClientSession) -> None:
    for number in range(WRONG_TRIES):
        assert (await scan(phone, f"GUESS-{number}"))["kind"] == "unknown"
    for code in (VOUCHER, CARD, "GUESS-X"):
        answer = await scan(phone, code)
        assert (answer["kind"], answer["refusal"]["reason"]) == ("refused", "too_many_tries")
        assert answer["message"].startswith("Too many wrong codes; try again from ")
    assert (await scan(phone, GTIN))["kind"] == "product"


async def test_addresses_and_products_that_nobody_knows_are_no_guesses(
    phone: ClientSession,
) -> None:
    for number in range(WRONG_TRIES + 1):
        await scan(phone, f"https://example.org/{number}", symbology="qr")
        await scan(phone, "4012345000009", symbology="ean_13")
    assert (await scan(phone, CARD))["kind"] == "member"


async def test_the_phones_hear_that_something_was_scanned_and_not_what_it_says(
    door: Door, phone: ClientSession
) -> None:
    async with phone.ws_connect("feed") as feed:
        await feed.receive_json()
        heard = at_the_till(VOUCHER)
        await door.parts.scans.heard(heard)
        message = await feed.receive_json()
        assert VOUCHER not in str(message)
        assert (message["kind"], message["place"], message["what"]) == (
            "scan.heard",
            "Till 1",
            "voucher",
        )
    async with phone.post(f"scans/{heard.id}", json={}) as asked:
        answer = await asked.json()
    assert (answer["kind"], answer["code"], answer["verdict"]["valid"]) == (
        "voucher",
        VOUCHER,
        True,
    )


async def test_a_card_at_the_till_opens_the_visit_before_anybody_asks(
    door: Door, phone: ClientSession
) -> None:
    heard = at_the_till(CARD)
    await door.parts.scans.heard(heard)
    (details,) = await door.parts.arrivals.now_in_store()
    assert (details.visit.arrived_by, details.visit.place) == (ArrivedBy.CODE, "Till 1")
    async with phone.post(f"scans/{heard.id}", json={}) as asked:
        answer = await asked.json()
    assert (answer["kind"], answer["opened"]) == ("member", False)
    assert answer["visit"]["id"] == details.visit.id
    assert answer["visit"]["arrived_by"] == "code"


async def test_what_was_scanned_two_minutes_ago_is_forgotten(
    door: Door, phone: ClientSession
) -> None:
    old = at_the_till(VOUCHER, ago=timedelta(minutes=2, seconds=1))
    await door.parts.scans.heard(old)
    for scan_id in (old.id, "never"):
        async with phone.post(f"scans/{scan_id}", json={}) as asked:
            assert asked.status == 404


async def test_guessing_at_a_scanner_bars_the_scanner_and_no_phone(
    door: Door, phone: ClientSession
) -> None:
    for number in range(WRONG_TRIES):
        await door.parts.scans.heard(at_the_till(f"GUESS-{number}"))
    heard = at_the_till(CARD)
    await door.parts.scans.heard(heard)
    assert await door.parts.arrivals.now_in_store() == []
    async with phone.post(f"scans/{heard.id}", json={}) as asked:
        assert (await asked.json())["kind"] == "refused"
    assert (await scan(phone, CARD))["kind"] == "member"
