"""What the service manager hears of the gateway: it is open, it is alive, it ends (sd_notify(3)).

Alive means that the event loop turns and the store's threads answer, be it with an error: a full
disk is no reason to cut off every phone, a thread that hangs is. Without a manager that listens
nothing is sent.
"""

from __future__ import annotations

import os
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress

from edge.app.chores import chore
from edge.errors import StoreUnavailable
from edge.store import Store

BEATS = 3
"""Signs of life within the time after which the manager gives up (sd_watchdog_enabled(3) advises
two or more).
"""


@asynccontextmanager
async def service(store: Store) -> AsyncIterator[None]:
    """Tell the service manager, if one listens, of the gateway while the context lasts.

    Its end is told by whoever ends it for good: it may open anew at once, which is no end.
    """

    async def beat() -> None:
        with suppress(StoreUnavailable):
            await store.read(lambda reader: reader.outbox.count())
        tell("WATCHDOG=1")

    async with AsyncExitStack() as stack:
        tell("READY=1")
        patience_s = int(os.environ.get("WATCHDOG_USEC", "0")) / 1e6
        if patience_s > 0:
            await stack.enter_async_context(chore("watchdog", beat, patience_s / BEATS))
        yield


def tell(state: str) -> None:
    """One datagram to the manager's socket, which may have an abstract name."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as line:
        line.setblocking(False)
        with suppress(OSError):  # a manager that is away must not end the gateway
            line.sendto(state.encode(), address.replace("@", "\0", 1))
