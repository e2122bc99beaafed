"""Faces keep their track while they walk, cross and hide; nobody inherits another's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.vision.tracker import MAX_AGE_S, Track, Tracker

FRAME_S = 1 / 15
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


def box(x: float, y: float, width: float = 60) -> list[float]:
    return [x - width / 2, y - width * 0.6, x + width / 2, y + width * 0.6]


def see(tracker: Tracker, boxes: list[list[float]], frame: int) -> list[Track]:
    at_s = frame * FRAME_S
    faces = np.array(boxes, np.float32).reshape(-1, 4)
    tracks = tracker.update(faces, NOON + timedelta(seconds=at_s), at_s)
    tracker.expire(at_s)
    return tracks


@pytest.fixture
def tracker() -> Tracker:
    return Tracker()


def test_a_walking_face_keeps_one_track(tracker: Tracker) -> None:
    ids = {see(tracker, [box(100 + 12 * n, 200 + 3 * n, 60 + n)], n)[0].id for n in range(40)}
    assert len(ids) == 1


def test_a_track_counts_from_its_second_detection(tracker: Tracker) -> None:
    (track,) = see(tracker, [box(100, 100)], 0)
    assert not track.confirmed
    see(tracker, [box(102, 100)], 1)
    assert track.confirmed


def test_two_faces_that_cross_keep_their_tracks(tracker: Tracker) -> None:
    for n in range(60):
        left, right = box(100 + 10 * n, 200), box(690 - 10 * n, 215)
        tracks = see(tracker, [left, right] if n % 2 else [right, left], n)
        rightward, leftward = tracks if n % 2 else reversed(tracks)
        if n == 0:
            first = (rightward.id, leftward.id)
    assert (rightward.id, leftward.id) == first


def test_crossing_faces_of_which_one_is_hidden_keep_their_tracks(tracker: Tracker) -> None:
    for n in range(60):
        faces = {"right": box(100 + 10 * n, 200)}
        if not 26 <= n <= 33:
            faces["left"] = box(690 - 10 * n, 205)
        tracks = dict(zip(faces, see(tracker, list(faces.values()), n), strict=True))
        if n == 0:
            first = {name: track.id for name, track in tracks.items()}
    assert {name: track.id for name, track in tracks.items()} == first


def test_close_passing_leaves_both_tracks_doubted(tracker: Tracker) -> None:
    for n in range(30):
        tracks = see(tracker, [box(100 + 5 * n, 200), box(130 + 5 * n, 200)], n)
    assert all(track.doubted for track in tracks)


def test_a_face_alone_is_never_doubted(tracker: Tracker) -> None:
    for n in range(30):
        (track,) = see(tracker, [box(100 + 5 * n, 200)], n)
    assert not track.doubted


def test_a_face_found_again_after_a_gap_is_doubted(tracker: Tracker) -> None:
    see(tracker, [box(100, 200)], 0)
    see(tracker, [box(100, 200)], 1)
    (track,) = see(tracker, [box(100, 200)], 10)
    assert track.doubted


def test_a_face_of_another_size_is_another_face(tracker: Tracker) -> None:
    (far,) = see(tracker, [box(100, 200, 50)], 0)
    (near,) = see(tracker, [box(100, 200, 120)], 1)
    assert far.id != near.id


def test_a_track_ends_when_its_face_is_gone(tracker: Tracker) -> None:
    (track,) = see(tracker, [box(100, 200)], 0)
    assert tracker.expire(MAX_AGE_S) == []
    assert tracker.expire(MAX_AGE_S + 0.1) == [track]
    assert tracker.tracks == []


def test_a_replaced_track_goes_on_under_a_new_id(tracker: Tracker) -> None:
    see(tracker, [box(100, 200)], 0)
    (old,) = see(tracker, [box(105, 200)], 1)
    fresh = tracker.replace(old)
    (next_one,) = see(tracker, [box(110, 200)], 2)
    assert next_one is fresh
    assert fresh.id != old.id
    assert fresh.first_seen_at == old.seen_at


coordinate = st.floats(0, 1280, width=32)
faces = st.lists(
    st.tuples(coordinate, coordinate, st.floats(24, 400, width=32)).map(lambda f: box(*f)),
    max_size=8,
)


@given(st.lists(faces, max_size=12))
def test_every_detection_has_exactly_one_track(frames: list[list[list[float]]]) -> None:
    tracker = Tracker()
    for number, boxes in enumerate(frames):
        tracks = see(tracker, boxes, number)
        assert len(tracks) == len(boxes)
        assert len({track.id for track in tracks}) == len(boxes)
        for track, face in zip(tracks, boxes, strict=True):
            assert track.box == pytest.approx(face)
