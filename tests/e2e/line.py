"""A shop whose headquarters is named and never answers, and what its line can come to."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from component.store_values import a_member, a_visit, opened_message
from e2e.shop import Shop
from ports import free_port

from edge import contract
from edge.config import Config, HeadquartersConfig
from edge.domain import Lease, new_id
from edge.errors import HeadquartersUnavailable
from edge.store import Transaction
from edge.sync.exchange import Exchange
from hq import authority


def with_headquarters(config: Config, folder: Path) -> Config:
    """The same shop, admitted by a headquarters at an address where nobody listens."""
    authority.make_authority(folder / "authority", "127.0.0.1")
    authority.issue_store(folder / "authority", folder / "credentials", config.store.id)
    line = HeadquartersConfig(
        url=f"https://127.0.0.1:{free_port()}", credentials=str(folder / "credentials")
    )
    return msgspec.structs.replace(config, headquarters=line)


async def hear_who_withdrew(shop: Shop) -> None:
    """Headquarters told everything once, so that faces may be matched for a day."""
    await shop.gateway.headquarters.pulled("withdrawals", 0)
    await shop.gateway.headquarters.came_in_line()


def only_what_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """The exchange makes no rounds of its own: each would fail, and soon the line be down again."""

    async def no_rounds(_: Exchange) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(Exchange, "_rounds", no_rounds)


def lose(shop: Shop) -> None:
    """A round fails."""
    shop.gateway.headquarters.lost(HeadquartersUnavailable.code)


async def catch_up(shop: Shop) -> None:
    """A feed of 200,000 changes, of which the first third is in."""
    await shop.gateway.headquarters.came_in_line()
    for remaining in (199_000, 131_000):
        await shop.gateway.headquarters.pulled("changes", remaining)


async def caught_up(shop: Shop) -> None:
    await shop.gateway.headquarters.pulled("changes", 0)
    await shop.gateway.headquarters.came_in_line()


async def wait_for_the_line(shop: Shop, messages: int) -> None:
    """So many messages wait to go up."""
    member, now = a_member(), datetime.now(UTC)
    told = [
        msgspec.structs.replace(
            opened_message(a_visit(member)),
            store_id=shop.gateway.config.store.id,
            at=now - timedelta(minutes=7),
        )
        for _ in range(messages)
    ]

    def story(tx: Transaction) -> None:
        for message in told:
            tx.outbox.put(message)

    await shop.gateway.store.write(story)


async def hold_back(shop: Shop) -> None:
    """A message that headquarters did not take, a change that the shop could not, and a lease."""
    now = datetime.now(UTC)
    change = contract.Change(position=7, message=msgspec.Raw(b'{"type":"PurchaseMade"}'))

    def story(tx: Transaction) -> None:
        (first, *_) = tx.outbox.pending(1)
        tx.outbox.refuse(first.id, contract.Code.UNKNOWN_VERSION, now)
        tx.exchange.refuse("changes", change, "conflict", now - timedelta(minutes=20))
        campaign = next(c for c in tx.vouchers.campaigns() if c.name == "Welcome back")
        tx.vouchers.put_lease(
            Lease(
                id=new_id(),
                campaign_id=campaign.id,
                uses=50,
                granted_at=now,
                expires_at=now + timedelta(hours=9),
            )
        )

    await shop.gateway.store.write(story)
