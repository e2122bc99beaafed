"""Pairing: one code pairs one phone, and a revoked phone is out at once."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from component.flows_shop import GUIDE, MANAGER
from component.store_values import Clock

from edge.domain import Role, SessionEnded, new_id
from edge.errors import BadRequest, Gone, NotAllowed, NotFound, NotPaired, TooManyTries
from edge.feed import Feed
from edge.flows.pairing import Paired, Pairing
from edge.rules.guessing import WRONG_TRIES
from edge.rules.pairing import CODE_LENGTH
from edge.store import Store


@dataclass
class Gate:
    """A store with its pairing."""

    store: Store
    clock: Clock
    feed: Feed = field(default_factory=Feed)

    def __post_init__(self) -> None:
        self.pairing = Pairing(self.store, self.feed, self.clock)

    async def paired(self, role: Role = Role.GUIDE) -> Paired:
        code, _ = await self.pairing.invite(None, "Ana", role)
        return await self.pairing.pair(code, "Pixel")


@pytest.fixture
async def gate(tmp_path: Path) -> AsyncIterator[Gate]:
    clock = Clock()
    async with Store.open(tmp_path / "state", clock) as store:
        yield Gate(store, clock)


async def test_a_code_pairs_a_phone_under_the_name_and_role_it_was_made_for(gate: Gate) -> None:
    code, invitation = await gate.pairing.invite(MANAGER, "Ana", Role.GUIDE)
    assert len(code) == CODE_LENGTH
    assert (invitation.expires_at - invitation.created_at).total_seconds() == 300
    token, session = await gate.pairing.pair(f"{code[:5]}-{code[5:]}".lower(), "Pixel")
    assert (session.guide_name, session.role, session.device) == ("Ana", Role.GUIDE, "Pixel")
    assert await gate.pairing.session(token) == session


async def test_neither_code_nor_token_lies_in_the_state_directory(
    gate: Gate, tmp_path: Path
) -> None:
    code, _ = await gate.pairing.invite(None, "Ana", Role.GUIDE)
    token, _ = await gate.pairing.pair(code, "Pixel")
    for path in (tmp_path / "state").rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert code.encode() not in content
            assert token.encode() not in content


async def test_a_code_works_once_even_for_two_phones_at_once(gate: Gate) -> None:
    code, _ = await gate.pairing.invite(None, "Ana", Role.GUIDE)
    results = await asyncio.gather(
        *(gate.pairing.pair(code, f"phone {n}") for n in range(4)), return_exceptions=True
    )
    assert sum(isinstance(result, Paired) for result in results) == 1
    assert sum(isinstance(result, Gone) for result in results) == 3


async def test_a_code_ends_after_five_minutes(gate: Gate) -> None:
    code, _ = await gate.pairing.invite(None, "Ana", Role.GUIDE)
    gate.clock.move(minutes=5)
    with pytest.raises(Gone):
        await gate.pairing.pair(code, "Pixel")


async def test_guessing_closes_the_door_for_right_codes_too_and_then_opens_it(gate: Gate) -> None:
    for _ in range(WRONG_TRIES):
        with pytest.raises(Gone):
            await gate.pairing.pair("0000000000", "Pixel")
    code, _ = await gate.pairing.invite(None, "Ana", Role.GUIDE)
    with pytest.raises(TooManyTries):
        await gate.pairing.pair(code, "Pixel")
    gate.clock.move(minutes=5)
    code, _ = await gate.pairing.invite(None, "Ana", Role.GUIDE)
    assert (await gate.pairing.pair(code, "Pixel")).session.guide_name == "Ana"


async def test_only_managers_invite(gate: Gate) -> None:
    with pytest.raises(NotAllowed):
        await gate.pairing.invite(GUIDE, "Eve", Role.MANAGER)
    with pytest.raises(BadRequest) as refused:
        await gate.pairing.invite(MANAGER, "\x00", Role.GUIDE)
    assert refused.value.field == "guide_name"


async def test_a_made_up_token_is_not_paired(gate: Gate) -> None:
    with pytest.raises(NotPaired):
        await gate.pairing.session("made-up")


async def test_a_revoked_phone_is_out_at_once_and_is_told(gate: Gate) -> None:
    token, session = await gate.paired()
    await gate.pairing.revoke(MANAGER, session.id)
    with pytest.raises(NotPaired):
        await gate.pairing.session(token)
    await gate.pairing.revoke(MANAGER, session.id)
    with gate.feed.subscribe(gate.feed.epoch, 0) as subscription:
        assert (await subscription.next()).event == SessionEnded(session_id=session.id)
    assert gate.feed.sequence == 1
    assert await gate.pairing.sessions() == []


async def test_a_guide_ends_only_their_own_session(gate: Gate) -> None:
    _, mine = await gate.paired()
    _, other = await gate.paired()
    with pytest.raises(NotAllowed):
        await gate.pairing.revoke(mine, other.id)
    await gate.pairing.revoke(mine, mine.id)
    assert [session.id for session in await gate.pairing.sessions()] == [other.id]
    with pytest.raises(NotFound):
        await gate.pairing.revoke(MANAGER, new_id())


async def test_the_last_manager_may_leave_and_the_command_line_lets_one_in_again(
    gate: Gate,
) -> None:
    token, manager = await gate.paired(Role.MANAGER)
    await gate.pairing.revoke(manager, manager.id)
    with pytest.raises(NotPaired):
        await gate.pairing.session(token)
    assert (await gate.paired(Role.MANAGER)).session.role is Role.MANAGER


async def test_a_session_ends_after_a_month_of_silence(gate: Gate) -> None:
    token, _ = await gate.paired()
    gate.clock.move(days=29)
    await gate.pairing.session(token)
    gate.clock.move(days=29)
    await gate.pairing.session(token)
    gate.clock.move(days=30)
    assert await gate.pairing.sessions() == []
    with pytest.raises(NotPaired):
        await gate.pairing.session(token)


async def test_use_is_not_written_at_every_request(gate: Gate) -> None:
    token, session = await gate.paired()
    gate.clock.move(minutes=14)
    assert (await gate.pairing.session(token)).last_used_at == session.last_used_at
    gate.clock.move(minutes=1)
    await asyncio.gather(*(gate.pairing.session(token) for _ in range(5)))
    (stored,) = await gate.pairing.sessions()
    assert stored.last_used_at == gate.clock()


async def test_a_database_that_cannot_be_written_locks_no_paired_phone_out(
    gate: Gate, tmp_path: Path
) -> None:
    token, session = await gate.paired()
    gate.clock.move(hours=1)
    with closing(sqlite3.connect(tmp_path / "state" / "regulars.db")) as other:
        other.execute("BEGIN IMMEDIATE")
        assert await gate.pairing.session(token) == session
    assert (await gate.pairing.session(token)).last_used_at == gate.clock()
