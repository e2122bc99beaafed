"""Members' cards over HTTP: made, shown, printed, voided, each with its audit entry."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from component.api_door import Door, open_door

from edge.domain import Role
from edge.rules import member_card
from edge.rules.member_card import CardKind

START = datetime.now(UTC)


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[Door]:
    async with open_door(tmp_path / "state") as opened:
        yield opened


@pytest.mark.parametrize("kind", ["shown", "printed"])
async def test_a_card_opens_the_visit_of_its_member(door: Door, kind: str) -> None:
    async with door.phone(Role.GUIDE) as phone:
        async with phone.post("members", json={"name": "Anna Berg"}) as created:
            member_id = (await created.json())["member"]["id"]
        async with phone.get(f"members/{member_id}/card-code?kind={kind}") as made:
            card = await made.json()
        assert card["qr_svg"].startswith("<svg")
        assert (card["turns_at"] is None) == (kind == "printed")
        async with phone.post("visits", json={"code": card["text"]}) as arrived:
            assert arrived.status == 201
            assert (await arrived.json())["member"]["id"] == member_id
    entries = await door.parts.store.read(lambda reader: reader.audit.of(member_id, 10))
    assert ("card_code_made", kind) in [(entry.action, entry.reason) for entry in entries]


async def test_an_altered_card_and_a_voided_one_are_refused(door: Door) -> None:
    async with door.phone(Role.GUIDE) as phone:
        async with phone.post("members", json={"name": "Anna Berg"}) as created:
            member_id = (await created.json())["member"]["id"]
        async with phone.get(f"members/{member_id}/card-code?kind=printed") as made:
            text = (await made.json())["text"]
        altered = text[:-2] + ("A" if text[-2] != "A" else "B") + text[-1]
        async with phone.post("visits", json={"code": altered}) as refused:
            assert refused.status == 409
            assert "not made by us" in (await refused.json())["detail"]
        async with phone.delete(f"members/{member_id}/cards") as voided:
            assert voided.status == 204


async def test_a_phone_that_guesses_cards_is_barred_from_right_ones_and_from_scans_too(
    door: Door,
) -> None:
    async with door.phone(Role.GUIDE) as phone, door.phone(Role.GUIDE) as another:
        async with phone.post(
            "members", json={"name": "Anna Berg", "card_number": "RG-1001"}
        ) as created:
            assert created.status == 201
        for guess in range(10):
            async with phone.post("visits", json={"code": f"RG-{guess}"}) as wrong:
                assert wrong.status == 404
        async with phone.post("visits", json={"code": "RG-1001"}) as barred:
            assert barred.status == 429
            assert (await barred.json())["code"] == "too_many_tries"
        async with phone.post("scans", json={"text": "RG-1001"}) as scanned:
            assert (await scanned.json())["refusal"]["reason"] == "too_many_tries"
        async with another.post("visits", json={"code": "RG-1001"}) as arrived:
            assert arrived.status == 201


async def test_a_card_that_was_right_once_is_no_guess(door: Door) -> None:
    async with door.phone(Role.GUIDE) as phone:
        async with phone.post("members", json={"name": "Anna Berg"}) as created:
            member_id = (await created.json())["member"]["id"]
        old = member_card.encode(
            await _key(door, member_id), CardKind.SHOWN, member_id, START - timedelta(hours=1)
        )
        for _ in range(11):
            async with phone.post("visits", json={"code": old}) as stale:
                assert stale.status == 409


async def _key(door: Door, member_id: str) -> bytes:
    return await door.parts.store.read(
        lambda reader: member_card.member_key(reader.code_keys.cards(), member_id)
    )
