"""Photos judged by the real models: good ones pass, each kind of bad one is told apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from golden.observe import sample
from numpy.typing import NDArray

from edge.domain import PhotoFault
from edge.vision.packs import Pack, load
from edge.vision.photo import Face, judge

Picture = NDArray[np.uint8]


@pytest.fixture(scope="module")
def pack(models_dir: Path) -> Pack:
    return load("yunet-sface", models_dir, [])


def jpeg(picture: Picture) -> bytes:
    return cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 92])[1].tobytes()


def portrait() -> Picture:
    """One person of the group, with a face about 100 px wide."""
    return sample("astronaut")[:300, 80:380]


def blurred(picture: Picture) -> Picture:
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), 4.5), np.uint8)


def shaken(picture: Picture) -> Picture:
    return np.asarray(cv2.filter2D(picture, -1, np.full((1, 25), 1 / 25)), np.uint8)


def dark(picture: Picture) -> Picture:
    return (picture * 0.12).astype(np.uint8)


def small(picture: Picture) -> Picture:
    return np.asarray(cv2.resize(picture, None, fx=0.45, fy=0.45), np.uint8)


def large(picture: Picture) -> Picture:
    return np.asarray(cv2.resize(picture, None, fx=9, fy=9, interpolation=cv2.INTER_CUBIC))


@pytest.mark.parametrize(
    ("spoil", "fault"),
    [
        (blurred, PhotoFault.BLURRED),
        (shaken, PhotoFault.BLURRED),
        (dark, PhotoFault.TOO_DARK),
        (small, PhotoFault.TOO_SMALL),
        (lambda p: np.hstack([p, p[:, ::-1]]), PhotoFault.SEVERAL_FACES),
        (lambda p: np.full_like(p, 128), PhotoFault.NO_FACE),
    ],
    ids=["blurred", "shaken", "dark", "small", "two people", "nobody"],
)
def test_spoiled_portrait_is_refused_for_its_fault(
    pack: Pack, spoil: Callable[[Picture], Picture], fault: PhotoFault
) -> None:
    assert judge(pack, jpeg(spoil(portrait()))) is fault


def test_same_portrait_in_other_sizes_gives_the_same_embedding(pack: Pack) -> None:
    """A phone's photo of 2,700 px goes the long way: shrunk, searched, cut out, averaged down."""
    faces = [judge(pack, jpeg(p)) for p in (portrait(), large(portrait()))]
    near, far = faces
    assert isinstance(near, Face)
    assert isinstance(far, Face)
    assert float(near.embedding @ far.embedding) > 0.95


def test_group_photo_is_refused(pack: Pack) -> None:
    assert judge(pack, jpeg(sample("group"))) is PhotoFault.SEVERAL_FACES


def test_press_photos_of_one_person_pass(pack: Pack, shared_data: Path) -> None:
    """Of all 2,561 photos, 1.4 % of those with one person are refused."""
    photos = sorted((shared_data / "faces-dev").glob("*/*.jpg"))[::25]
    verdicts = Counter(
        "good" if isinstance(verdict := judge(pack, photo.read_bytes()), Face) else verdict
        for photo in photos
    )
    alone = len(photos) - verdicts[PhotoFault.SEVERAL_FACES]
    assert alone > 0.85 * len(photos)
    assert verdicts["good"] > 0.95 * alone
