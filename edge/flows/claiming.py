"""A claim in the hands of whoever sets the shop up in a browser, and what becomes of it.

It is taken in here and pursued by the gateway that runs, one of the two at a time; the command line
does both for itself, and meanwhile neither is done here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress

from edge.contract import StoreClaim
from edge.domain import ClaimFault, Session
from edge.errors import ClaimRefused, ConfigError, Conflict
from edge.flows.admission import Admission, ClaimState, Unconfirmed
from edge.flows.kept_claim import Paper
from edge.store import Store, Transaction


class Claiming:
    """One for each gateway. ``admission`` is None where the configuration is nobody's to change.

    ``alone`` holds the machine's claim, so that no other process touches it.
    """

    def __init__(
        self,
        store: Store,
        admission: Admission | None,
        alone: Callable[[], AbstractContextManager[None]],
    ) -> None:
        self._store = store
        self._admission = admission
        self._alone = alone
        self._turn = asyncio.Lock()
        self._came = asyncio.Event()

    async def take_in(
        self, by: Session, claim_file: bytes, authority: str | None
    ) -> StoreClaim | Unconfirmed:
        """Keep a claim, and have it pursued at once. Whom it must be from: see ``Admission``.

        Raises ``ClaimRefused``, and ``Conflict`` where nothing can be written.
        """
        admission = self._own()
        async with self._turn:
            with self._nobody_else():
                try:
                    taken = await asyncio.to_thread(admission.take_in, claim_file, authority)
                except ConfigError as error:
                    raise Conflict(error.message) from error
        if isinstance(taken, Unconfirmed):
            return taken
        what = f"{taken.claim_id} for {taken.store.id}"

        def story(tx: Transaction) -> None:
            tx.audit.append(
                actor=by.guide_name, action="claim_taken_in", subject=by.id, reason=what
            )

        await self._store.write(story)
        self._came.set()
        return taken

    async def state(self) -> ClaimState:
        """How it stands. Raises ``Conflict`` where that cannot be read."""
        try:
            return await asyncio.to_thread(self._own().state)
        except (ConfigError, ClaimRefused) as error:
            raise Conflict(error.message) from error

    async def pursue(self) -> StoreClaim | None:
        """Ask headquarters once about the claim that waits, if one does; see ``Admission``."""
        admission = self._own()
        if not await asyncio.to_thread(admission.waits):
            return None
        async with self._turn:
            with self._alone():
                return await admission.pursue()

    async def settle(self, invite: Callable[[Paper], Awaitable[None]]) -> None:
        """What is left to do as a store; see ``Admission``."""
        await self._own().settle(invite)

    async def came(self, within_s: float) -> bool:
        """Whether one was taken in within that time; wait so long and no longer."""
        with suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                await self._came.wait()
        came = self._came.is_set()
        self._came.clear()
        return came

    @contextmanager
    def _nobody_else(self) -> Iterator[None]:
        with ExitStack() as stack:
            try:
                stack.enter_context(self._alone())
            except ConfigError as error:
                raise ClaimRefused(
                    "somebody claims this machine at its console just now; try again in a minute",
                    fault=ClaimFault.BUSY,
                ) from error
            yield

    def _own(self) -> Admission:
        if self._admission is None:
            raise Conflict("This gateway has no configuration of its own that could be changed")
        return self._admission
