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
    """What flows need of vision. Each raises ``VisionUnavailable`` when it is not ready.

    A vision that starts loads its gallery from the store, so what it missed it has then.
    """

    async def add(self, templates: list[Template]) -> None:
        """Match these from now on; one already there changes nothing."""

    async def remove(self, member_id: str) -> None:
        """Match nothing of this member from now on."""

    async def judge(self, photo: bytes) -> Judged:
        """Judge one encoded photo."""

    async def capture(self, camera_id: str, timeout_s: float) -> Judged:
        """Take the best usable face that this camera sees within the time."""


class Follower:
    """Brings a member's templates in the gallery in line with the store, one at a time.

    Because it reads the store in its own turn, a slow "add" can never undo a withdrawal.
    """

    def __init__(self, store: Store, gallery: Gallery) -> None:
        self._store = store
        self._gallery = gallery
        self._turn = asyncio.Lock()

    async def follow(self, member_id: str) -> None:
        """Let the gallery hold what the store holds of this member, which may be nothing."""
        async with self._turn:
            templates = await self._store.read(lambda reader: reader.templates.of(member_id))
            try:
                if templates:
                    await self._gallery.add(templates)
                else:
                    await self._gallery.remove(member_id)
            except VisionUnavailable:
                log.warning("gallery_follows_at_start", member_id=member_id)
