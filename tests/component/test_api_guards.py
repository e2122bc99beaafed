"""Guards over HTTP: on the card, in the manager's list, and gone with one request."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from component.api_door import Door, open_door

from edge.domain import Role


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[Door]:
    async with open_door(tmp_path / "state") as opened:
        yield opened


async def guarded(door: Door) -> str:
    """A member, enrolled, for whom the door took somebody else; returns the member's id."""
    async with door.phone(Role.GUIDE) as phone:
        async with phone.post("members", json={"name": "Anna Berg"}) as created:
            member_id = (await created.json())["member"]["id"]
        async with phone.get("notices/en") as notice:
            version = (await notice.json())["version"]
        consent = {"language": "en", "notice_version": version, "agreed": True}
        await phone.post(f"members/{member_id}/consents", json=consent)
        await door.sees(member_id)
        async with phone.get("visits") as listed:
            (visit,) = (await listed.json())["visits"]
        await phone.post(f"visits/{visit['id']}/refuse")
    return str(member_id)


async def test_a_guide_finds_the_guard_on_the_card_and_removes_it(door: Door) -> None:
    member_id = await guarded(door)
    card = f"members/{member_id}?reason=search"
    async with door.phone(Role.GUIDE) as phone:
        async with phone.get(card) as answer:
            (guard,) = (await answer.json())["guards"]
        assert (guard["member_id"], guard["other_id"], guard["set_by"]) == (member_id, None, "Mei")
        async with phone.delete(f"guards/{guard['id']}") as removed:
            assert removed.status == 204
        async with phone.delete(f"guards/{guard['id']}") as again:
            assert again.status == 404
        async with phone.get(card) as answer:
            assert (await answer.json())["guards"] == []


async def test_the_list_of_all_guards_is_for_managers(door: Door) -> None:
    member_id = await guarded(door)
    async with door.phone(Role.MANAGER) as phone, phone.get("guards") as answer:
        (guard,) = (await answer.json())["guards"]
    assert (guard["member_id"], guard["member_name"]) == (member_id, "Anna Berg")
    async with door.phone(Role.GUIDE) as phone, phone.get("guards") as answer:
        assert answer.status == 403
