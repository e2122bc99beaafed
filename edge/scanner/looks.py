"""Ways to look at a picture that does not give its codes away at once.

Each was measured on photographs that the first look leaves unread; the order is by what a way
adds for the time it takes. A far look takes the whole picture, a close one the surroundings of a
code that was seen but is not believed yet.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from edge.scanner import zbar, zxing
from edge.scanner.reading import Picture, Reading

Prepare = Callable[[Picture], Picture]
Read = Callable[[Picture], list[Reading]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A preparation and a reader. ``prepare`` may scale, but not turn or shift; ``area`` is how
    many times the pixels it makes of a picture.
    """

    name: str
    prepare: Prepare
    read: Read = zxing.read
    area: float = 1.0


def scaled(x: float, y: float, how: int = cv2.INTER_LINEAR) -> Prepare:
    """Resize by these factors, to one pixel at least."""

    def prepare(gray: Picture) -> Picture:
        size = (max(1, round(x * gray.shape[1])), max(1, round(y * gray.shape[0])))
        return _u8(cv2.resize(gray, size, interpolation=how))

    return prepare


def sharpened(sigma: float, amount: float) -> Prepare:
    """Unsharp mask: adds ``amount`` times what a blur of ``sigma`` pixels takes away."""
    return lambda gray: _u8(
        cv2.addWeighted(gray, 1 + amount, cv2.GaussianBlur(gray, (0, 0), sigma), -amount, 0)
    )


def equalised(gray: Picture) -> Picture:
    """Local contrast (CLAHE), against shadow and glare."""
    return _u8(cv2.createCLAHE(clipLimit=3.0, tileGridSize=(8, 8)).apply(gray))


def averaged_down(gray: Picture) -> Picture:
    """Each column over nine rows: takes noise from upright bars and leaves their edges."""
    return _u8(cv2.blur(gray, (1, 9)))


def denoised(gray: Picture) -> Picture:
    """A light blur, against noise and the raster of a print."""
    return _u8(cv2.GaussianBlur(gray, (0, 0), 1.0))


def darkened(gray: Picture) -> Picture:
    """Gamma 2: separates bars that glare has lightened."""
    return _u8(cv2.LUT(gray, _DARKER))


def then(*steps: Prepare) -> Prepare:
    """One preparation after the other."""

    def prepare(gray: Picture) -> Picture:
        for step in steps:
            gray = step(gray)
        return gray

    return prepare


def inverted(gray: Picture) -> Picture:
    """Light bars on dark: zxing-cpp inverts two-dimensional codes only."""
    return _u8(255 - gray)


def as_it_is(gray: Picture) -> Picture:
    return gray


def _u8(picture: object) -> Picture:
    return np.asarray(picture, np.uint8)


_DARKER = _u8([round(255 * (level / 255) ** 2) for level in range(256)])
_DOUBLE = scaled(2, 2, cv2.INTER_CUBIC)

CLOSE = (
    Look(name="double", prepare=scaled(2, 2), area=4),
    Look(name="triple", prepare=scaled(3, 3, cv2.INTER_CUBIC), area=9),
    Look(name="zbar, double", prepare=scaled(2, 2), read=zbar.read, area=4),
    Look(name="double, equalised", prepare=then(_DOUBLE, equalised), area=4),
    Look(name="double, denoised", prepare=then(_DOUBLE, denoised), area=4),
    Look(name="sharpened", prepare=sharpened(2.0, 1.5)),
)

FAR = (
    Look(name="zbar", prepare=as_it_is, read=zbar.read),
    Look(name="sharpened", prepare=sharpened(2.0, 1.5)),
    Look(name="equalised", prepare=equalised),
    Look(name="double, equalised", prepare=then(_DOUBLE, equalised), area=4),
    Look(name="inverted", prepare=inverted),
    Look(name="half as large again", prepare=scaled(1.5, 1.5, cv2.INTER_CUBIC), area=2.25),
    Look(
        name="wide, averaged down",
        prepare=then(scaled(2, 1, cv2.INTER_CUBIC), averaged_down),
        area=2,
    ),
    Look(name="inverted, double", prepare=then(_DOUBLE, inverted), area=4),
    Look(name="darkened", prepare=darkened),
    Look(name="double, sharpened", prepare=then(_DOUBLE, sharpened(4.0, 3.0)), area=4),
    Look(name="denoised", prepare=denoised),
    Look(name="zbar, equalised", prepare=equalised, read=zbar.read),
    Look(name="triple", prepare=scaled(3, 3, cv2.INTER_CUBIC), area=9),
    Look(name="half", prepare=scaled(0.5, 0.5, cv2.INTER_AREA)),
)
