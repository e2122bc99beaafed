"""The stores of a chain in these tests, and what guides do there.

Whatever a store puts into its outbox, in whichever process, is written down a second time by a
trigger of its own database, in the transaction of the fact. That is the history which nothing
may be lost of.
"""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from pathlib import Path

from component.counter import Counterpart
from component.flows_shop import GUIDE, MANAGER, Shop, open_shop
from component.store_values import Clock
from unit.voucher_values import a_campaign, an_issued

from edge import contract
from edge.config import StoreConfig
from edge.contract import Message
from edge.domain import Member, new_id
from edge.store import Transaction

_HISTORY = """
    CREATE TABLE IF NOT EXISTS told (
        place INTEGER PRIMARY KEY AUTOINCREMENT,
        body TEXT NOT NULL,
        really_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f', 'now'))
    );
    CREATE TRIGGER IF NOT EXISTS tell AFTER INSERT ON outbox
        BEGIN INSERT INTO told (body) VALUES (new.body); END;
"""


NAMES = ("lyon", "nice", "brest")
CAMPAIGN = a_campaign(stores=NAMES)
CODES = [f"{number:08d}" for number in range(100)]
"""Vouchers of one use, which every store has; without a lease a store may give away two."""


def config_of(store_id: str) -> StoreConfig:
    return StoreConfig(id=store_id, name=store_id.title(), timezone="Europe/Paris")


@dataclass(frozen=True, slots=True)
class Told:
    """A message, and when it was put by the one clock that all stores of a test share."""

    message: Message
    really_at: str


@dataclass(slots=True)
class Outlet:
    """One store: its folder, its credentials, its own clock."""

    id: str
    state: Path
    credentials: Path
    clock: Clock = field(default_factory=Clock)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Shop]:
        async with open_shop(self.state, config=config_of(self.id), clock=self.clock) as shop:
            await asyncio.to_thread(keep_history, self.state)
            await shop.store.write(_vouchers)
            yield shop

    async def back_up(self) -> None:
        """Copy the whole folder, keys and all."""
        await asyncio.to_thread(shutil.copytree, self.state, self._backup)

    async def put_back(self) -> None:
        """The copy takes the place of what came since."""
        await asyncio.to_thread(shutil.rmtree, self.state)
        await asyncio.to_thread(self._backup.rename, self.state)

    @property
    def _backup(self) -> Path:
        return self.state.with_suffix(".backup")

    def told(self) -> list[Told]:
        """Everything that was ever put into the outbox, in its order."""
        with closing(sqlite3.connect(self.state / "regulars.db")) as database:
            rows = database.execute("SELECT body, really_at FROM told ORDER BY place").fetchall()
        return [Told(contract.decode(body), really_at) for body, really_at in rows]


def keep_history(state: Path) -> None:
    with closing(sqlite3.connect(state / "regulars.db")) as database:
        database.executescript(_HISTORY)


def _vouchers(tx: Transaction) -> None:
    if tx.vouchers.campaign(CAMPAIGN.id) is None:
        tx.vouchers.put_campaign(CAMPAIGN)
        tx.vouchers.issue(an_issued(CAMPAIGN, id=f"v{code}", code=code) for code in CODES)


class Guide:
    """What is done in an open store; each thing at a moment of its own."""

    def __init__(self, outlet: Outlet, shop: Shop) -> None:
        self._outlet = outlet
        self.shop = shop
        self._counter = Counterpart(shop.store, outlet.clock, config=shop.config)

    def _later(self) -> None:
        self._outlet.clock.move(seconds=1)

    async def join(self, name: str) -> str:
        self._later()
        return (await self.shop.member(name)).id

    async def rename(self, member_id: str, name: str) -> None:
        self._later()
        if await self._member(member_id):
            await self.shop.members.edit(GUIDE, member_id, name=name)

    async def call(self, member_id: str, number: int) -> None:
        """A phone number that nobody else has."""
        self._later()
        if await self._member(member_id):
            await self.shop.members.edit(GUIDE, member_id, phone=f"+3361{number:07d}")

    async def visit(self, member_id: str, *, confirmed: bool = True) -> None:
        self._later()
        if await self._member(member_id):
            arrived = await self.shop.arrivals.typed(GUIDE, member_id=member_id)
            visit_id = arrived.details.visit.id
            if confirmed:
                await self.shop.answers.close(GUIDE, visit_id)

    async def enrol(self, member_id: str) -> None:
        self._later()
        member = await self._member(member_id)
        if member is not None:
            consent = await self.shop.consent(member)
            await self.shop.enrollment.add_photo(GUIDE, consent.id, b"photo")

    async def withdraw(self, member_id: str) -> None:
        self._later()
        consent = await self.shop.store.read(lambda reader: reader.consents.active_of(member_id))
        if consent is not None:
            await self.shop.enrollment.withdraw(GUIDE, consent.id)

    async def redeem(self, code: str, *, undone: bool = False) -> bool:
        """Whether a voucher was taken here; perhaps it is given back at once."""
        self._later()
        verdict = await self._counter.redeem(code)
        if undone and verdict.redemption is not None:
            await self._counter.redemptions.reverse(MANAGER, new_id(), verdict.redemption.id)
        return verdict.redemption is not None

    async def day(self, number: int) -> str:
        """A bit of everything; returns the member who came, consented and withdrew."""
        member_id = await self.join(f"Ana {number}")
        await self.visit(member_id)
        await self.enrol(member_id)
        await self.rename(member_id, f"Anna {number}")
        await self.redeem(CODES[number], undone=True)
        await self.withdraw(member_id)
        return member_id

    async def _member(self, member_id: str) -> Member | None:
        return await self.shop.store.read(lambda reader: reader.members.get(member_id))
