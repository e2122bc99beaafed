"""The vision process: a line to the gateway, readers for the cameras, one thread that looks.

It lives exactly as long as its line: at the line's end, or on SIGTERM, it is gone within two
seconds, so that a dead gateway leaves no orphan behind.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import av.logging
import cv2
import structlog

from edge import log as logs
from edge.camera import Camera, Mailbox
from edge.domain import CameraState, CameraStatus, Stage
from edge.errors import ModelError
from edge.vision.inference import Inference
from edge.vision.link import (
    Cameras,
    Failed,
    FromVision,
    Load,
    Saw,
    Start,
    pack,
    read_body,
    to_vision,
)
from edge.vision.tally import Tally

UNSENT_BYTES = 1 << 20
"""Beyond this the line drops sightings. Overflow policy: *they come again*, every 2 s."""
REPORT_S = 1.0
NOTICE_S = 0.25
GOODBYE_S = 1.0

log = structlog.get_logger()


def main() -> None:
    """``python -m edge.vision FD``: speak over the inherited socket until it ends."""
    logs.configure()
    cv2.setNumThreads(1)
    # FFmpeg's own messages quote camera addresses, passwords included.
    av.logging.set_level(None)
    # Ctrl-C in a terminal reaches every process of the group; ours ends with its line.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.excepthook = _end_with
    asyncio.run(serve(socket.socket(fileno=int(sys.argv[1]))))
    # A reader may be stuck in a driver. Nothing here needs its farewell.
    os._exit(0)


def _end_with(thread: threading.ExceptHookArgs) -> None:
    """A reader that met what it was not written for must not leave its camera dark for ever.

    The gateway starts the process again, and the log says why.
    """
    threading.__excepthook__(thread)
    os._exit(1)


async def serve(connection: socket.socket) -> None:
    """Speak with the gateway until the line ends, SIGTERM comes, or the models fail."""
    reader, writer = await asyncio.open_connection(sock=connection)
    start = to_vision.decode(await read_body(reader))
    if not isinstance(start, Start):
        raise ValueError("the first message must start vision")
    line, mailbox, tally = Line(writer), Mailbox(), Tally()
    decoded = partial(tally.ran, Stage.DECODE)
    cameras = [Camera(config, mailbox, decoded) for config in start.cameras]
    inference = Inference(start, mailbox, line.say, tally)
    for camera in cameras:
        camera.start()
    try:
        await _until_first_ends(
            _infer(inference, line),
            _listen(reader, inference),
            _report_cameras(cameras, inference, line),
            _report_load(tally, mailbox, inference, line),
            _terminated(),
        )
    finally:
        inference.stop()
        _part_from(cameras)


async def _until_first_ends(*parts: Coroutine[object, object, None]) -> None:
    """Run the parts until one of them ends, well or badly."""
    tasks = [asyncio.ensure_future(part) for part in parts]
    done, rest = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in rest:
        task.cancel()
    for task in done:
        task.result()


def _part_from(cameras: list[Camera]) -> None:
    """Let the readers say goodbye to their cameras, those that can in time."""
    until_s = time.monotonic() + GOODBYE_S
    for camera in cameras:
        camera.stop()
    for camera in cameras:
        camera.join(max(0.0, until_s - time.monotonic()))


class Line:
    """The way out. What the inference thread says keeps its order."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        self._loop = asyncio.get_running_loop()

    def say(self, message: FromVision) -> None:
        """Send from any thread. Never waits."""
        self._loop.call_soon_threadsafe(self._send, message)

    async def say_last(self, message: FromVision) -> None:
        """Send and wait until it has left."""
        self._writer.write(pack(message))
        await self._writer.drain()

    def _send(self, message: FromVision) -> None:
        full = self._writer.transport.get_write_buffer_size() > UNSENT_BYTES
        if not (full and isinstance(message, Saw)):
            self._writer.write(pack(message))


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
            frames_waiting=mailbox.waiting(), requests_waiting=inference.requests_waiting
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


async def _terminated() -> None:
    asked = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, asked.set)
    await asked.wait()
