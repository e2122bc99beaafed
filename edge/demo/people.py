"""The people of the demo: faces from photographs that installed packages carry.

The photographs stay where the packages put them. They show people of public life; every
name and profile that the demo gives to a face is invented.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.demo.approach import Box
from edge.demo.figure import Figure, Pixels, Portrait, figure
from edge.errors import ConfigError

PHOTOGRAPHS = (
    ("group", "insightface", "data/images/t1.jpg"),
    ("portrait", "insightface", "data/images/Tom_Hanks_54745.png"),
    ("astronaut", "skimage", "data/astronaut.png"),
)
"""A key for whom it shows, and the package and file that show them."""

_BORDER = 0.25
"""A face that fills its photo is found once there is something around it."""


class Found(Protocol):
    """What is needed of detections: boxes as left, top, right, bottom, float32 [n, 4]."""

    @property
    def boxes(self) -> NDArray[np.float32]: ...


Detect = Callable[[Pixels], Found]


def photographs(detect: Detect) -> list[Portrait]:
    """Every face of the sample photographs, in groups from left to right."""
    portraits: list[Portrait] = []
    for key, package, file in PHOTOGRAPHS:
        pixels = _read(package, file)
        faces = sorted(faces_of(pixels, detect), key=lambda face: face.x)
        several = len(faces) > 1
        portraits += [
            Portrait(person=f"{key}-{index}" if several else key, pixels=pixels, face=face)
            for index, face in enumerate(faces, start=1)
        ]
    return portraits


def faces_of(pixels: Pixels, detect: Detect) -> list[Box]:
    """Faces in a BGR photo, best first, also those that fill it to the edge."""
    down, across = (round(_BORDER * side) for side in pixels.shape[:2])
    around = cv2.copyMakeBorder(pixels, down, down, across, across, cv2.BORDER_REPLICATE)
    return [
        Box(x=left - across, y=top - down, width=right - left, height=bottom - top)
        for left, top, right, bottom in detect(np.asarray(around, np.uint8)).boxes.tolist()
    ]


def figures_of(portraits: Iterable[Portrait]) -> dict[str, Figure]:
    """A figure to draw for each person."""
    return {portrait.person: figure(portrait) for portrait in portraits}


def enrollment_photos(portrait: Portrait) -> list[bytes]:
    """Three JPEG photos as a phone might have taken them, made of the one there is."""
    return [
        _phone_photo(portrait, turn_deg, gain, shift)
        for turn_deg, gain, shift in ((0.0, 1.0, 0.0), (-4.0, 0.85, 0.06), (4.0, 1.12, -0.06))
    ]


def _phone_photo(portrait: Portrait, turn_deg: float, gain: float, shift: float) -> bytes:
    """A 480x480 picture with the face 200 px wide, and nobody else in it."""
    side, scale = 480, 200 / portrait.face.width
    face = portrait.face
    middle = (face.x + face.width / 2, face.y + face.height / 2)
    place = np.asarray(cv2.getRotationMatrix2D(middle, turn_deg, scale), np.float64)
    place[:, 2] += np.array([side * (0.5 + shift), side * 0.5]) - middle
    picture = cv2.warpAffine(
        portrait.pixels, place, (side, side), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    taken, data = cv2.imencode(".jpg", cv2.convertScaleAbs(picture, alpha=gain))
    assert taken
    return data.tobytes()


def _read(package: str, file: str) -> Pixels:
    """Read a package's file without importing the package, which takes seconds."""
    spec = find_spec(package)
    path = Path(spec.origin).parent / file if spec and spec.origin else None
    picture = cv2.imread(str(path)) if path and path.is_file() else None
    if picture is None:
        raise ConfigError(f"the demo needs {file} of the package {package}; run `make run` again")
    return np.asarray(picture, np.uint8)
