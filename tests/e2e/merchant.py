"""Headquarters' pages with an invented chain behind them, and a walk through every screen."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import asyncpg
from playwright.async_api import Page

from edge.demo.town import new_database
from hq import demo, people, schema
from hq.demo.filling import trouble
from hq.figures.working import work_out
from hq.pages.server import serve

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
        ("missing", "/stores/nowhere"),
        ("find-none", "/?find=nowhere"),
    ):
        await page.goto(merchant.address + path)
        yield name
    await page.goto(f"{merchant.address}/consent")
    await page.locator("summary").first.click()
    yield "as-a-table"
