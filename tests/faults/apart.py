"""Forks gateways and headquarters that are to be killed; what they run on is imported once.

It says so once it has. Each line of the standard input asks for one thing as JSON, each is
answered by one line. A job says that it is under way by writing what others need to know into its
file ``ready``.
"""

from __future__ import annotations

import asyncio
import ctypes
import json
import os
import sys
import traceback
import warnings
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import datetime
from functools import partial, reduce
from operator import or_
from pathlib import Path
from typing import Any, get_args

import msgspec
from component.flows_shop import open_shop
from component.headquarters_town import exchange_over
from component.store_values import Clock
from faults.cuts import CutLine, Cuts, cut_store
from faults.outlets import config_of

from edge import contract
from edge.app.headquarters import line_to
from edge.errors import EdgeError
from edge.sync import https
from hq import authority, cli, door, feed, ingest, server
from hq import nats as through_nats

TROUBLE = 3
"""What a gateway exits with that could not end its round."""
_CLONE_NEWNET = 0x40000000


def headquarters(
    dsn: str,
    folder: str,
    host: str,
    port: int,
    ready: str,
    *,
    nats: str | None = None,
    page: int | None = None,
    unknown: tuple[str, ...] = (),
    handshakes: int | None = None,
    read_within_s: float | None = None,
) -> int:
    """Serve stores until killed.

    ``page`` makes the pages of the feeds smaller, ``handshakes`` and ``read_within_s`` the
    bounds at the door; ``unknown`` names types of messages that this
    headquarters is too old to know.
    """
    feed.PAGE_CHANGES = page or feed.PAGE_CHANGES
    door.HANDSHAKES = handshakes or door.HANDSHAKES
    server.READ_WITHIN_S = read_within_s or server.READ_WITHIN_S
    if unknown:
        known = [k for k in get_args(contract.Message) if k.__name__ not in unknown]
        ingest.decode = msgspec.json.Decoder(reduce(or_, known)).decode  # type: ignore[assignment]

    async def forever() -> None:
        async with AsyncExitStack() as stack:
            context = authority.server_context(Path(folder))
            serving = server.serve(dsn, Path(folder), context, host, port)
            bound = await stack.enter_async_context(serving)
            if nats is None:
                _say(ready, str(bound))
            else:
                opened = partial(_say, ready, str(bound))
                broker = authority.client_context(Path(folder))
                await stack.enter_async_context(through_nats.serve(nats, broker, dsn, opened))
            await asyncio.Event().wait()

    asyncio.run(forever())
    return 0


def gateway(
    state: str,
    store_id: str,
    credentials: str,
    url: str,
    at: str,
    ready: str,
    *,
    cut: int | None = None,
    rounds: bool = False,
    patience_s: float | None = None,
) -> int:
    """One round of the exchange, or ``rounds`` until killed. ``cut`` ends it at a step."""
    if patience_s is not None:
        https.TIMEOUT = https.aiohttp.ClientTimeout(total=patience_s)

    async def run() -> None:
        clock = Clock()
        clock.now = datetime.fromisoformat(at)
        cuts = Cuts(cut, Path(ready))
        async with (
            open_shop(Path(state), config=config_of(store_id), clock=clock) as shop,
            await line_to(url, Path(credentials)) as line,
        ):
            cut_store(shop.store, cuts)
            exchange = exchange_over(CutLine(line, cuts), shop)
            if not rounds:
                await exchange.round()
                return
            async with exchange:
                _say(ready, "open")
                await asyncio.Event().wait()

    try:
        asyncio.run(run())
    except EdgeError:
        return TROUBLE
    return 0


def hq(words: list[str], log: str) -> int:
    """``python -m hq`` with these words; what it says goes into ``log``."""
    with Path(log).open("wb") as said:
        os.dup2(said.fileno(), 1)
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    sys.argv = ["hq", *words]
    cli.app()
    return 0


JOBS: dict[str, Callable[..., int]] = {
    "headquarters": headquarters,
    "gateway": gateway,
    "hq": hq,
}


def _say(ready: str, what: str) -> None:
    half = Path(ready).with_suffix(".half")
    half.write_text(what)
    half.rename(ready)


def _enter(network: str | None) -> None:
    """Move this process into the network namespace that a file holds."""
    if network is not None:
        with Path(network).open() as handle:
            libc = ctypes.CDLL(None, use_errno=True)
            if libc.setns(handle.fileno(), _CLONE_NEWNET) != 0:
                raise OSError(ctypes.get_errno(), "setns")


def _child(ask: dict[str, Any]) -> int:
    silence = os.open(os.devnull, os.O_RDONLY)
    os.dup2(silence, 0)
    os.dup2(2, 1)
    _enter(ask.get("network"))
    return JOBS[ask["job"]](**ask["given"])


def _fork(ask: dict[str, Any]) -> int:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # numpy's idle threads survive a fork
        pid = os.fork()
    if pid == 0:
        code = 1
        try:
            code = _child(ask)
        finally:
            if sys.exc_info()[0] is not None:
                traceback.print_exc()
            os._exit(code)
    return pid


def _ended(pid: int) -> int | None:
    """How a child ended, negative for a signal; None while it lives."""
    reaped, status = os.waitpid(pid, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if reaped else None


def main() -> None:
    sys.stdout.write("imported\n")
    sys.stdout.flush()
    for line in sys.stdin:
        ask = json.loads(line)
        answer = _ended(ask["pid"]) if "pid" in ask else _fork(ask)
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
