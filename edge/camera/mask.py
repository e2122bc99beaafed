"""Zone and privacy masks: what they hide is black before anything looks at a picture."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
Corners = Sequence[tuple[float, float]]

_ONE_PIXEL = np.ones((3, 3), np.uint8)


class Mask:
    """What one camera may show: inside ``zone`` (None: everywhere) and outside every mask.

    Polygons are corners as fractions of width and height. Hidden parts are drawn one pixel
    larger than asked, so that rounding never shows what a polygon covers.
    """

    def __init__(self, zone: Corners | None = None, masks: Sequence[Corners] = ()) -> None:
        self._zone = zone
        self._masks = masks
        self._rasters: dict[tuple[int, ...], Picture] = {}

    def apply(self, picture: Picture) -> Picture:
        """Blacken what is hidden, in place; ``picture`` is u8 [h, w] or [h, w, 3]."""
        if self._zone is None and not self._masks:
            return picture
        raster = self._rasters.get(picture.shape)
        if raster is None:
            raster = self._rasters[picture.shape] = self._draw(picture.shape)
        cv2.bitwise_and(picture, raster, dst=picture)
        return picture

    def _draw(self, shape: tuple[int, ...]) -> Picture:
        """255 where the picture may be seen, 0 elsewhere."""
        size = np.array([shape[1], shape[0]], np.float64)
        raster = np.full(shape[:2], 255 if self._zone is None else 0, np.uint8)
        if self._zone is not None:
            cv2.fillPoly(raster, [_pixels(self._zone, size)], (255,))
        for corners in self._masks:
            cv2.fillPoly(raster, [_pixels(corners, size)], (0,))
        raster = np.asarray(cv2.erode(raster, _ONE_PIXEL), np.uint8)
        return raster if len(shape) == 2 else np.repeat(raster[:, :, None], 3, axis=2)


def _pixels(corners: Corners, size: NDArray[np.float64]) -> NDArray[np.int32]:
    return np.rint(np.array(corners, np.float64) * size - 0.5).astype(np.int32)
