"""The gallery follows the store: what vision matches against is what the store holds."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from typing import Protocol

import structlog

from edge.domain import Template
from edge.errors import VisionUnavailable
from edge.store import Reader, Store
from edge.vision.link import Judged

log = structlog.get_logger(__name__)

STRETCH = 2000
"""Places read and sent at once: vision takes them in within a frame, and a phone that asks the
store meanwhile waits for no more than these."""


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


async def stored_templates(store: Store, model: str) -> AsyncIterator[list[Template]]:
    """Every template of an embedding model, some at a time; each tenth is a line in the log.

    Each part is a question of its own to the store, so that memory stays small and no phone
    waits for all of it. What changes meanwhile reaches vision through the ``Follower``.
    """
    extent = await store.read(lambda reader: reader.templates.extent())
    count, tenths = 0, 0
    for after in range(0, extent, STRETCH):
        up_to = min(after + STRETCH, extent)
        templates = await store.read(partial(_stretch, model, after, up_to))
        count += len(templates)
        yield templates
        if 10 * up_to // extent > tenths:
            tenths = 10 * up_to // extent
            log.info("gallery_loading", percent=10 * tenths, templates=count)


def _stretch(model: str, after: int, up_to: int, reader: Reader) -> list[Template]:
    return reader.templates.stretch(model, after, up_to)
