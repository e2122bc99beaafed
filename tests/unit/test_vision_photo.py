"""Judging a picture: which fault a person is told. Detector and embedder give known answers."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from numpy.typing import NDArray

from edge.domain import PhotoFault
from edge.vision.alignment import CROP_PX, REFERENCE
from edge.vision.detection import Detections
from edge.vision.packs import Pack
from edge.vision.photo import Face, fault_of, find, judge_detected
from edge.vision.quality import Quality

GOOD = Quality(
    score=1.0,
    width_px=112,
    sharpness=0.2,
    brightness=130,
    yaw=0.0,
    pitch=0.0,
    detection=0.93,
)


class Eyes:
    """Finds what it was told to, where the picture is wide enough to show it."""

    def __init__(self, found: Detections, from_width_px: int = 0) -> None:
        self.found = found
        self.from_width_px = from_width_px
        self.asked: list[int] = []

    def detect(self, bgr: NDArray[np.uint8]) -> Detections:
        self.asked.append(bgr.shape[1])
        return self.found if bgr.shape[1] >= self.from_width_px else Detections.none()


class Means:
    """A face's mean colour as its embedding."""

    def embed(self, crop: NDArray[np.uint8]) -> NDArray[np.float32]:
        return np.asarray(crop.reshape(-1, 3).mean(axis=0), np.float32)


def pack(eyes: Eyes) -> Pack:
    return Pack("fake", "means", 3, 0.5, eyes, Means())


def faces(*widths: float) -> Detections:
    boxes = [[10, 10, 10 + width, 10 + width] for width in widths]
    landmarks = [REFERENCE * width / CROP_PX + 10 for width in widths]
    return Detections(
        np.array(boxes, np.float32).reshape(-1, 4),
        np.full(len(widths), 0.93, np.float32),
        np.array(landmarks, np.float32).reshape(-1, 5, 2),
    )


def picture() -> NDArray[np.uint8]:
    coarse = np.random.default_rng(2).integers(40, 216, (60, 80, 3), np.uint8)
    return np.repeat(np.repeat(coarse, 6, axis=0), 6, axis=1)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"width_px": 40}, PhotoFault.TOO_SMALL),
        ({"brightness": 20}, PhotoFault.TOO_DARK),
        ({"yaw": 0.7}, PhotoFault.TURNED_AWAY),
        ({"yaw": -0.7}, PhotoFault.TURNED_AWAY),
        ({"pitch": -0.2}, PhotoFault.TURNED_AWAY),
        ({"sharpness": 0.02}, PhotoFault.BLURRED),
        ({}, None),
    ],
)
def test_each_fault_is_named(change: dict[str, float], fault: PhotoFault | None) -> None:
    assert fault_of(dataclasses.replace(GOOD, **change)) is fault


def test_a_dark_and_blurred_photo_asks_for_light_first() -> None:
    assert fault_of(dataclasses.replace(GOOD, brightness=10, sharpness=0.01)) is PhotoFault.TOO_DARK


def test_good_face_gives_an_embedding_of_unit_length() -> None:
    found = faces(112)
    face = judge_detected(pack(Eyes(found)), picture(), found)
    assert isinstance(face, Face)
    assert np.linalg.norm(face.embedding) == pytest.approx(1.0, abs=1e-5)
    assert face.quality.width_px == 112


def test_picture_without_a_face_says_so() -> None:
    found = Detections.none()
    assert judge_detected(pack(Eyes(found)), picture(), found) is PhotoFault.NO_FACE


def test_second_person_is_refused_but_not_a_passer_by() -> None:
    two, passer_by = faces(112, 100), faces(60, 112)
    assert judge_detected(pack(Eyes(two)), picture(), two) is PhotoFault.SEVERAL_FACES
    face = judge_detected(pack(Eyes(passer_by)), picture(), passer_by)
    assert isinstance(face, Face)
    assert face.quality.width_px == 112


def test_small_face_is_searched_again_in_a_larger_picture() -> None:
    large = np.zeros((1200, 1600, 3), np.uint8)
    eyes = Eyes(faces(64), from_width_px=1000)
    found = find(pack(eyes), large)
    assert eyes.asked == [640, 1280]
    assert found.widths.tolist() == pytest.approx([64 * 1600 / 1280])


def test_small_picture_is_searched_once_at_its_own_size() -> None:
    eyes = Eyes(Detections.none())
    find(pack(eyes), np.zeros((300, 400, 3), np.uint8))
    assert eyes.asked == [400]
