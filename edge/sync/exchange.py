"""The exchange with headquarters: withdrawals down, then everything up, then everything down.

One round follows the other, so that a feed is only asked for once headquarters has every edit
of this store. Trouble is waited out and never counted: nothing is given up.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import pairwise
from types import TracebackType
from typing import Self

import structlog

from edge.contract import BATCH_MESSAGES, Acknowledgement, Code, Feed, Page, RefusedMessage
from edge.errors import EdgeError, HeadquartersRefused, HeadquartersUnavailable
from edge.flows.changes import Changes
from edge.flows.headquarters import Headquarters
from edge.store import Store, Transaction
from edge.store.outbox import Outgoing
from edge.sync.batching import encoded, fitting, pause_s
from edge.sync.line import Line
from edge.tasks import end

log = structlog.get_logger(__name__)

ROUND_EVERY_S = 1.0
SPOILT = (Code.MALFORMED, Code.TOO_LARGE)
"""Said of a whole batch: something in it keeps it from being read."""


class Exchange:
    """Keeps the store and headquarters in line while it is open, and tells ``told`` how it goes."""

    def __init__(
        self,
        store: Store,
        changes: Changes,
        line: Line,
        told: Headquarters,
        clock: Callable[[], datetime],
        *,
        store_id: str,
    ) -> None:
        self._store = store
        self._changes = changes
        self._line = line
        self._told = told
        self._clock = clock
        self._store_id = store_id
        self._heard_s = 0.0
        """When the withdrawals were last heard to their end, by the loop's clock."""
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """What is in quarantine on either side is offered again: both may have learnt meanwhile."""

        def story(tx: Transaction) -> None:
            tx.outbox.release()
            tx.exchange.read_again()

        await self._store.write(story)
        self._task = asyncio.create_task(self._rounds(), name="headquarters")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._task is not None:
            await end(self._task)

    async def round(self) -> None:
        """Bring both sides in line once. Raises ``EdgeError``."""
        await self.pull("withdrawals")
        await self.push()
        await self.pull("changes")
        await self._told.came_in_line()

    async def push(self) -> None:
        """Send until nothing waits; a message leaves only when it is acknowledged.

        One batch travels at a time, which keeps the order. While it does, the batch before it is
        forgotten and the next one is read; where headquarters refuses, what was read is read
        again, because something in it may have to wait now. However much waits, withdrawals are
        heard as often as in quiet times.
        """
        held: list[Outgoing] = []
        batch = await self._due()
        while batch:
            if asyncio.get_running_loop().time() - self._heard_s >= ROUND_EVERY_S:
                await self.pull("withdrawals")
            meanwhile = asyncio.create_task(self._forget_and_read(held, batch), name="outbox")
            try:
                answer = await self._send(batch)
            finally:
                following = await meanwhile
            if isinstance(answer, Acknowledgement) and not answer.refused:
                held, batch = batch, following
                continue
            if isinstance(answer, Acknowledgement):
                await self._settle(batch, answer)
            else:
                await self._continue_after(answer)
            held, batch = [], await self._due()
        await self._forget(held)

    async def pull(self, feed: Feed) -> None:
        """Apply a feed to its end, page by page; each remembers its cursor.

        Whatever outranks changes goes on between their pages, and so do the messages upwards.
        """
        while True:
            after = await self._store.read(lambda reader: reader.exchange.cursor(feed))
            try:
                page = await self._line.fetch(feed, after)
            except HeadquartersRefused as refused:
                if refused.refusal != Code.CURSOR_AHEAD:
                    raise
                log.warning("resync_begins", feed=feed)
                await self.resync(feed)
                continue
            _demand_progress(page, after)
            if page.changes:
                await self._changes.apply(feed, page, after=after)
            await self._told.pulled(feed, page.remaining)
            if page.remaining == 0:
                break
            log.info("pulling", feed=feed, remaining=page.remaining)
            if feed == "changes":
                await self.pull("withdrawals")
                await self.push()
        if feed == "withdrawals":
            self._heard_s = asyncio.get_running_loop().time()

    async def resync(self, feed: Feed) -> None:
        """Ask for a whole feed again, from the next round on."""
        await self._store.write(lambda tx: tx.exchange.move(feed, 0))

    async def _due(self, travelling: Sequence[Outgoing] = ()) -> list[Outgoing]:
        waiting = await self._store.read(
            lambda reader: reader.outbox.pending(BATCH_MESSAGES, travelling=travelling)
        )
        return fitting(waiting)

    async def _forget_and_read(
        self, held: list[Outgoing], travelling: list[Outgoing]
    ) -> list[Outgoing]:
        await self._forget(held)
        return await self._due(travelling)

    async def _send(self, batch: list[Outgoing]) -> Acknowledgement | int:
        """What headquarters answers, or the last number it holds where a number was reused."""
        waits_from = None
        if batch[0].urgent:  # it overtakes what waits longer
            waits_from = await self._store.read(lambda reader: reader.outbox.first())
        body = encoded(self._store_id, batch, waits_from)
        try:
            acknowledged = await self._line.send(body, urgent=batch[0].urgent)
        except HeadquartersRefused as refused:
            if refused.refusal in SPOILT:
                return await self._send_in_halves(batch, Code(refused.refusal))
            if refused.refusal != Code.SEQUENCE_REUSED or refused.last_sequence is None:
                raise
            return refused.last_sequence
        self._told.sent(len(batch), len(body))
        return acknowledged

    async def _send_in_halves(self, batch: list[Outgoing], code: Code) -> Acknowledgement | int:
        """A batch that cannot be read as a whole: the message that spoils it is found, and waits
        in quarantine; the rest goes on.
        """
        if len(batch) == 1:
            return Acknowledgement(refused=[RefusedMessage(sequence=batch[0].id, code=code)])
        refused: list[RefusedMessage] = []
        for half in (batch[: len(batch) // 2], batch[len(batch) // 2 :]):
            answer = await self._send(half)
            if not isinstance(answer, Acknowledgement):
                return answer
            refused += answer.refused
        return Acknowledgement(refused=refused)

    async def _forget(self, held: list[Outgoing]) -> None:
        if held:
            await self._store.write(lambda tx: tx.outbox.forget(out.id for out in held))

    async def _settle(self, batch: list[Outgoing], acknowledged: Acknowledgement) -> None:
        refused = {message.sequence: message.code for message in acknowledged.refused}
        now = self._clock()

        def story(tx: Transaction) -> None:
            tx.outbox.forget(out.id for out in batch if out.id not in refused)
            for sequence, code in refused.items():
                tx.outbox.refuse(sequence, code, now)

        await self._store.write(story)
        for sequence, code in refused.items():
            log.warning("message_in_quarantine", sequence=sequence, code=code)

    async def _continue_after(self, sequence: int) -> None:
        """This store was put back from a backup: headquarters has later numbers of it."""
        log.warning("sequence_continued", after=sequence)
        await self._store.write(lambda tx: tx.outbox.continue_after(sequence))

    async def _rounds(self) -> None:
        failures = 0
        while True:
            try:
                await self.round()
            except EdgeError as error:
                failures += 1
                code = error.refusal if isinstance(error, HeadquartersRefused) else error.code
                self._told.lost(code)
                if failures == 1:
                    log.warning("headquarters_lost", code=code)
                await asyncio.sleep(pause_s(failures))
            else:
                if failures:
                    log.info("headquarters_back")
                failures = 0
                await self._line.rest(ROUND_EVERY_S)


def _demand_progress(page: Page, after: int) -> None:
    """Refuse a page that would be asked for again for ever. Raises ``HeadquartersUnavailable``."""
    places = [after, *(change.position for change in page.changes)]
    forward = all(place < following for place, following in pairwise(places))
    if not forward or page.cursor < places[-1] or (page.remaining and page.cursor == after):
        raise HeadquartersUnavailable("headquarters gives a page that leads nowhere")
