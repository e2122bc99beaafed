"""From a picture to the codes in it, within a budget of time.

The first look takes the picture as it is. A code that may be misread is looked at again from
close by until looks agree; a picture that says nothing is prepared in one way after the other.
Further looks start only while the budget lasts.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from itertools import chain

import cv2
import numpy as np

from edge.scanner import zxing
from edge.scanner.ballot import Ballot
from edge.scanner.looks import CLOSE, FAR, Look
from edge.scanner.reading import Picture, Reading

PIXELS_MAX = 4_000_000
"""Larger pictures are halved until they are not: no code is read by more."""
PREPARED_PIXELS_MAX = 2_000_000
"""A picture that a look would make larger is halved first: one look is not to take the budget."""
ADD_ON_REACH = 0.6
"""How far behind an EAN its add-on may end, as a share of the EAN's width."""
MARGIN_PX, MARGIN = 12, 0.2
"""Around a code seen: a quiet zone, and rows of a stacked code that its box leaves out."""

InTime = Callable[[], bool]


def decode(picture: Picture, budget_s: float) -> tuple[Reading, ...]:
    """The codes of a picture, u8 gray or BGR; an empty tuple where there is none.

    A budget of 0 still takes the first look and one closer look. Blocks for the budget and the
    length of one look: call it in a process or thread of its own.
    """
    ends_at = time.monotonic() + budget_s

    def in_time() -> bool:
        return time.monotonic() < ends_at

    whole = _gray(picture)
    gray = _at_most(whole, PIXELS_MAX)
    ballot = Ballot()
    ballot.count(zxing.read(gray))
    _look_closer(gray, ballot, in_time)
    for look in FAR:
        if ballot.believed() or not in_time():
            break
        ballot.count(_through(look, gray))
        _look_closer(gray, ballot, in_time)
    scale = whole.shape[1] / gray.shape[1]
    return tuple(reading.placed(x=scale, y=scale) for reading in ballot.believed())


def _look_closer(gray: Picture, ballot: Ballot, in_time: InTime) -> None:
    """Look at what is open from close by, at least once."""
    for number, look in enumerate(CLOSE):
        candidates = ballot.open()
        if not candidates or (number and not in_time()):
            return
        ballot.count(chain.from_iterable(_around(c.reading, gray, look) for c in candidates))


def _around(reading: Reading, gray: Picture, look: Look) -> Iterator[Reading]:
    """What a look finds around a reading."""
    left, top, right, bottom = _surroundings(reading, gray.shape)
    crop = np.ascontiguousarray(gray[top:bottom, left:right])
    return (seen.placed(left=left, top=top) for seen in _through(look, crop))


def _surroundings(reading: Reading, shape: tuple[int, ...]) -> tuple[int, int, int, int]:
    """The box of a reading, a quiet zone, and where its add-on would stand."""
    corners = np.array(reading.corners, np.float64)
    onward = (corners[1] + corners[2] - corners[0] - corners[3]) / 2
    points = np.vstack([corners, corners[1:3] + ADD_ON_REACH * onward])
    low, high = points.min(axis=0), points.max(axis=0)
    margin = MARGIN_PX + MARGIN * (high - low)
    left, top = np.maximum(low - margin, 0).astype(int)
    right, bottom = np.ceil(high + margin).astype(int)
    return int(left), int(top), min(int(right), shape[1]), min(int(bottom), shape[0])


def _through(look: Look, gray: Picture) -> list[Reading]:
    """The readings of a look, in pixels of the picture given."""
    prepared = look.prepare(_at_most(gray, PREPARED_PIXELS_MAX / look.area))
    x, y = gray.shape[1] / prepared.shape[1], gray.shape[0] / prepared.shape[0]
    return [reading.placed(x=x, y=y) for reading in look.read(prepared)]


def _gray(picture: Picture) -> Picture:
    if picture.ndim == 2:
        return np.ascontiguousarray(picture)
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), np.uint8)


def _at_most(gray: Picture, pixels: float) -> Picture:
    """The picture halved until it has no more pixels than this."""
    while gray.size > pixels:
        half = (max(1, gray.shape[1] // 2), max(1, gray.shape[0] // 2))
        gray = np.asarray(cv2.resize(gray, half, interpolation=cv2.INTER_AREA), np.uint8)
    return gray
