"""Who passes counts once, though the camera loses them for a moment."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from edge.vision.passages import Passages
from edge.vision.tracker import Track

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


def a_track(
    begins_s: float, ends_s: float, x: float = 100, *, to: float = 0, size: float = 60
) -> Track:
    """A face that walks from ``x`` by ``to`` pixels."""
    first, last = NOON + timedelta(seconds=begins_s), NOON + timedelta(seconds=ends_s)
    track = Track(box=box(x, size), first_seen_at=first, seen_at=first, seen_s=begins_s)
    track.follow(box(x + to, size), last, ends_s)
    return track


def box(x: float, size: float) -> np.ndarray:
    return np.array([x, 50, x + size, 50 + size], np.float32)


def counted(*tracks: Track) -> int:
    passages = Passages()
    return sum(passages.ended(track) for track in tracks)


def test_each_who_passes_counts_once() -> None:
    assert counted(a_track(0, 2), a_track(10, 12), a_track(20, 22)) == 3


def test_a_face_that_turned_away_for_a_moment_is_one_person() -> None:
    tracks = (a_track(0, 2, to=50), a_track(3, 4, 160), a_track(5.5, 7, 170))
    assert counted(*tracks) == 1


def test_a_glimpse_is_nobody_until_it_lasts() -> None:
    assert counted(a_track(0, 0.2)) == 0
    assert counted(a_track(0, 0.2), a_track(1, 2)) == 1


@pytest.mark.parametrize(
    "second",
    [
        a_track(5.5, 7),
        a_track(3, 5, 400),
        a_track(3, 5, size=140),
        a_track(1, 4),
        a_track(2, 4),
    ],
    ids=["later", "elsewhere", "nearer", "at the same time", "in the place of the first"],
)
def test_two_people_are_two(second: Track) -> None:
    assert counted(a_track(0, 2), second) == 2


def test_two_tracks_do_not_both_continue_the_same_one() -> None:
    assert counted(a_track(0, 2), a_track(2.5, 4, 110), a_track(2.6, 4, 90)) == 2
