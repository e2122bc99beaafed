"""The scanner process: readers for the counter's cameras, one thread that decodes."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

from edge import usage
from edge.camera import Camera, Mailbox
from edge.child import process
from edge.child.heartbeat import part_from, report_cameras
from edge.child.line import read_body
from edge.child.process import Line
from edge.domain import CameraState
from edge.scanner.counter import Counter
from edge.scanner.link import Cameras, Start, to_scanner

UNSENT_BYTES = 1 << 20
"""Beyond this the line drops camera states. Overflow policy: *they come again* every second."""


def main() -> None:
    """``python -m edge.scanner FD``."""
    process.run(serve)


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Speak with the gateway until the line ends or SIGTERM comes."""
    start = to_scanner.decode(await read_body(reader))
    if not isinstance(start, Start):
        raise ValueError("the first message must start the scanner")
    line, mailbox = Line(writer, unsent_bytes=UNSENT_BYTES, spares=Cameras), Mailbox()
    cameras = [Camera(config, mailbox, lambda seconds, frames: None) for config in start.cameras]
    counter = Counter(start, mailbox, line.say)

    def say(states: list[CameraState]) -> None:
        line.say(Cameras(states=states, cpu_s=usage.cpu_s(), rss_bytes=usage.rss_bytes()))

    for camera in cameras:
        camera.start()
    try:
        await process.until_first_ends(
            _look(counter),
            process.listen(reader, to_scanner, counter.ask),
            report_cameras(cameras, lambda: counter.hung, say),
        )
    finally:
        counter.stop()
        part_from(cameras)


async def _look(counter: Counter) -> None:
    thread = ThreadPoolExecutor(1, "codes")
    try:
        await asyncio.get_running_loop().run_in_executor(thread, counter.run)
    finally:
        thread.shutdown(wait=False)
