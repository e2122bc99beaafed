"""A camera's state follows from its frames; the mailbox never holds a backlog."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.camera import Mailbox
from edge.camera.frame import BgrPicture, Frame
from edge.camera.health import CONNECT_S, STALL_S, STEADY_S, Health, retry_delay_s
from edge.camera.mask import Mask
from edge.domain import CameraStatus


class Clock:
    """Monotonic time that a test moves."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def health(clock: Clock) -> Health:
    return Health("door", clock)


def frame(camera_id: str, at_s: float = 0.0) -> Frame:
    return Frame(
        camera_id=camera_id,
        decoded=BgrPicture(np.zeros((72, 128, 3), np.uint8)),
        mask=Mask(),
        captured_at=datetime(2026, 5, 1, tzinfo=UTC),
        at_s=at_s,
    )


# --- health ----------------------------------------------------------------------------


def test_a_camera_is_live_from_its_first_frame(health: Health) -> None:
    assert health.state(0).status is CameraStatus.CONNECTING
    health.frame((1280, 720))
    state = health.state(3)
    assert state.status is CameraStatus.LIVE
    assert (state.width_px, state.height_px) == (1280, 720)
    assert (state.frames_seen, state.frames_dropped) == (1, 3)


def test_silence_is_noticed_without_the_reader(health: Health, clock: Clock) -> None:
    health.frame((1280, 720))
    clock.now_s += STALL_S
    assert health.state(0).status is CameraStatus.STALLED
    assert health.state(0).fps == 0
    assert STALL_S < 5


def test_a_camera_that_never_answers_is_offline_within_five_seconds(
    health: Health, clock: Clock
) -> None:
    clock.now_s += CONNECT_S
    assert health.state(0).status is CameraStatus.OFFLINE
    assert CONNECT_S < 5


def test_trouble_is_shown_until_the_next_frame(health: Health) -> None:
    health.frame((1280, 720))
    health.lost("the camera refuses the connection")
    assert health.state(0).status is CameraStatus.OFFLINE
    assert health.state(0).detail == "the camera refuses the connection"
    health.frame((1280, 720))
    assert health.state(0).status is CameraStatus.LIVE
    assert health.state(0).detail == ""
    assert health.state(0).reconnects == 1


def test_the_frame_rate_is_that_of_the_last_frames(health: Health, clock: Clock) -> None:
    for _ in range(40):
        clock.now_s += 1 / 15
        health.frame((1280, 720))
    assert health.state(0).fps == pytest.approx(15.0, abs=0.1)


def test_frames_that_nobody_needed_to_see_have_come_all_the_same(
    health: Health, clock: Clock
) -> None:
    for _ in range(40):
        clock.now_s += 2 / 15
        health.frame((1280, 720), passed=1)
    assert health.state(0).fps == pytest.approx(15.0, abs=0.1)
    assert health.state(0).frames_seen == 80


def test_the_time_of_a_state_changes_only_with_the_state(health: Health) -> None:
    health.frame((1280, 720))
    first = health.state(0).since_at
    health.frame((1280, 720))
    assert health.state(0).since_at == first


def test_a_stream_is_live_from_its_first_frame_however_late_somebody_asks(
    health: Health,
) -> None:
    before_at = datetime.now(UTC)
    health.frame((1280, 720))
    first_frame_by = datetime.now(UTC)
    health.frame((1280, 720))
    assert before_at <= health.state(0).since_at <= first_frame_by


def test_a_stream_that_keeps_failing_is_asked_less_and_less(health: Health, clock: Clock) -> None:
    delays = [health.lost("gone") for _ in range(12)]
    assert 0.5 <= delays[0] <= 1.0
    assert delays[-1] >= 20
    health.frame((1280, 720))
    clock.now_s += STEADY_S
    assert health.lost("gone") <= 1.0, "a stream that was good is asked again at once"


def test_a_stream_that_dies_young_does_not_reset_the_delay(health: Health, clock: Clock) -> None:
    for _ in range(6):
        health.frame((1280, 720))
        clock.now_s += 0.1
        last = health.lost("gone")
    assert last > 10


@given(failures=st.integers(1, 10_000), spread=st.floats(0, 1, exclude_max=True))
def test_retries_stay_between_half_a_second_and_forty(failures: int, spread: float) -> None:
    assert 0.5 <= retry_delay_s(failures, lambda: spread) <= 40.0


# --- mailbox ---------------------------------------------------------------------------


def test_the_newest_frame_wins_and_the_rest_are_counted() -> None:
    mailbox = Mailbox()
    for at_s in (1.0, 2.0, 3.0):
        mailbox.put(frame("door", at_s))
    newest = mailbox.take(0)
    assert newest is not None
    assert newest.at_s == 3.0
    assert mailbox.dropped("door") == 2
    assert mailbox.take(0) is None


def test_a_fast_camera_starves_no_other() -> None:
    mailbox = Mailbox()
    mailbox.put(frame("till"))
    order = []
    for _ in range(4):
        mailbox.put(frame("door"))
        mailbox.put(frame("door"))
        taken = mailbox.take(0)
        assert taken is not None
        order.append(taken.camera_id)
        mailbox.put(frame("till"))
    assert order == ["till", "door", "till", "door"]


def test_a_nudge_ends_the_wait() -> None:
    mailbox = Mailbox()
    mailbox.nudge()
    assert mailbox.take(60.0) is None


# --- views of a frame ------------------------------------------------------------------


def test_every_view_of_a_frame_is_masked() -> None:
    left = [(0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0)]
    seen = Frame(
        camera_id="door",
        decoded=BgrPicture(np.full((720, 1280, 3), 200, np.uint8)),
        mask=Mask(masks=[left]),
        captured_at=datetime(2026, 5, 1, tzinfo=UTC),
        at_s=0.0,
    )
    for view in (seen.luma, seen.small, seen.full):
        assert not view[:, : view.shape[1] // 2].any()
        assert view[:, view.shape[1] // 2 + 2 :].all()
    assert seen.small.shape == (360, 640, 3)
    assert seen.enlargement == 2.0
