"""A store that sends what waits, in a process of its own, so that it can be killed.

``python exchange_apart.py STATE CREDENTIALS URL KEPT``: once no more than so many messages wait it
sends nothing more, until it is killed; with 0 it sends all and ends. What headquarters has answered
for may be among those that wait, so KEPT is more than one batch.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from component.flows_shop import open_shop
from component.headquarters_town import exchange_over, waiting

from edge.app.headquarters import line_to
from edge.contract import Acknowledgement


async def push(state: Path, credentials: Path, url: str, kept: int) -> None:
    async with open_shop(state) as shop, await line_to(url, credentials) as line:
        send = line.send

        async def send_what_is_not_kept(batch: bytes, *, urgent: bool) -> Acknowledgement:
            if await waiting(shop) <= kept:
                await asyncio.Event().wait()
            return await send(batch, urgent=urgent)

        line.send = send_what_is_not_kept  # type: ignore[method-assign]
        await exchange_over(line, shop).push()


if __name__ == "__main__":
    asyncio.run(push(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], int(sys.argv[4])))
