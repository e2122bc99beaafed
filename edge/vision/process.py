"""The vision process: a line to the gateway, readers for the cameras, one thread that looks."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from edge.camera import Camera, Mailbox
from edge.child import process
from edge.child.heartbeat import REPORT_S, part_from, report_cameras
from edge.child.line import read_body
from edge.child.process import Line
from edge.domain import Stage
from edge.errors import ModelError
from edge.vision.inference import Inference
from edge.vision.link import (
    Cameras,
    Done,
    Failed,
    LendCamera,
    Load,
    Saw,
    Start,
    ToVision,
    to_vision,
)
from edge.vision.tally import Tally

UNSENT_BYTES = 1 << 20
"""Beyond this the line drops sightings. Overflow policy: *they come again*, every 2 s."""


def main() -> None:
    """``python -m edge.vision FD``."""
    process.run(serve)


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Speak with the gateway until the line ends, SIGTERM comes, or the models fail."""
    start = to_vision.decode(await read_body(reader))
    if not isinstance(start, Start):
        raise ValueError("the first message must start vision")
    line = Line(writer, unsent_bytes=UNSENT_BYTES, spares=Saw)
    mailbox, tally = Mailbox(), Tally()
    decoded = partial(tally.ran, Stage.DECODE)
    cameras = [Camera(config, mailbox, decoded) for config in start.cameras]
    inference = Inference(start, mailbox, line.say, tally)
    for camera in cameras:
        camera.start()
    try:
        await process.until_first_ends(
            _infer(inference, line),
            process.listen(reader, to_vision, partial(_ask, inference, cameras, line)),
            report_cameras(
                cameras,
                lambda: inference.hung,
                lambda states: line.say(Cameras(states=states)),
            ),
            _report_load(tally, mailbox, inference, line),
        )
    finally:
        inference.stop()
        part_from(cameras)


def _ask(inference: Inference, cameras: list[Camera], line: Line, request: ToVision) -> bool:
    """Hand a request to whoever answers it; False when too many are waiting there."""
    if not isinstance(request, LendCamera):
        return inference.ask(request)
    free = partial(line.say, Done(request_id=request.request_id))
    for camera in cameras:
        if camera.id == request.camera_id:
            return camera.lend(request.for_s, free)
    free()
    return True


async def _infer(inference: Inference, line: Line) -> None:
    thread = ThreadPoolExecutor(1, "inference")
    try:
        await asyncio.get_running_loop().run_in_executor(thread, inference.run)
    except ModelError as error:
        await line.say_last(Failed(reason=error.message))
    finally:
        thread.shutdown(wait=False)


async def _report_load(tally: Tally, mailbox: Mailbox, inference: Inference, line: Line) -> None:
    """What was done and what waits, every second."""
    while True:
        load = tally.load(
            frames_waiting=mailbox.waiting(),
            requests_waiting=inference.requests_waiting,
            models=inference.models,
        )
        line.say(Load(load=load))
        await asyncio.sleep(REPORT_S)
