"""What zone and masks hide is black, at every size, before anything else sees a picture."""

from __future__ import annotations

import cv2
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from edge.camera.mask import Mask

RIGHT_HALF = [(0.5, 0.0), (1.0, 0.0), (1.0, 1.0), (0.5, 1.0)]
fraction = st.floats(0, 1)


def white(width: int, height: int) -> np.ndarray:
    return np.full((height, width, 3), 255, np.uint8)


def test_a_mask_blackens_its_part_and_leaves_the_rest() -> None:
    shown = Mask(masks=[RIGHT_HALF]).apply(white(64, 36))
    assert not shown[:, 32:].any()
    assert (shown[:, :30] == 255).all()


def test_outside_the_zone_nothing_is_shown() -> None:
    shown = Mask(zone=RIGHT_HALF).apply(white(64, 36))
    assert not shown[:, :32].any()
    assert (shown[1:-1, 34:-1] == 255).all()


def test_a_mask_inside_the_zone_wins() -> None:
    everywhere = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)]
    shown = Mask(zone=everywhere, masks=[everywhere]).apply(white(64, 36))
    assert not shown.any()


def test_without_polygons_the_picture_is_untouched() -> None:
    assert (Mask().apply(white(8, 8)) == 255).all()


@given(
    corners=st.lists(st.tuples(fraction, fraction), min_size=3, max_size=3),
    width=st.integers(20, 200),
    height=st.integers(20, 200),
)
def test_no_pixel_whose_centre_is_masked_is_ever_seen(
    corners: list[tuple[float, float]], width: int, height: int
) -> None:
    shown = Mask(masks=[corners]).apply(np.full((height, width), 255, np.uint8))
    scaled = np.array(corners, np.float32) * np.array([width, height], np.float32)
    for y, x in np.argwhere(shown):
        inside = cv2.pointPolygonTest(scaled, (float(x) + 0.5, float(y) + 0.5), True)
        assert inside <= 0.01
