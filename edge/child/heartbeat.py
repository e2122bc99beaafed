"""What a process with cameras says without being asked, so that it is known to be well."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import structlog

from edge.camera import Camera
from edge.domain import CameraState, CameraStatus

REPORT_S = 1.0
NOTICE_S = 0.25
GOODBYE_S = 1.0

log = structlog.get_logger()


async def report_cameras(
    cameras: list[Camera], hung: Callable[[], bool], say: Callable[[list[CameraState]], None]
) -> None:
    """Camera states at once when one changes, and every second; for ever.

    It falls silent while ``hung``; the gateway then starts the process anew.
    """
    known: dict[str, CameraStatus] = {}
    said_s = 0.0
    while True:
        states = [camera.state() for camera in cameras]
        changed = [state for state in states if known.get(state.camera_id) != state.status]
        due = time.monotonic() - said_s >= REPORT_S
        if (changed or due) and not hung():
            say(states)
            said_s = time.monotonic()
        for state in changed:
            known[state.camera_id] = state.status
            _log(state)
        await asyncio.sleep(NOTICE_S)


def part_from(cameras: list[Camera]) -> None:
    """Let the readers say goodbye to their cameras, those that can in time."""
    until_s = time.monotonic() + GOODBYE_S
    for camera in cameras:
        camera.stop()
    for camera in cameras:
        camera.join(max(0.0, until_s - time.monotonic()))


def _log(state: CameraState) -> None:
    log.info(
        "camera state",
        camera_id=state.camera_id,
        status=state.status.value,
        detail=state.detail,
        frames_seen=state.frames_seen,
    )
