"""Streams that misbehave: another size or codec in the middle, damage, clocks that jump."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from edge.camera.frame import Frame
from edge.camera.glances import EVERY_S, NAP_S
from edge.camera.mask import Mask
from edge.camera.motion import MotionGate
from edge.camera.reader import frames
from edge.camera.sources import LONGEST_GAP_S, SourceLost
from edge.config import CameraConfig

RATE = 15
UNCOUNTED = 7
"""Pictures at the end of a stream after which nobody looked again."""
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
HALVES = [(0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0)]


class Recording:
    """Time in which waiting takes none; the wall clock may be set while it runs."""

    def __init__(self, set_at_s: float = float("inf"), set_by: timedelta = timedelta()) -> None:
        self._now_s = 100.0
        self._set_at_s, self._set_by = 100.0 + set_at_s, set_by

    def monotonic(self) -> float:
        return self._now_s

    def now(self) -> datetime:
        moved = self._set_by if self._now_s >= self._set_at_s else timedelta()
        return NOON + timedelta(seconds=self._now_s) + moved

    def wait(self, seconds: float) -> bool:
        self._now_s += seconds
        return False


def film(path: Path, size: tuple[int, int], codec: str = "libx264", count: int = 2 * RATE) -> bytes:
    """A ball that crosses the picture, as a transport stream, which may be cut and joined."""
    with av.open(str(path), "w", format="mpegts") as container:
        stream = container.add_stream(codec, rate=RATE, options={"g": "10", "bf": "0"})
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        for number in range(count):
            picture = np.full((size[1], size[0], 3), 90, np.uint8)
            cv2.circle(picture, (number * 6 % size[0], size[1] // 2), 25, (60, 200, 120), -1)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="bgr24")))
        container.mux(stream.encode())
    return path.read_bytes()


def played(path: Path, clock: Recording, mask: Mask | None = None) -> Iterator[Frame]:
    """Every frame, each gone over as the pipeline does; the stream is quiet half of the time."""
    gate, seen = MotionGate(), Counter[str]()
    source = CameraConfig(id="door", source=str(path))
    for frame in frames(
        source, mask or Mask(), clock, lambda seconds, frames: None, lambda: seen["came"] % 40 < 20
    ):
        seen["came"] += 1 + frame.passed
        gate.opens(frame.luma, frame.at_s)
        assert frame.full.shape == (frame.size[1], frame.size[0], 3)
        yield frame


def test_a_stream_that_changes_its_size_goes_on_at_the_new_one(tmp_path: Path) -> None:
    wide, tall = film(tmp_path / "a.ts", (640, 360)), film(tmp_path / "b.ts", (480, 640))
    path = tmp_path / "door.ts"
    path.write_bytes(wide + tall + wide)
    mask = Mask(masks=[HALVES])
    sizes = Counter[tuple[int, int]]()
    for frame in played(path, Recording(), mask):
        sizes[frame.size] += 1 + frame.passed
        assert not frame.full[:, : frame.size[0] // 2].any(), "the mask fits every size"
    assert sizes[480, 640] >= 2 * RATE - UNCOUNTED
    assert sizes[640, 360] >= 4 * RATE - 2 * UNCOUNTED


def test_a_stream_that_changes_its_codec_is_played_on_or_given_up(tmp_path: Path) -> None:
    """FFmpeg may or may not follow; what may not happen is a reader that hangs or dies."""
    one = film(tmp_path / "a.ts", (320, 180))
    other = film(tmp_path / "b.ts", (320, 180), codec="mpeg2video")
    path = tmp_path / "door.ts"
    path.write_bytes(one + other)
    shown, told = 0, ""
    try:
        for frame in played(path, Recording()):
            shown += 1 + frame.passed
    except SourceLost as lost:
        told = str(lost)
    assert shown >= 2 * RATE - UNCOUNTED
    assert str(path) not in told


@pytest.mark.parametrize("seed", range(12))
def test_a_damaged_stream_shows_what_it_can(tmp_path: Path, seed: int) -> None:
    dice = np.random.default_rng(seed)
    data = np.frombuffer(film(tmp_path / "whole.ts", (320, 180), count=6 * RATE), np.uint8).copy()
    for _ in range(int(dice.integers(1, 40))):
        start = int(dice.integers(4000, len(data) - 400))
        length = int(dice.integers(1, 400))
        if dice.random() < 0.5:
            data[start : start + length] = dice.integers(0, 256, length)
        else:
            data = np.delete(data, slice(start, start + length))
    path = tmp_path / "door.ts"
    path.write_bytes(data.tobytes())
    assert sum(1 for _ in played(path, Recording())) > 0


@pytest.mark.parametrize("jump", [timedelta(hours=-3), timedelta(hours=3)])
def test_a_wall_clock_that_is_set_moves_no_duration(tmp_path: Path, jump: timedelta) -> None:
    path = tmp_path / "door.ts"
    film(path, (320, 180), count=4 * RATE)
    shown = list(played(path, Recording(set_at_s=2.0, set_by=jump)))
    steps_s = np.diff([frame.at_s for frame in shown])
    assert steps_s.min() > 0
    assert steps_s.max() < NAP_S + EVERY_S + 2 / RATE
    wall = [(later.captured_at - former.captured_at) for former, later in pairwise(shown)]
    assert max(wall, key=abs) == pytest.approx(jump, abs=timedelta(seconds=1))


def test_time_stamps_that_begin_anew_do_not_set_a_file_racing(tmp_path: Path) -> None:
    lasts_s = LONGEST_GAP_S + 2
    data = film(tmp_path / "once.ts", (320, 180), count=round(lasts_s * RATE))
    path = tmp_path / "door.ts"
    path.write_bytes(data + data)
    clock = Recording()
    began_s = clock.monotonic()
    came = sum(1 + frame.passed for frame in played(path, clock))
    assert came >= 2 * (lasts_s * RATE - UNCOUNTED)
    assert clock.monotonic() - began_s == pytest.approx(2 * lasts_s, abs=0.5)
