"""Presentation attacks that never took place: a picture as a camera would see it held up.

Simulated, and to be read as such: a print is paler, softer and grainy on white paper; a screen is
cooler, with the moiré of its pixels against the camera's and a reflection, in a dark frame. Both
are tilted, stand before something else, and are filmed and compressed. No hand holds them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
Pixels = NDArray[np.float32]

BORDER = 0.08
ROOM = 2.0
"""The scene's size in those of what is held up."""
TILT = 0.05
JPEG_QUALITY = 85
PRINT_COLOUR = np.array([0.83, 0.88, 0.91], np.float32) * np.float32(0.9)
SCREEN_COLOUR = np.array([1.15, 1.05, 0.98], np.float32)


@dataclass(frozen=True, slots=True)
class Instrument:
    """A presentation attack instrument: its surface, and the grey of its border."""

    name: str
    surface: Callable[[Pixels, np.random.Generator], Pixels]
    border: int

    def held_up(self, picture: Picture, behind: Picture, dice: np.random.Generator) -> Picture:
        """The picture on this instrument in front of ``behind``, both uint8 [h, w, 3]."""
        large = cv2.resize(picture, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
        shown = np.clip(self.surface(large.astype(np.float32), dice), 0, 255).astype(np.uint8)
        edge = round(BORDER * shown.shape[1])
        framed = cv2.copyMakeBorder(
            shown, edge, edge, edge, edge, cv2.BORDER_CONSTANT, value=(self.border,) * 3
        )
        return _filmed(_placed(np.asarray(framed, np.uint8), behind, dice), dice)


def _paper(pixels: Pixels, dice: np.random.Generator) -> Pixels:
    soft = cv2.GaussianBlur(pixels, (0, 0), 1.6) * PRINT_COLOUR + 25
    return np.asarray(soft + dice.normal(0, 4, soft.shape), np.float32)


def _screen(pixels: Pixels, dice: np.random.Generator) -> Pixels:
    height, width = pixels.shape[:2]
    y, x = np.mgrid[:height, :width].astype(np.float32)
    angle, cycles = dice.uniform(0, 0.2), dice.uniform(0.35, 0.5)
    wave = np.sin(2 * np.pi * cycles * (x * np.cos(angle) + y * np.sin(angle)))
    moire = 1 + 0.06 * wave[..., None] * np.array([1.0, 0.6, 0.8])
    apart = (x - dice.uniform(0.2, 0.8) * width) ** 2 + (y - 0.2 * height) ** 2
    glare = 40 * np.exp(-apart / (2 * (0.12 * width) ** 2))[..., None]
    return np.asarray(pixels * moire * SCREEN_COLOUR + 8 + glare, np.float32)


INSTRUMENTS = (
    Instrument("simulated print", _paper, 235),
    Instrument("simulated screen", _screen, 15),
)


def _placed(framed: Picture, behind: Picture, dice: np.random.Generator) -> Picture:
    """In the middle of a scene, tilted a little."""
    height, width = framed.shape[:2]
    size = (round(width * ROOM), round(height * ROOM))
    scene = cv2.GaussianBlur(cv2.resize(behind, size), (0, 0), 3)
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    moved = corners + np.array([width, height], np.float32) * np.float32((ROOM - 1) / 2)
    moved += dice.uniform(-TILT, TILT, (4, 2)).astype(np.float32) * np.float32(width)
    tilt = cv2.getPerspectiveTransform(corners, moved)
    seen = cv2.warpPerspective(framed, tilt, size, flags=cv2.INTER_AREA)
    there = cv2.warpPerspective(np.full((height, width), 255, np.uint8), tilt, size)
    return np.asarray(np.where(there[..., None] > 0, seen, scene), np.uint8)


def _filmed(scene: Picture, dice: np.random.Generator) -> Picture:
    """Somewhat soft, from some way off, and compressed."""
    soft = cv2.GaussianBlur(scene, (0, 0), 0.8)
    shrink = dice.uniform(0.4, 0.7)
    small = cv2.resize(soft, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
    _, coded = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    return np.asarray(cv2.imdecode(coded, cv2.IMREAD_COLOR), np.uint8)
