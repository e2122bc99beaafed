"""Recorded files as cameras: played at their own pace, looped, cut short, damaged, or no film."""

from __future__ import annotations

import time
from pathlib import Path

import av
import numpy as np
import pytest
from component.cameras import PATIENCE_S, RATE, door, render, running, until

from edge.camera import Mailbox
from edge.camera.frame import Frame
from edge.domain import CameraStatus


class Timed(Mailbox):
    """Notes when each frame came, whenever somebody looks."""

    def __init__(self) -> None:
        super().__init__()
        self.came_s: list[float] = []

    def put(self, frame: Frame) -> None:
        self.came_s.append(frame.at_s)
        super().put(frame)


def test_a_file_plays_at_its_own_pace_and_finishes(tmp_path: Path) -> None:
    render(tmp_path / "short.mp4", seconds=1)
    mailbox = Timed()
    with running(mailbox, door(tmp_path / "short.mp4")) as (camera,):
        assert until(camera, CameraStatus.FINISHED).frames_seen == RATE
    first_s, *_, last_s = mailbox.came_s
    assert last_s - first_s > 0.5, "a second of film is not over in an instant"


def test_a_looping_file_never_ends(tmp_path: Path) -> None:
    render(tmp_path / "short.mp4", seconds=0.4)
    with running(Mailbox(), door(tmp_path / "short.mp4", loop=True)) as (camera,):
        deadline = time.monotonic() + PATIENCE_S
        while camera.state().frames_seen < 3 * 0.4 * RATE:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        until(camera, CameraStatus.LIVE)


def test_a_file_cut_short_shows_what_it_has(tmp_path: Path) -> None:
    whole, cut = tmp_path / "whole.mkv", tmp_path / "cut.mkv"
    render(whole, seconds=4)
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size // 3])
    with running(Mailbox(), door(cut)) as (camera,):
        state = until(camera, CameraStatus.FINISHED, CameraStatus.OFFLINE)
        assert 0 < state.frames_seen < 4 * RATE


def test_damage_in_the_middle_of_a_file_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "damaged.mkv"
    render(path, seconds=2)
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 64] = bytes(64)
    path.write_bytes(data)
    with running(Mailbox(), door(path)) as (camera,):
        state = until(camera, CameraStatus.FINISHED)
        assert state.frames_seen > 0


def test_a_damaged_time_stamp_does_not_hold_a_file_up(tmp_path: Path) -> None:
    path = tmp_path / "gap.mkv"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=RATE, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv420p"
        for number in range(RATE):
            frame = av.VideoFrame.from_ndarray(np.zeros((180, 320, 3), np.uint8), format="bgr24")
            frame.pts = number + (3600 * RATE if number > 5 else 0)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    with running(Mailbox(), door(path)) as (camera,):
        assert until(camera, CameraStatus.FINISHED).frames_seen == RATE


@pytest.mark.parametrize(
    "content", [b"", b"\0" * 5000, b"not a film at all\n" * 400], ids=["empty", "zeros", "text"]
)
def test_a_file_that_is_no_film_is_offline_and_tried_again(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "door.mp4"
    path.write_bytes(content)
    with running(Mailbox(), door(path)) as (camera,):
        state = until(camera, CameraStatus.OFFLINE, saying="check it")
        assert str(path) not in state.detail
        render(tmp_path / "good.mp4", seconds=30)
        (tmp_path / "good.mp4").replace(path)
        until(camera, CameraStatus.LIVE)


def test_of_a_quiet_door_every_second_frame_is_shown_and_each_is_counted(tmp_path: Path) -> None:
    render(tmp_path / "short.mp4", seconds=2)
    mailbox, shown = Mailbox(), 0
    mailbox.call_quiet("door", True)
    with running(mailbox, door(tmp_path / "short.mp4")) as (camera,):
        while camera.state().status is not CameraStatus.FINISHED:
            shown += mailbox.take(0.1) is not None
        state = camera.state()
        assert 2 * RATE - 1 <= state.frames_seen <= 2 * RATE, "but the last, if nobody looked again"
        assert 0 < shown + state.frames_dropped <= RATE + 1
