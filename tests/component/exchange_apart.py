"""A store that sends what waits, in a process of its own, so that it can be killed."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from component.flows_shop import open_shop
from component.headquarters_town import exchange


async def push(state: Path, credentials: Path, url: str) -> None:
    async with open_shop(state) as shop, exchange(shop, credentials, url) as line:
        await line.push()


if __name__ == "__main__":
    asyncio.run(push(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]))
