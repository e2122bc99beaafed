"""Where and when a picture is searched: as little as finds everybody who counts."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.camera.frame import BgrPicture, Frame
from edge.camera.mask import Mask
from edge.camera.part import Part
from edge.vision.detection import Detections
from edge.vision.gaze import EVERY_S, FACE_PX, STEP_PX, WHOLE_S, Gaze
from edge.vision.tracker import MIN_HITS, Track

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
MIN_FACE_PX = 48
SIZE = (1280, 720)
CORNER = Part(0.7, 0.5, 0.8, 0.8)


@dataclass
class Spot:
    """A detector that takes the brightest pixel for a face, and remembers what it was shown."""

    shown: list[tuple[int, ...]] = field(default_factory=list)

    def detect(self, bgr: np.ndarray) -> Detections:
        self.shown.append(bgr.shape[:2])
        if bgr.max() < 200:
            return Detections.none()
        y, x = np.unravel_index(int(np.argmax(bgr[..., 0])), bgr.shape[:2])
        box = np.array([[x - 8, y - 8, x + 8, y + 8]], np.float32)
        return Detections(box, np.ones(1, np.float32), np.zeros((1, 5, 2), np.float32))


def frame(at_s: float, face: tuple[int, int] | None = None) -> Frame:
    """A dark picture with one bright square."""
    pixels = np.full((SIZE[1], SIZE[0], 3), 20, np.uint8)
    if face is not None:
        pixels[face[1] - 6 : face[1] + 6, face[0] - 6 : face[0] + 6] = 255
    return Frame(
        camera_id="door", decoded=BgrPicture(pixels), mask=Mask(), captured_at=NOON, at_s=at_s
    )


def track(x: float, y: float, *, seen_s: float = 0.0, hits: int = MIN_HITS) -> Track:
    box = np.array([x - 30, y - 30, x + 30, y + 30], np.float32)
    return Track(box=box, first_seen_at=NOON, seen_at=NOON, seen_s=seen_s, hits=hits)


@pytest.fixture
def gaze() -> Gaze:
    """One that has just searched the whole picture."""
    gaze = Gaze(MIN_FACE_PX)
    gaze.look(Spot(), frame(0.0), None, [])
    return gaze


def test_a_steady_picture_is_not_searched_at_every_frame(gaze: Gaze) -> None:
    assert not gaze.due(EVERY_S / 2, [track(600, 300)])
    assert gaze.due(EVERY_S, [track(600, 300)])


def test_a_face_seen_once_is_looked_for_again_at_once(gaze: Gaze) -> None:
    assert gaze.due(EVERY_S / 4, [track(600, 300, hits=1)])
    gone = track(600, 300, seen_s=-EVERY_S, hits=1)
    assert not gaze.due(EVERY_S / 4, [gone]), "a false alarm does not cost a second of searching"


def test_the_smallest_face_that_counts_is_just_wide_enough(gaze: Gaze) -> None:
    eyes = Spot()
    gaze.look(eyes, frame(WHOLE_S), None, [])
    ((_, width),) = eyes.shown
    assert width == pytest.approx(SIZE[0] * FACE_PX / MIN_FACE_PX, abs=1)


def test_only_the_part_that_moves_is_searched(gaze: Gaze) -> None:
    eyes = Spot()
    gaze.look(eyes, frame(EVERY_S), CORNER, [])
    ((height, width),) = eyes.shown
    assert width * height < 0.35 * (427 * 240)
    assert width % STEP_PX == 0


def test_a_face_that_is_followed_is_searched_for_where_nothing_moves(gaze: Gaze) -> None:
    found = gaze.look(Spot(), frame(EVERY_S, face=(200, 150)), CORNER, [track(205, 155)])
    assert len(found) == 1


def test_everything_is_searched_once_a_second(gaze: Gaze) -> None:
    assert len(gaze.look(Spot(), frame(EVERY_S, face=(200, 150)), CORNER, [])) == 0
    assert len(gaze.look(Spot(), frame(WHOLE_S, face=(200, 150)), CORNER, [])) == 1


@given(x=st.integers(10, SIZE[0] - 10), y=st.integers(10, SIZE[1] - 10))
def test_a_face_is_found_where_it_is_in_the_full_picture(x: int, y: int) -> None:
    gaze = Gaze(MIN_FACE_PX)
    gaze.look(Spot(), frame(0.0), None, [])
    around = Part.around(np.array([[x - 20, y - 20, x + 20, y + 20]], np.float32), SIZE)
    found = gaze.look(Spot(), frame(EVERY_S, face=(x, y)), around, [])
    centre = (found.boxes[0, :2] + found.boxes[0, 2:]) / 2
    assert np.abs(centre - (x, y)).max() < 8
