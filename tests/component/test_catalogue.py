"""The catalogue: imported line by line, found by any form of a number, with a member's size."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest
from component.api_door import Door, open_door
from component.store_values import Clock
from typer.testing import CliRunner

from edge.cli import app
from edge.domain import Garment, Size, SizeSystem, Variant
from edge.errors import BadRequest
from edge.flows.catalogue_import import import_catalogue
from edge.flows.importing import ImportStep
from edge.store import Store

SHOE_42 = "4006381333931"
SHOE_43 = "0036602301467"
EU_42 = Size(garment=Garment.SHOE, system=SizeSystem.EU, value="42")
FILE = f"""\
gtin,product,name,category,brand,price,currency,sizes,stock
{SHOE_42},trail,Trail shoe,shoes,Example,129.00,EUR,shoe:42 EU; shoe:8 UK,3
{SHOE_43},trail,,,,,,shoe:43 EU,0
"""


@dataclass
class Desk:
    """A store and a folder for files to import."""

    store: Store
    clock: Clock
    folder: Path

    async def take(self, content: str, name: str = "catalogue.csv") -> ImportStep:
        path = self.folder / name
        path.write_text(content, encoding="utf-8")
        steps = import_catalogue(self.store, path, self.clock, store_id="lyon-1")
        return [step async for step in steps][-1]

    async def variant(self, gtin: str) -> Variant | None:
        return await self.store.read(lambda reader: reader.catalogue.variant(gtin))


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    clock = Clock()
    async with Store.open(tmp_path / "state", clock) as store:
        yield Desk(store, clock, tmp_path)


async def test_a_file_brings_products_with_their_sizes_in(desk: Desk) -> None:
    step = await desk.take(FILE)
    assert (step.created, step.updated, step.refused) == (2, 0, ())
    variant = await desk.variant("04006381333931")
    assert variant is not None
    assert (variant.sizes[0], variant.stock) == (EU_42, 3)
    product = await desk.store.read(lambda reader: reader.catalogue.product("trail"))
    assert product is not None
    assert (product.name, product.brand, product.price) == ("Trail shoe", "Example", Decimal("129"))
    siblings = await desk.store.read(lambda reader: reader.catalogue.variants_of("trail"))
    assert [v.gtin for v in siblings] == ["00036602301467", "04006381333931"]


async def test_the_same_file_again_changes_nothing_more(desk: Desk) -> None:
    await desk.take(FILE)
    desk.clock.move(hours=1)
    step = await desk.take(FILE)
    assert (step.created, step.updated, step.unchanged) == (0, 0, 2)


async def test_a_file_of_stock_alone_leaves_the_rest_as_it_was(desk: Desk) -> None:
    await desk.take(FILE)
    step = await desk.take(f"gtin,stock\n{SHOE_42},7\n")
    assert step.updated == 1
    variant = await desk.variant("04006381333931")
    assert variant is not None
    assert (variant.stock, variant.product_id, variant.sizes[0]) == (7, "trail", EU_42)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("4006381333932,trail,Shoe,,,,,,", "gtin: '4006381333932' is no number"),
        ("2112345,trail,Shoe,,,,,,", "gtin: '2112345' is no number"),
        (f"{SHOE_42},,Shoe,,,,,,", "product: is missing"),
        (f"{SHOE_42},trail,,,,,,,", "name: is missing"),
        (f"{SHOE_42},trail,Shoe,,,9.99,,,", "currency: price and currency go together"),
        (f"{SHOE_42},trail,Shoe,,,-1,EUR,,", "price: must be 0 or more"),
        (f"{SHOE_42},trail,Shoe,,,cheap,EUR,,", "price:"),
        (f"{SHOE_42},trail,Shoe,,,NaN,EUR,,", "price must be a plain number"),
        (f"{SHOE_42},trail,Shoe,,,,,shoe:420 EU,", "sizes: '420' cannot be"),
        (f"{SHOE_42},trail,Shoe,,,,,,many", "stock:"),
        (f"{SHOE_42},trail", "2 cells where the header has 9"),
    ],
)
async def test_a_line_that_cannot_be_taken_is_named_with_its_reason(
    desk: Desk, line: str, reason: str
) -> None:
    step = await desk.take(FILE.splitlines()[0] + "\n" + line + "\n")
    (refused,) = step.refused
    assert refused.line == 2
    assert reason in refused.reason
    assert await desk.store.read(lambda reader: reader.catalogue.count()) == 0


async def test_json_lines_say_the_same(desk: Desk) -> None:
    record = {
        "gtin": SHOE_42,
        "product": "trail",
        "name": "Trail shoe",
        "sizes": [{"garment": "shoe", "system": "EU", "value": "42"}],
        "stock": 3,
    }
    step = await desk.take(json.dumps(record) + "\n", "catalogue.jsonl")
    assert step.created == 1


async def test_a_header_that_is_not_understood_is_refused_before_anything_is_taken(
    desk: Desk,
) -> None:
    with pytest.raises(BadRequest, match="did you mean 'stock'"):
        await desk.take(f"gtin,stok\n{SHOE_42},1\n")


def test_the_command_says_what_it_took_and_names_what_it_refused(tmp_path: Path) -> None:
    config = tmp_path / "regulars.toml"
    state = tmp_path / "state"
    config.write_text(f'[store]\nid = "s"\nname = "S"\nstate_dir = "{state}"\n', encoding="utf-8")
    file = tmp_path / "catalogue.csv"
    file.write_text(FILE + "123,trail,,,,,,,\n", encoding="utf-8")
    command = ["catalogue", "import", str(file), "--config", str(config), "--json"]
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 0, result.output
    counts = json.loads(result.stdout.splitlines()[-1])
    assert counts == {"created": 2, "updated": 0, "unchanged": 0, "refused": 1}
    assert "line 4" in result.output


# On the phone


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[Door]:
    async with open_door(tmp_path) as opened:
        path = tmp_path / "catalogue.csv"
        path.write_text(FILE, encoding="utf-8")
        async for _ in import_catalogue(opened.parts.store, path, Clock(), store_id="s"):
            pass
        yield opened


@pytest.mark.parametrize("number", [SHOE_42, "04006381333931"])
async def test_any_form_of_the_number_opens_the_product(door: Door, number: str) -> None:
    async with door.phone() as phone, phone.get(f"products/{number}") as response:
        assert response.status == 200
        product = await response.json()
    assert (product["name"], product["price"], product["currency"]) == (
        "Trail shoe",
        "129.00",
        "EUR",
    )
    assert product["scanned"] == "04006381333931"
    assert [v["worn"] for v in product["variants"]] == [False, False]
    assert product["member_sizes"] == []


async def test_a_product_opens_with_the_members_size_and_the_member_can_read_that(
    door: Door,
) -> None:
    anna = {
        "name": "Anna",
        "sizes": [
            {"garment": "shoe", "system": "UK", "value": "8"},
            {"garment": "top", "system": "EU", "value": "M"},
        ],
    }
    async with door.phone() as phone:
        async with phone.post("members", json=anna) as created:
            member_id = (await created.json())["member"]["id"]
        async with phone.get(f"products/{SHOE_43}", params={"member_id": member_id}) as response:
            product = await response.json()
        async with phone.get(f"members/{member_id}/audit") as response:
            entries = (await response.json())["entries"]
    worn = {v["gtin"]: (v["worn"], v["stock"]) for v in product["variants"]}
    assert worn == {"04006381333931": (True, 3), "00036602301467": (False, 0)}
    assert [size["garment"] for size in product["member_sizes"]] == ["shoe"]
    assert ("card_viewed", "product") in [(e["action"], e["reason"]) for e in entries]


@pytest.mark.parametrize(
    ("number", "status"), [("96385074", 404), ("4006381333932", 404), ("12345", 400), ("abc", 400)]
)
async def test_a_number_that_opens_nothing_says_so(door: Door, number: str, status: int) -> None:
    async with door.phone() as phone, phone.get(f"products/{number}") as response:
        assert response.status == status
        assert (await response.json())["detail"]


async def test_a_member_who_is_gone_is_not_found(door: Door) -> None:
    query = {"member_id": "nobody"}
    async with door.phone() as phone, phone.get(f"products/{SHOE_42}", params=query) as response:
        assert response.status == 404
