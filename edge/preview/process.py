"""The preview process: one camera's reader, one thread that makes stills."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

from edge.child import process
from edge.child.heartbeat import part_from, report_cameras
from edge.child.line import read_body
from edge.child.process import Line
from edge.domain import CameraState
from edge.preview.eye import Eye
from edge.preview.link import Seen, Start, to_preview

UNSENT_BYTES = 1 << 20
"""Beyond this the line drops camera states. Overflow policy: *they come again* every second."""


def main() -> None:
    """``python -m edge.preview FD``."""
    process.run(serve)


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Speak with the gateway until the line ends or SIGTERM comes."""
    start = to_preview.decode(await read_body(reader))
    if not isinstance(start, Start):
        raise ValueError("the first message must name the camera")
    line = Line(writer, unsent_bytes=UNSENT_BYTES, spares=Seen)
    eye = Eye(start, line.say)

    def say(states: list[CameraState]) -> None:
        line.say(Seen(state=states[0]))

    eye.camera.start()
    try:
        await process.until_first_ends(
            _look(eye),
            process.listen(reader, to_preview, eye.ask),
            report_cameras([eye.camera], lambda: False, say),
        )
    finally:
        eye.stop()
        part_from([eye.camera])


async def _look(eye: Eye) -> None:
    thread = ThreadPoolExecutor(1, "stills")
    try:
        await asyncio.get_running_loop().run_in_executor(thread, eye.run)
    finally:
        thread.shutdown(wait=False)
