"""Importing members: what is wrong is said line by line, the rest is there, twice is once."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import AsyncIterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest
from component.store_values import Clock

from edge.domain import AgeBand, Garment, Language, Member, Size, SizeSystem
from edge.errors import BadRequest
from edge.flows.importing import ImportStep
from edge.flows.imports import import_file
from edge.flows.lines import LINE_BYTES, RefusedLine
from edge.store import Store

HEADER = "name,card_number,phone,language,age_band,sizes,preferences,do_not_disturb"


@dataclass
class Desk:
    """A store and a folder for files to import."""

    store: Store
    clock: Clock
    folder: Path

    async def take(self, content: str | bytes, name: str = "members.csv") -> list[ImportStep]:
        path = self.folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        steps = import_file(self.store, path, self.clock, store_id="lyon-1")
        return [step async for step in steps]

    async def by_card(self, card: str) -> Member:
        member = await self.store.read(lambda reader: reader.members.by_card(card))
        assert member is not None
        return member

    async def count(self) -> int:
        return await self.store.read(lambda reader: reader.members.count())


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    clock = Clock()
    async with Store.open(tmp_path / "state", clock) as store:
        yield Desk(store, clock, tmp_path)


def refused(steps: list[ImportStep]) -> dict[int, str]:
    lines: list[RefusedLine] = [line for step in steps for line in step.refused]
    return {line.line: line.reason for line in lines}


async def test_a_row_of_csv_becomes_a_member(desk: Desk) -> None:
    row = "王小明,CA-1,+86 138 0013 8000,zh,25_34,shoe:42 EU; top:m CN,tea; wool,yes"
    (step,) = await desk.take(f"\ufeff{HEADER}\r\n{row}\r\n")
    assert (step.created, step.updated, step.refused) == (1, 0, ())
    assert step.bytes_read == step.bytes_total
    member = await desk.by_card("CA-1")
    assert (member.name, member.phone) == ("王小明", "+8613800138000")
    assert (member.language, member.age_band) == (Language.CHINESE, AgeBand.FROM_25)
    assert member.sizes == (
        Size(garment=Garment.SHOE, system=SizeSystem.EU, value="42"),
        Size(garment=Garment.TOP, system=SizeSystem.CN, value="M"),
    )
    assert (member.preferences, member.do_not_disturb) == (("tea", "wool"), True)


async def test_a_json_line_brings_purchases_and_brings_them_once(desk: Desk) -> None:
    line = json.dumps(
        {
            "name": "Ana",
            "card_number": "CA-1",
            "sizes": [{"garment": "shoe", "system": "EU", "value": "42"}],
            "purchases": [
                {
                    "id": "r1-1",
                    "item": "Boots",
                    "category": "Shoes",
                    "amount": "129.90",
                    "currency": "EUR",
                    "bought_at": "2026-02-01T10:00:00+01:00",
                }
            ],
        }
    )
    for _ in range(2):
        await desk.take(line, "members.jsonl")
    member = await desk.by_card("CA-1")
    (purchase,) = await desk.store.read(lambda reader: reader.purchases.of(member.id))
    assert (purchase.amount, purchase.currency) == (Decimal("129.90"), "EUR")


async def test_a_purchase_stays_on_the_card_it_is_on(desk: Desk) -> None:
    bought = {"id": "r1", "item": "Boots", "category": "Shoes", "amount": "9", "currency": "EUR"}
    lines = [
        {"name": name, "card_number": card, "purchases": [{**bought, "bought_at": at}]}
        for name, card, at in (
            ("Ana", "CA-1", "2026-02-01T10:00:00Z"),
            ("Bea", "CA-2", "2026-02-02T10:00:00Z"),
        )
    ]
    steps = await desk.take("\n".join(json.dumps(line) for line in lines), "members.jsonl")
    assert refused(steps) == {2: "purchases: r1 is another member's; give it its own id"}
    ana = await desk.by_card("CA-1")
    assert len(await desk.store.read(lambda reader: reader.purchases.of(ana.id))) == 1
    assert await desk.count() == 1


async def test_what_is_wrong_is_said_by_line_and_the_rest_is_taken(desk: Desk) -> None:
    rows = [
        HEADER,
        "Ana,CA-1,,,,,,",
        ",CA-2,,,,,,",
        "Bea,,,,,,,",
        "Cleo,CA-3,,fr,,,,",
        "Dan,CA-4,,,,shoe:42 US,,",
        "Eve,CA-5,,,,shoe 42,,",
        'Fay,"CA-6,,,,,,',
        "Gil,CA-7",
        "Hal,CA-8,,,,,,perhaps",
        "Ida\x07,CA-9,,,,,,",
        "",
        "Jan,CA-10,,,,,,no",
    ]
    steps = await desk.take("\n".join(rows))
    reasons = refused(steps)
    assert sorted(reasons) == [3, 4, 5, 6, 7, 8, 9, 10, 11]
    assert reasons[3] == "name: is missing; fill it in"
    assert "card number or a phone number" in reasons[4]
    assert "language" in reasons[5]
    assert "shoe sizes in US run from 0 to 20" in reasons[6]
    assert "shoe:42 EU" in reasons[7]
    assert "2 cells where the header has 8" in reasons[9]
    assert "perhaps" in reasons[10]
    assert steps[-1].created == 2
    assert {(await desk.by_card(card)).name for card in ("CA-1", "CA-10")} == {"Ana", "Jan"}


async def test_broken_json_lines_are_refused_one_by_one(desk: Desk) -> None:
    lines = [
        '{"name": "Ana", "card_number": "CA-1"}',
        "{broken",
        '{"name": "Bea", "card_number": "CA-2", "face": "x"}',
        "[" * 100_000,
        '{"name": "Cy", "phone": "12345", "purchases": [{"id": "1", "item": "x", '
        '"amount": "NaN", "currency": "EUR", "bought_at": "2026-01-01T00:00:00Z"}]}',
        '{"name": "Dee", "phone": "0478123456"}',
    ]
    steps = await desk.take("\n".join(lines), "members.jsonl")
    assert sorted(refused(steps)) == [2, 3, 4, 5]
    assert "face" in refused(steps)[3]
    assert await desk.count() == 2


async def test_the_same_file_twice_changes_nothing(desk: Desk) -> None:
    content = "name,card_number,phone\nAna,CA-1,\nBea,,0478123456\n"
    await desk.take(content)
    desk.clock.move(days=1)
    (step,) = await desk.take(content)
    assert (step.created, step.updated, step.unchanged) == (0, 0, 2)
    assert await desk.count() == 2
    assert (await desk.by_card("CA-1")).updated_at < desk.clock()


async def test_a_known_member_is_updated_and_keeps_what_the_line_leaves_out(desk: Desk) -> None:
    await desk.take("name,card_number,phone,preferences\nAna,CA-1,0478123456,tea\n")
    (step,) = await desk.take("name,phone,card_number,preferences\nAnna,0478 12 34 56,,\n")
    assert (step.created, step.updated) == (0, 1)
    member = await desk.by_card("CA-1")
    assert (member.name, member.preferences) == ("Anna", ("tea",))


async def test_a_line_that_names_two_members_is_refused(desk: Desk) -> None:
    await desk.take("name,card_number,phone\nAna,CA-1,\nBea,,0478123456\n")
    steps = await desk.take("name,card_number,phone\nCy,CA-1,0478123456\n")
    assert "another member" in refused(steps)[2]


@pytest.mark.parametrize(
    ("content", "name", "says"),
    [
        ("name,card_number\nJosé,CA-1\n".encode("latin-1"), "a.csv", "line 2 is not UTF-8"),
        ("name,card_number\n王,CA-1\n".encode("gb18030"), "a.csv", "line 2 is not UTF-8"),
        ("name,card_number\nAna,CA-1\n".encode("utf-16"), "a.csv", "line 1 is not UTF-8"),
        (b"name\nAna\xe7", "a.csv", "line 2 is not UTF-8"),
        (b"PK\x03\x04\xff\xfe", "a.csv", "not UTF-8"),
        (b"nmae,card_number\n", "a.csv", "did you mean 'name'"),
        (b"card_number\nCA-1\n", "a.csv", "name is one of them"),
        (b"name;card_number\n", "a.csv", "unknown column"),
        (b'name,"card\n', "a.csv", "line 1"),
        (b"", "a.csv", "no header"),
        (b"name\nAna\n", "a.xlsx", r"must end in \.csv or \.jsonl"),
    ],
)
async def test_a_file_of_another_kind_is_refused_whole(
    desk: Desk, content: bytes, name: str, says: str
) -> None:
    with pytest.raises(BadRequest, match=says):
        await desk.take(content, name)
    assert await desk.count() == 0


async def test_a_file_that_is_not_there_is_refused(desk: Desk) -> None:
    steps = import_file(desk.store, desk.folder / "none.csv", desk.clock, store_id="lyon-1")
    with pytest.raises(BadRequest, match="cannot be read"):
        await anext(steps)


async def test_an_endless_line_is_refused_without_being_held(desk: Desk) -> None:
    content = b"name,card_number\n" + b"x" * (24 * LINE_BYTES) + b"\nAna,CA-1\n"
    tracemalloc.start()
    try:
        steps = await desk.take(content)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 12 * LINE_BYTES
    assert "longer than" in refused(steps)[2]
    assert (await desk.by_card("CA-1")).name == "Ana"


async def test_progress_grows_to_the_size_of_the_file(desk: Desk) -> None:
    rows = [f"Member {n},CA-{n:05}" for n in range(350)]
    steps = await desk.take("name,card_number\n" + "\n".join(rows))
    assert [step.created for step in steps] == [100, 200, 300, 350]
    reads = [step.bytes_read for step in steps]
    assert reads == sorted(reads)
    assert reads[-1] == steps[-1].bytes_total
    entries = await desk.store.read(lambda reader: reader.audit.of("lyon-1", 10))
    assert [entry.action for entry in entries] == ["members_imported"] * 4
