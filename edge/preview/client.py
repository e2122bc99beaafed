"""The gateway's end of previews: a process starts when somebody looks, and ends when nobody does.

Two cameras at most are looked through at once. Overflow policy: *the one not looked at for longest
ends*. A still goes to whoever asked, and nothing here keeps it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from edge.child.life import Child
from edge.config import CameraConfig, Polygon
from edge.errors import CameraUnavailable
from edge.preview.link import PREVIEW, FromPreview, Look, Start, Still
from edge.tasks import end

AT_ONCE = 2
IDLE_S = 8.0
STILL_S = 15.0
"""Longest wait for a still: the process reads its libraries, then the camera is connected to."""
SIDE_PX = 960


@dataclass(slots=True, kw_only=True)
class _Look:
    """One process's life. ``looking`` counts who waits for a still of it."""

    looked_s: float
    looking: int = 0
    ready: asyncio.Future[Child[FromPreview]]
    task: asyncio.Task[None] | None = field(default=None)


class Previews:
    """Stills of any camera; ``async with`` ends what was started."""

    def __init__(self) -> None:
        self._looks: dict[str, _Look] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for source in list(self._looks):
            await self._end(source)

    async def still(self, camera: CameraConfig, masks: Sequence[Polygon]) -> Still:
        """The camera's newest frame with these masks. Raises ``CameraUnavailable``."""
        look = self._looks.get(camera.source) or await self._begin(camera)
        look.looking, look.looked_s = look.looking + 1, time.monotonic()
        try:
            async with asyncio.timeout(STILL_S):
                child = await asyncio.shield(look.ready)
            answer = await child.ask(
                lambda number: Look(request_id=number, masks=list(masks), side_px=SIDE_PX), STILL_S
            )
        except TimeoutError:
            raise CameraUnavailable("the preview does not start; try again") from None
        finally:
            look.looking -= 1
            look.looked_s = time.monotonic()
        if not isinstance(answer, Still):
            raise TypeError(f"the preview answered {type(answer).__name__} to a look")
        if not answer.jpeg:
            raise CameraUnavailable(answer.trouble)
        return answer

    async def _begin(self, camera: CameraConfig) -> _Look:
        if len(self._looks) >= AT_ONCE:
            await self._end(min(self._looks, key=lambda source: self._looks[source].looked_s))
        look = _Look(looked_s=time.monotonic(), ready=asyncio.get_running_loop().create_future())
        self._looks[camera.source] = look
        look.task = asyncio.create_task(self._live(camera, look), name="preview")
        return look

    async def _live(self, camera: CameraConfig, look: _Look) -> None:
        """Share a process's life until it ends or nobody has looked for a while."""
        try:
            async with Child.spawn(PREVIEW, Start(camera=camera)) as child:
                async for _ in child.messages():
                    if not look.ready.done():
                        look.ready.set_result(child)
                    if not look.looking and time.monotonic() - look.looked_s > IDLE_S:
                        return
        finally:
            if self._looks.get(camera.source) is look:
                del self._looks[camera.source]
            if not look.ready.done():
                look.ready.set_exception(CameraUnavailable("the preview does not start; try again"))
                look.ready.exception()  # seen, whether or not anybody waits

    async def _end(self, source: str) -> None:
        look = self._looks.pop(source)
        if look.task is not None:
            await end(look.task)
