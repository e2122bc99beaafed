"""Setting a shop up from a browser: what is decided is written, and the gateway opens anew with it.

The file is the only state: a step that was done stands in it, and one that was skipped does not.
Who was let in stands in the store, as every paired phone does.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from edge.config import Config, load
from edge.domain import Role, Session, Setup
from edge.errors import BadRequest, ConfigError, Conflict, ModelError, NotAllowed
from edge.flows.claiming import Claiming
from edge.flows.kept_claim import Paper
from edge.flows.pairing import Invitation, Pairing
from edge.flows.setting_up import set_up
from edge.rules.setup import tables_of
from edge.store import Store, Transaction

FIRST_MANAGER = "Manager"


class FirstRun:
    """One for each gateway. ``file`` is None where the configuration is nobody's to change.

    ``usable`` raises ``EdgeError`` for a configuration with which this gateway would not open.
    ``changed`` is set once another one was written, and the gateway is to open anew. ``claiming``
    is the other way to settings: a file from headquarters.
    """

    def __init__(
        self,
        store: Store,
        pairing: Pairing,
        *,
        file: Path | None,
        usable: Callable[[Config], None],
        claiming: Claiming,
    ) -> None:
        self.changed = asyncio.Event()
        self.claiming = claiming
        self._store = store
        self._pairing = pairing
        self._file = file
        self._usable = usable

    async def config(self) -> Config:
        """The file as it is now. Raises ``Conflict`` where there is none, or none that loads."""
        try:
            return await asyncio.to_thread(load, self._own())
        except ConfigError as error:
            raise Conflict(f"{error.message}; mend the file by hand first") from error

    async def change(self, by: Session, setup: Setup) -> bool:
        """Write what was decided; whether the gateway opens anew because of it.

        Raises ``BadRequest`` with what is wrong, and then nothing was written.
        """
        file, before = self._own(), await self.config()
        id_now = before.store.id
        if setup.store_id not in (None, id_now) and await self.id_is_settled():
            raise BadRequest(
                f"store.id: the shop has members, and stays {id_now}: what they agreed to "
                "stands under this id"
            )
        try:
            after = await asyncio.to_thread(set_up, file, setup, self._usable)
        except (ConfigError, ModelError) as error:
            raise BadRequest(error.message.removeprefix(f"{file}: ")) from error
        if after == before:
            return False
        tables = ", ".join(tables_of(setup))

        def story(tx: Transaction) -> None:
            tx.audit.append(
                actor=by.guide_name, action="settings_changed", subject=by.id, reason=tables
            )

        await self._store.write(story)
        self.changed.set()
        return True

    async def id_is_settled(self) -> bool:
        """Whether the shop has members: what is known of them stands under its id."""
        return await self._store.read(lambda reader: reader.members.count() > 0)

    async def managers(self) -> int:
        """How many managers' phones are paired."""
        sessions = await self._pairing.sessions()
        return sum(session.role is Role.MANAGER for session in sessions)

    async def invite_manager(self, by: Session) -> Invitation:
        """Invite the first manager's phone; a technician may do that once only."""
        self._own()
        if by.role is not Role.MANAGER and await self.managers():
            raise NotAllowed("A manager's phone is paired already; it invites all others")
        return await self._pairing.invite(None, FIRST_MANAGER, Role.MANAGER)

    async def settle_claim(self) -> None:
        """Let the first manager in by the page that came with the claim, if one did."""

        async def invite(paper: Paper) -> None:
            await self._pairing.invite_on_paper(paper.code_hash, FIRST_MANAGER, paper.expires_at)

        await self.claiming.settle(invite)

    async def finish(self, by: Session) -> None:
        """End the setup, and every technician's way in. Raises ``Conflict`` without a manager."""
        self._own()
        if not await self.managers():
            raise Conflict("Pair the first manager's phone before the setup ends")
        await self._pairing.end_setup(by)

    def _own(self) -> Path:
        if self._file is None:
            raise Conflict("This gateway has no configuration of its own that could be changed")
        return self._file
