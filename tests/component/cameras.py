"""What the tests of cameras share: clips to play, cameras that are always stopped, waiting."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import av
import cv2
import numpy as np

from edge.camera import Camera, Mailbox
from edge.camera.frame import Frame
from edge.config import CameraConfig
from edge.domain import CameraState, CameraStatus

NOTICED_S = 5.0
"""The bound that the project promises for a camera that stalls, closes or was never there."""
PATIENCE_S = 30.0
RATE = 15


def render(path: Path, *, seconds: float, grey: int = 40) -> None:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=RATE, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv420p"
        for number in range(int(seconds * RATE)):
            picture = np.full((180, 320, 3), grey, np.uint8)
            cv2.circle(picture, (number * 4 % 320, 90), 20, (60, 200, 120), -1)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="bgr24")))
        container.mux(stream.encode())


@contextmanager
def running(mailbox: Mailbox, *configs: CameraConfig) -> Iterator[list[Camera]]:
    cameras = [Camera(config, mailbox, lambda seconds, frames: None) for config in configs]
    for camera in cameras:
        camera.start()
    try:
        yield cameras
    finally:
        for camera in cameras:
            camera.stop()
        for camera in cameras:
            assert camera.join(PATIENCE_S)


def door(source: str | Path, **settings: bool) -> CameraConfig:
    return CameraConfig(id="door", source=str(source), **settings)


def until(
    camera: Camera, *statuses: CameraStatus, saying: str = "", within_s: float = PATIENCE_S
) -> CameraState:
    """The camera's state once it is one of these, and says this: before its reader has come to
    know why, a camera that is slow to answer is offline for that alone.
    """
    deadline = time.monotonic() + within_s
    while (state := camera.state()).status not in statuses or saying not in state.detail:
        assert time.monotonic() < deadline, f"still {state.status} ({state.detail})"
        time.sleep(0.02)
    return state


def next_frame(mailbox: Mailbox) -> Frame:
    frame = mailbox.take(PATIENCE_S)
    assert frame is not None
    return frame


LOST = (CameraStatus.STALLED, CameraStatus.OFFLINE)
