"""The whole gateway and a real headquarters: in line, cut off, and in line again by themselves."""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec
from component.headquarters_town import Headquarters
from e2e.shop import shop_config

from edge.app import gateway
from edge.config import HeadquartersConfig
from edge.domain import LineChanged, LineStatus
from edge.feed import Subscription

PATIENCE_S = 150.0  # a line is called down after 15 s, and tried again after up to a minute


async def comes(heard: Subscription, status: LineStatus) -> LineChanged:
    """Wait until the phones are told that the line is so."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            event = (await heard.next()).event
            if isinstance(event, LineChanged) and event.line.status is status:
                return event


async def test_the_gateway_tells_phones_that_headquarters_went_and_came_back(
    headquarters: Headquarters, tmp_path: Path
) -> None:
    config = shop_config(tmp_path / "state")
    credentials = await headquarters.admit(config.store.id)
    line = HeadquartersConfig(url=headquarters.url, credentials=str(credentials))
    config = msgspec.structs.replace(config, headquarters=line)
    async with gateway(config, tmp_path / "models") as running:
        with running.feed.subscribe(running.feed.epoch, 0) as heard:
            told = await comes(heard, LineStatus.IN_LINE)
            assert told.line.in_line_at is not None
            assert not running.headquarters.matching_rests
            await asyncio.to_thread(headquarters.kill)
            told = await comes(heard, LineStatus.DOWN)
            assert told.line.trouble == "headquarters_unavailable"
            assert not told.matching_rests, "a day's lease goes on"
            await asyncio.to_thread(headquarters.start)
            told = await comes(heard, LineStatus.IN_LINE)
            assert told.line.trouble is None
