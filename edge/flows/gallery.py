"""The gallery follows the store: what vision matches against is what the store holds."""

from __future__ import annotations

import asyncio
from typing import Protocol

import structlog

from edge.domain import Template
from edge.errors import VisionUnavailable
from edge.store import Store
from edge.vision.link import Judged

log = structlog.get_logger(__name__)


class Gallery(Protocol):
    """What flows need of vision. Each raises ``VisionUnavailable`` when it is not ready."""

    async def add(self, templates: list[Template]) -> None: ...

    async def remove(self, member_id: str) -> None: ...

    async def judge(self, photo: bytes) -> Judged: ...

    async def capture(self, camera_id: str, timeout_s: float) -> Judged: ...


class Follower:
    """Brings a member's templates in the gallery in line with the store, one at a time.

    Because it reads the store in its own turn, a slow "add" can never undo a withdrawal. A
    member whose turn fell while vision was away is brought up by ``catch_up``.
    """

    def __init__(self, store: Store, gallery: Gallery) -> None:
        self._store = store
        self._gallery = gallery
        self._turn = asyncio.Lock()
        self._behind: set[str] = set()

    async def follow(self, member_id: str) -> None:
        """Let the gallery hold what the store holds of this member, which may be nothing."""
        async with self._turn:
            templates = await self._store.read(lambda reader: reader.templates.of(member_id))
            self._behind.add(member_id)
            try:
                await self._gallery.remove(member_id)
                if templates:
                    await self._gallery.add(templates)
            except VisionUnavailable:
                log.warning("gallery_behind", member_id=member_id)
            else:
                self._behind.discard(member_id)

    async def catch_up(self) -> None:
        """Follow again for members whose turn fell while vision was away."""
        for member_id in sorted(self._behind):
            await self.follow(member_id)
