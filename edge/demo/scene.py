"""The shop entrance that people are drawn into: a plain picture, the same for the same seed."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.demo.approach import HEIGHT_PX, HORIZON_PX, WIDTH_PX

_FLOOR_TOP_PX = 430


def entrance(seed: int) -> NDArray[np.uint8]:
    """A BGR picture: walls with shelves, a tiled floor, a bright glass door in the middle."""
    picture = np.empty((HEIGHT_PX, WIDTH_PX, 3), np.uint8)
    picture[:] = (148, 160, 168)
    _floor(picture)
    _door(picture)
    for left in (60, 980):
        _shelves(picture, left, np.random.default_rng(seed + left))
    return np.asarray(cv2.GaussianBlur(picture, (5, 5), 0), np.uint8)


def _floor(picture: NDArray[np.uint8]) -> None:
    picture[_FLOOR_TOP_PX:] = np.linspace(105, 140, HEIGHT_PX - _FLOOR_TOP_PX)[:, None, None]
    vanishing = (WIDTH_PX // 2, round(HORIZON_PX))
    for x in range(-1600, WIDTH_PX + 1601, 160):
        start = _on_floor(vanishing, (x, HEIGHT_PX))
        cv2.line(picture, start, (x, HEIGHT_PX), (96, 98, 100), 1, cv2.LINE_AA)
    for depth in (1.0, 1.25, 1.6, 2.1, 2.9):
        y = round(HORIZON_PX + (HEIGHT_PX - HORIZON_PX) / depth)
        cv2.line(picture, (0, y), (WIDTH_PX, y), (96, 98, 100), 1, cv2.LINE_AA)


def _on_floor(vanishing: tuple[int, int], below: tuple[int, int]) -> tuple[int, int]:
    share = (_FLOOR_TOP_PX - vanishing[1]) / (below[1] - vanishing[1])
    return (round(vanishing[0] + share * (below[0] - vanishing[0])), _FLOOR_TOP_PX)


def _door(picture: NDArray[np.uint8]) -> None:
    """A glass door with the street's light behind it."""
    left, right, top = 500, 780, 130
    light = np.linspace(236, 205, _FLOOR_TOP_PX + 60 - top)[:, None, None]
    picture[top : _FLOOR_TOP_PX + 60, left:right] = light
    for x in (left, (left + right) // 2, right):
        cv2.rectangle(picture, (x - 5, top), (x + 5, _FLOOR_TOP_PX + 60), (70, 72, 74), -1)
    cv2.rectangle(picture, (left - 5, top - 12), (right + 5, top), (70, 72, 74), -1)


def _shelves(picture: NDArray[np.uint8], left: int, rng: np.random.Generator) -> None:
    """Three boards with folded goods."""
    for top in (150, 270, 390):
        x = left
        while x < left + 220:
            width, height = int(rng.integers(24, 46)), int(rng.integers(40, 84))
            shade = [int(value) for value in rng.integers(70, 190, 3)]
            cv2.rectangle(picture, (x, top + 90 - height), (x + width, top + 90), shade, -1)
            x += width + 6
        cv2.rectangle(picture, (left - 12, top + 90), (left + 252, top + 100), (84, 96, 110), -1)
