"""A frame as the pipeline sees it: masked, and converted only as far as somebody asks.

Decoding once is the bill of an idle door. The luma plane comes free with it, the small
picture for detection is made by the decoder's own scaler, and the full picture is
converted only when a face is to be cut out of it.
"""

from __future__ import annotations

from datetime import datetime
from functools import cached_property
from typing import Protocol

import av
import cv2
import numpy as np
from av.video.reformatter import Interpolation, VideoReformatter

from edge.camera.mask import Mask, Picture

LUMA_WIDTH_PX = 160
SMALL_SIDE_PX = 640
_LUMA_FIRST = frozenset(
    {"yuv420p", "yuvj420p", "yuv422p", "yuvj422p", "yuv444p", "yuvj444p", "nv12", "gray"}
)


class Decoded(Protocol):
    """A decoded picture, whatever decoded it."""

    passed: int
    """Pictures that came since the one before and that nobody needed to see."""

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""

    def luma(self, width: int, height: int) -> Picture:
        """Brightness, u8 [height, width]."""

    def bgr(self, width: int, height: int) -> Picture:
        """BGR, u8 [height, width, 3]."""


class AvPicture:
    """FFmpeg's picture. ``scaler`` belongs to the camera and keeps its tables between frames."""

    def __init__(self, frame: av.VideoFrame, scaler: VideoReformatter, passed: int = 0) -> None:
        self.passed = passed
        self._frame = frame
        self._scaler = scaler

    @property
    def time_s(self) -> float | None:
        """When the stream shows it, on its own clock; None where it does not say."""
        return self._frame.time

    @property
    def size(self) -> tuple[int, int]:
        return self._frame.width, self._frame.height

    def luma(self, width: int, height: int) -> Picture:
        if self._frame.format.name not in _LUMA_FIRST:
            return self._convert(width, height, "gray")
        plane = self._frame.planes[0]
        rows = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
        # Half of the rows that the average could use say as much, and cost half.
        step = max(1, self._frame.height // (2 * height))
        visible = rows[: self._frame.height : step, : self._frame.width]
        return np.asarray(
            cv2.resize(visible, (width, height), interpolation=cv2.INTER_AREA), np.uint8
        )

    def bgr(self, width: int, height: int) -> Picture:
        return self._convert(width, height, "bgr24")

    def _convert(self, width: int, height: int, pixels: str) -> Picture:
        scaled = self._scaler.reformat(
            self._frame, width, height, pixels, interpolation=Interpolation.AREA, threads=1
        )
        return np.require(scaled.to_ndarray(), np.uint8, ["C", "W"])


class BgrPicture:
    """A picture that comes as BGR, u8 [h, w, 3], as from OpenCV's V4L2 capture."""

    def __init__(self, pixels: Picture, passed: int = 0) -> None:
        self.passed = passed
        self._pixels = pixels

    @property
    def size(self) -> tuple[int, int]:
        return self._pixels.shape[1], self._pixels.shape[0]

    def luma(self, width: int, height: int) -> Picture:
        return np.asarray(cv2.cvtColor(self.bgr(width, height), cv2.COLOR_BGR2GRAY), np.uint8)

    def bgr(self, width: int, height: int) -> Picture:
        if (width, height) == self.size:
            return self._pixels.copy()
        return np.asarray(
            cv2.resize(self._pixels, (width, height), interpolation=cv2.INTER_AREA), np.uint8
        )


class Frame:
    """One picture of one camera. Every view of it is masked; nothing else hands out pixels.

    ``captured_at`` is aware UTC, ``at_s`` the same moment on the monotonic clock.
    """

    def __init__(
        self,
        *,
        camera_id: str,
        decoded: Decoded,
        mask: Mask,
        captured_at: datetime,
        at_s: float,
    ) -> None:
        self.camera_id = camera_id
        self.captured_at = captured_at
        self.at_s = at_s
        self._decoded = decoded
        self._mask = mask

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the full picture in pixels."""
        return self._decoded.size

    @property
    def passed(self) -> int:
        """Pictures that came since the frame before and that nobody needed to see."""
        return self._decoded.passed

    @cached_property
    def luma(self) -> Picture:
        """Brightness at low resolution, u8 [h, 160], for the motion gate."""
        width, height = self.size
        low = max(1, round(height * LUMA_WIDTH_PX / width))
        return self._mask.apply(self._decoded.luma(LUMA_WIDTH_PX, low))

    @cached_property
    def small(self) -> Picture:
        """BGR with its longer side at most 640 px, for judging who stands there."""
        return self.shrunk(SMALL_SIDE_PX)

    @property
    def enlargement(self) -> float:
        """Full pixels per pixel of ``small``."""
        return self.size[0] / float(self.small.shape[1])

    def shrunk(self, side_px: int) -> Picture:
        """BGR with its longer side at most this long, u8 [h, w, 3], converted at each call."""
        width, height = self.size
        shrink = min(1.0, side_px / max(width, height))
        return self._mask.apply(self._decoded.bgr(round(width * shrink), round(height * shrink)))

    @cached_property
    def gray(self) -> Picture:
        """Brightness at full size, u8 [h, w], for reading codes."""
        return self._mask.apply(self._decoded.luma(*self.size))

    @cached_property
    def full(self) -> Picture:
        """BGR at full size, u8 [h, w, 3], for cutting out faces."""
        return self._mask.apply(self._decoded.bgr(*self.size))
