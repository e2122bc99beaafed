"""Headquarters' pages with an invented chain behind them, and a walk through every screen."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import asyncpg
from playwright.async_api import Page

from edge.contract import ReleaseTold
from edge.demo.town import new_database
from edge.domain.updates import Outcome
from hq import demo, people, schema
from hq.demo.filling import trouble
from hq.figures.working import work_out
from hq.pages.server import serve
from hq.releases import rollouts
from hq.releases.waves import Wave

NOW = datetime(2026, 11, 28, 15, 20, tzinfo=UTC)  # a Saturday, twenty past four in Paris
SMALL, LARGE = demo.SHOPS[-1], demo.SHOPS[2]


@dataclass(slots=True)
class Merchant:
    """The pages at an address, and the database behind them."""

    address: str
    connection: asyncpg.Connection

    async def link(self) -> str:
        """An invitation for one browser."""
        return f"{self.address}/sign-in#{await people.invite(self.connection, 'Camille', NOW)}"

    async def at_risk(self) -> str:
        """A member whose rhythm is broken."""
        return str(
            await self.connection.fetchval(
                "SELECT r.member_id FROM figures_regulars r JOIN members m ON m.id = r.member_id "
                "WHERE $1::date - last_day > longest_days ORDER BY spent DESC LIMIT 1",
                NOW.date(),
            )
        )

    async def on_its_way(self) -> None:
        """A release that named stores have, and of the next wave all but one."""
        for store in await rollouts.running(self.connection):
            await self.told(store.store_id, "1.3.0")
        waves: list[Wave] = [[SMALL.id, LARGE.id], 25, 100]
        await rollouts.begin(self.connection, "1.4.0", waves, NOW - timedelta(hours=30), hours=12)
        for store_id in (SMALL.id, LARGE.id):
            await self.told(store_id, "1.4.0")
        await rollouts.go_on(self.connection, NOW, rest=timedelta(0))
        rollout = await rollouts.on(self.connection)
        assert rollout is not None
        sent = [s for s in await rollouts.standing(self.connection, rollout) if s.sent_at]
        for store in sent[2:-1]:
            await self.told(store.store_id, "1.4.0")

    async def one_failed(self) -> None:
        """The last of them goes back, and that stops it."""
        rollout = await rollouts.on(self.connection)
        assert rollout is not None
        found = await rollouts.standing(self.connection, rollout)
        last = next(store for store in found if store.sent_at and store.runs == "1.3.0")
        await self.told(last.store_id, "1.3.0", Outcome.ROLLED_BACK)

    async def told(self, store_id: str, runs: str, outcome: Outcome = Outcome.UPDATED) -> None:
        told = ReleaseTold(
            release=runs,
            tried="1.4.0",
            outcome=outcome,
            message_id=store_id,
            store_id=store_id,
            at=NOW - timedelta(hours=2),
        )
        await rollouts.hear(self.connection, store_id, [told], told.at)


@asynccontextmanager
async def open_merchant(server: str, *, chain: bool = True) -> AsyncIterator[Merchant]:
    """The pages as of ``NOW``, of a chain or of one that has not begun."""
    dsn = await _copy_of_chain(server) if chain else await new_database(server)
    connection = await asyncpg.connect(dsn)
    try:
        if not chain:
            await schema.prepare(connection)
            await work_out(connection, NOW)
        async with serve(dsn, "127.0.0.1", 0, clock=lambda: NOW) as address:
            yield Merchant(address, connection)
    finally:
        await connection.close()


_chains: dict[str, str] = {}
"""The database of the invented chain on each server, made once and copied for each test."""


async def _copy_of_chain(server: str) -> str:
    if server not in _chains:
        dsn = await new_database(server)
        connection = await asyncpg.connect(dsn)
        try:
            await schema.prepare(connection)
            invented = await asyncio.to_thread(demo.invent, NOW)
            await demo.fill(connection, invented, NOW)
            await trouble(connection, invented, NOW)
            await connection.execute(
                "INSERT INTO certificates (fingerprint, store_id) SELECT id, id FROM stores"
            )
            await work_out(connection, NOW)
            _chains[server] = await connection.fetchval("SELECT current_database()")
        finally:
            await connection.close()
    name = f"hq_{os.urandom(6).hex()}"
    admin = await asyncpg.connect(server)
    try:
        await admin.execute(f"CREATE DATABASE {name} TEMPLATE {_chains[server]}")
    finally:
        await admin.close()
    return server.replace("/postgres?", f"/{name}?")


async def stops(merchant: Merchant, page: Page) -> AsyncIterator[str]:
    """Every screen in turn, by its name; the page shows it while it is yielded."""
    await page.goto(await merchant.link())
    yield "sign-in"
    await page.locator("form.sign-in button").click()
    await page.locator(".tiles").wait_for()
    await page.wait_for_load_state()  # its colours may come after its words
    yield "overview"
    for name, path in (
        ("store", f"/stores/{LARGE.id}"),
        ("store-with-few", f"/stores/{SMALL.id}"),
        ("repurchase", "/repurchase"),
        ("repurchase-of-a-store", f"/repurchase?store={SMALL.id}"),
        ("regulars", "/regulars"),
        ("regular", f"/regulars/{await merchant.at_risk()}"),
        ("consent", "/consent"),
        ("consent-of-a-store", f"/consent?store={SMALL.id}"),
        ("quarantine", "/quarantine"),
        ("message", f"/quarantine/{LARGE.id}/900001"),
        ("releases", "/releases"),
        ("release-sending", "/releases/send"),
        ("missing", "/stores/nowhere"),
        ("find-none", "/?find=nowhere"),
    ):
        await page.goto(merchant.address + path)
        yield name
    await page.goto(f"{merchant.address}/consent")
    await page.locator("summary").first.click()
    yield "as-a-table"
    await page.goto(f"{merchant.address}/releases/send")
    await page.locator("#version").fill("1.4.0")
    await page.locator("#shares").fill("ten")
    await page.locator("button.primary").click()
    await page.locator("[role=alert]").wait_for()
    await page.wait_for_load_state()
    yield "release-not-sent"
    async with merchant.connection.transaction():
        await merchant.on_its_way()
    await page.goto(f"{merchant.address}/releases")
    yield "release-on-its-way"
    async with merchant.connection.transaction():
        await merchant.one_failed()
    await page.reload()
    yield "release-stopped"
    await merchant.connection.execute("DELETE FROM rollout_stores")
    await merchant.connection.execute("DELETE FROM rollouts")
    await merchant.connection.execute("DELETE FROM releases")
