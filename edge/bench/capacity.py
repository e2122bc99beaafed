"""How many door cameras this machine will hold, from what each step costs on it.

A camera's frame is decoded in a thread of its own; the gate and, while somebody is in view,
conversion and detection of every second frame run in the one inference thread of all cameras, and
a face in view is embedded a few times a second. With costs in processor seconds, ``p`` the part of
the time in which people are in view, and n cameras of 15 frames a second, each thread and the whole
machine may be busy for ``LOAD`` of the time:

    whole machine    n * (15 * (decode + gate) + p * (7.5 * detect + FACES * embed)) <= LOAD * cores
    inference        n * (15 * gate + p * (7.5 * detect + FACES * embed))            <= LOAD

``cameras`` takes p as ``USUAL``; ``cameras_all_busy`` takes people at every door all the time.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import av
import cv2
import numpy as np
from av.video.reformatter import VideoReformatter

from edge.camera.frame import AvPicture, Frame
from edge.camera.mask import Mask
from edge.camera.motion import MotionGate
from edge.vision.alignment import align
from edge.vision.choice import photographs
from edge.vision.gaze import Gaze
from edge.vision.packs import Pack

SIZE_PX = (1280, 720)
FPS = 15
LOAD = 0.7
"""What of the machine may be spoken for: phones, the store and a crowd need the rest."""
USUAL = 1 / 3
FACES = 2.0
"""Embeddings a second of a door where people are: a track takes up to six in its first seconds."""
SEARCHES = FPS / 2
"""Searches for faces a second, see ``edge.vision.gaze.EVERY_S``, each of the whole picture."""
MIN_FACE_PX = 48
FRAMES = 45
STILL = 8
"""Runs of a step whose cost is taken: the median of as many."""


@dataclass(frozen=True, slots=True)
class Costs:
    """Processor milliseconds of one thread: a frame's first four, a face's last."""

    decode: float
    gate: float
    detect: float
    embed: float


def measure(pack: Pack) -> Costs:
    """What one 720p stream costs here. ``detect`` is with conversion; the clip is made first."""
    cv2.setNumThreads(1)
    with tempfile.TemporaryDirectory(prefix="regulars-") as folder:
        clip = Path(folder) / "door.mp4"
        _film(clip)
        decode_ms, frames = _decoded(clip)
        gate = MotionGate()
        gate_ms = _median(lambda frame: gate.opens(frame.luma, frame.at_s), frames)
        gaze = Gaze(MIN_FACE_PX)
        detect_ms = _median(lambda frame: gaze.look(pack.detector, frame, None, ()), frames)
    face = photographs()[0]
    crop = align(face, pack.detect(face).landmarks[0])
    embed_ms = _median(lambda _: pack.embed_aligned([crop]), frames)
    return Costs(decode_ms, gate_ms, detect_ms, embed_ms)


def cameras(costs: Costs, cores: int, in_view: float) -> int:
    """Cameras of 720p at 15 frames a second, by the formula above."""
    in_view_ms = SEARCHES * costs.detect + FACES * costs.embed
    inference_ms = FPS * costs.gate + in_view * in_view_ms
    whole_ms = FPS * costs.decode + inference_ms
    return int(min(1000 * LOAD / inference_ms, 1000 * LOAD * cores / whole_ms))


def cores() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0))


def _film(path: Path) -> None:
    """A photograph drifting over the picture, with a sensor's noise, as a camera would code it."""
    noise = np.random.default_rng(1).normal(0, 4, (SIZE_PX[1], SIZE_PX[0], 3))
    still = cv2.resize(photographs()[0], SIZE_PX, interpolation=cv2.INTER_AREA)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=FPS, options={"preset": "veryfast"})
        stream.width, stream.height = SIZE_PX
        stream.pix_fmt = "yuv420p"
        for index in range(FRAMES):
            moved = np.roll(still, 4 * index, axis=1) + np.roll(noise, 7 * index, axis=0)
            picture = av.VideoFrame.from_ndarray(np.clip(moved, 0, 255).astype(np.uint8), "bgr24")
            container.mux(stream.encode(picture))
        container.mux(stream.encode())


def _decoded(clip: Path) -> tuple[float, list[Frame]]:
    """Milliseconds a frame, on one thread, and the last frames."""
    with av.open(str(clip)) as container:
        container.streams.video[0].thread_count = 1
        began_s = time.process_time()
        pictures = list(container.decode(video=0))
        took_s = time.process_time() - began_s
    frames = [_frame(picture, index / FPS) for index, picture in enumerate(pictures[-STILL:])]
    return 1000 * took_s / len(pictures), frames


def _frame(picture: av.VideoFrame, at_s: float) -> Frame:
    return Frame(
        camera_id="doctor",
        decoded=AvPicture(picture, VideoReformatter()),
        mask=Mask(),
        captured_at=datetime.now(UTC),
        at_s=at_s,
    )


def _median(work: Callable[[Frame], object], frames: list[Frame]) -> float:
    """Processor milliseconds of a step, the first frame left out: tables are made then."""
    return float(np.median(list(_times_ms(work, frames))[1:]))


def _times_ms(work: Callable[[Frame], object], frames: list[Frame]) -> Iterator[float]:
    for frame in frames:
        began_s = time.process_time()
        work(frame)
        yield 1000 * (time.process_time() - began_s)
