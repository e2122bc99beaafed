"""The vision process: a line to the gateway, readers for the cameras, one thread that looks."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import structlog

from edge.camera import Camera, Mailbox
from edge.child import process
from edge.child.line import read_body
from edge.child.process import Line
from edge.domain import CameraState, CameraStatus, Stage
from edge.errors import ModelError
from edge.vision.inference import Inference
from edge.vision.link import (
    Cameras,
    Failed,
    Load,
    Saw,
    Start,
    to_vision,
)
from edge.vision.tally import Tally

UNSENT_BYTES = 1 << 20
"""Beyond this the line drops sightings. Overflow policy: *they come again*, every 2 s."""
REPORT_S = 1.0
NOTICE_S = 0.25

log = structlog.get_logger()


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
            _listen(reader, inference),
            _report_cameras(cameras, inference, line),
            _report_load(tally, mailbox, inference, line),
        )
    finally:
        inference.stop()
        process.part_from(cameras)


async def _infer(inference: Inference, line: Line) -> None:
    thread = ThreadPoolExecutor(1, "inference")
    try:
        await asyncio.get_running_loop().run_in_executor(thread, inference.run)
    except ModelError as error:
        await line.say_last(Failed(reason=error.message))
    finally:
        thread.shutdown(wait=False)


async def _listen(reader: asyncio.StreamReader, inference: Inference) -> None:
    """Requests to the inference thread, in order, until the gateway hangs up."""
    while True:
        try:
            body = await read_body(reader)
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        command = to_vision.decode(body)
        while not inference.ask(command):  # noqa: ASYNC110 - room is made by a thread
            await asyncio.sleep(NOTICE_S)


async def _report_cameras(cameras: list[Camera], inference: Inference, line: Line) -> None:
    """The heartbeat: camera states at once when one changes, and every second.

    It falls silent when the inference thread is stuck; the gateway then starts us anew.
    """
    known: dict[str, CameraStatus] = {}
    said_s = 0.0
    while True:
        states = [camera.state() for camera in cameras]
        changed = [state for state in states if known.get(state.camera_id) != state.status]
        due = time.monotonic() - said_s >= REPORT_S
        if (changed or due) and not inference.hung:
            line.say(Cameras(states=states))
            said_s = time.monotonic()
        for state in changed:
            known[state.camera_id] = state.status
            _log(state)
        await asyncio.sleep(NOTICE_S)


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


def _log(state: CameraState) -> None:
    log.info(
        "camera state",
        camera_id=state.camera_id,
        status=state.status.value,
        detail=state.detail,
        frames_seen=state.frames_seen,
    )
