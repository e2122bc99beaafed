"""Who takes part in the door benchmark: members with photos to enroll, and who walks up.

From a folder ``PERSON/*.jpg``: people with several photos are members, people with one are
strangers. A member walks up with a photo that is not enrolled. Where one photo shows several
faces, the one in its middle is the person's. Without a folder the demo's faces take part:
each has one photo only, so members walk up with the photo that their enrollment altered.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from edge.demo.approach import Box
from edge.demo.figure import Pixels, Portrait
from edge.demo.people import Detect, enrollment_photos, faces_of, photographs
from edge.demo.profiles import REGULARS
from edge.errors import ConfigError

GALLERY = 80
"""Members enrolled, so that the question at the door is asked of a gallery, not of a guess."""
ENROLLED_PHOTOS = 3


@dataclass(frozen=True, slots=True)
class Person:
    """``photos`` are encoded, to enroll the first usable ones of; ``shown`` walks up."""

    name: str
    photos: tuple[bytes, ...]
    shown: Portrait


@dataclass(frozen=True, slots=True)
class Cast:
    """Everyone. The first members and the first strangers are those who walk up."""

    members: list[Person]
    strangers: list[Person]


def cast(faces: Path | None, approaches: int, detect: Detect, *, seed: int = 1) -> Cast:
    """Choose people, the same for the same seed. About half of the approaches are strangers'.

    Fewer approach where there are fewer people. Raises ``ConfigError`` for a folder without
    members or without strangers.
    """
    several, single = _demo(detect) if faces is None else _folder(faces, detect, seed)
    walking = approaches - approaches // 2
    members = _first(several, max(GALLERY, walking))
    strangers = _first(single, approaches // 2)
    if not members or not strangers:
        raise ConfigError(
            f"{faces}: needs people with several photos and people with one, as PERSON/*.jpg"
        )
    return Cast(members, strangers)


def _first(people: Iterator[Person], most: int) -> list[Person]:
    return [person for _, person in zip(range(most), people, strict=False)]


def _folder(faces: Path, detect: Detect, seed: int) -> tuple[Iterator[Person], Iterator[Person]]:
    if not faces.is_dir():
        raise ConfigError(f"{faces}: there is no such folder; give one of PERSON/*.jpg")
    folders = sorted(folder for folder in faces.iterdir() if folder.is_dir())
    random.Random(seed).shuffle(folders)
    photos = {folder.name: sorted(folder.glob("*.jpg")) for folder in folders}
    several = {name: paths for name, paths in photos.items() if len(paths) > 1}
    single = {name: paths for name, paths in photos.items() if len(paths) == 1}
    return _people(several, detect), _people(single, detect)


def _people(photos: dict[str, list[Path]], detect: Detect) -> Iterator[Person]:
    """People whose shown photo, their last, has a face that can be cut out."""
    for name, paths in photos.items():
        pixels = cv2.imread(str(paths[-1]))
        face = None if pixels is None else _middle_face(np.asarray(pixels, np.uint8), detect)
        if face is not None:
            shown = Portrait(person=name, pixels=np.asarray(pixels, np.uint8), face=face)
            yield Person(name, tuple(path.read_bytes() for path in paths[:-1]), shown)


def _middle_face(pixels: Pixels, detect: Detect) -> Box | None:
    height, width = pixels.shape[:2]

    def off_centre(face: Box) -> float:
        across = face.x + face.width / 2 - width / 2
        down = face.y + face.height / 2 - height / 2
        return math.hypot(across, down)

    return min(faces_of(pixels, detect), key=off_centre, default=None)


def _demo(detect: Detect) -> tuple[Iterator[Person], Iterator[Person]]:
    people = [
        Person(portrait.person, tuple(enrollment_photos(portrait)), portrait)
        for portrait in photographs(detect)
    ]
    regulars = {regular.person for regular in REGULARS}
    return (
        (person for person in people if person.name in regulars),
        (person for person in people if person.name not in regulars),
    )
