"""A person to draw: the head and shoulders cut softly out of a photograph, on a drawn body.

The layers are BGRA, uint8, premultiplied by their opacity, so that scaling, blurring and
laying over stay right at the edges.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.demo.approach import Box, Pose

Pixels = NDArray[np.uint8]

_HALF = 2.0
"""Half the layer's width, in face widths."""
_ABOVE, _BELOW = 1.5, 9.5
"""How far the layer reaches above and below the middle of the face, in face widths."""
_FACE_PX = 120
"""Face width that bodies are drawn at; a face that the photo shows larger is not enlarged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Portrait:
    """A BGR photo and where in it the person's face was detected."""

    person: str
    pixels: Pixels
    face: Box


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """Layers of one person, each half the size of the one before; ``face_px`` of the first."""

    layers: tuple[Pixels, ...]
    face_px: float
    height_per_width: float

    def layer(self, width_px: float) -> tuple[Pixels, float]:
        """The layer to draw a face of this width from, and the scale that remains."""
        index, scale = 0, width_px / self.face_px
        while scale < 0.5 and index + 1 < len(self.layers):
            index, scale = index + 1, scale * 2
        return self.layers[index], scale


def figure(portrait: Portrait) -> Figure:
    """Cut a person out of a photo around the face."""
    photo, face = portrait.pixels, portrait.face
    unit = float(_FACE_PX)
    width, height = round(2 * _HALF * unit), round((_ABOVE + _BELOW) * unit)
    scale = unit / face.width
    centre = (face.x + face.width / 2, face.y + face.height / 2)
    place = np.array(
        [
            [scale, 0, _HALF * unit - scale * centre[0]],
            [0, scale, _ABOVE * unit - scale * centre[1]],
        ]
    )
    picture = _warped(photo, place, (width, height))
    inside = _inside(photo, place, (width, height))
    mask = _cut_out(inside, unit, face.height / face.width)
    cloth = _cloth(picture, inside, unit)
    body = _body(cloth, width, height, unit)
    layer = _over(body, _premultiplied(picture, mask))
    layers = [layer]
    while layers[-1].shape[1] > 48:
        layers.append(np.asarray(cv2.pyrDown(layers[-1]), np.uint8))
    return Figure(layers=tuple(layers), face_px=unit, height_per_width=face.height / face.width)


def matrix(pose: Pose, scale: float, layer: Pixels) -> NDArray[np.float64]:
    """The 2x3 map from a layer to the frame that puts the face where the pose says."""
    anchor_x = layer.shape[1] / 2
    anchor_y = layer.shape[0] * _ABOVE / (_ABOVE + _BELOW)
    turned = np.asarray(
        cv2.getRotationMatrix2D((anchor_x, anchor_y), pose.tilt_deg, scale), np.float64
    )
    turned[:, 0] *= pose.squeeze
    shown = turned @ np.array([anchor_x, anchor_y, 1.0])
    turned[:, 2] += np.array([pose.x_px, pose.y_px]) - shown
    return turned


def _warped(photo: Pixels, place: NDArray[np.float64], size: tuple[int, int]) -> Pixels:
    cubic, edge = cv2.INTER_CUBIC, cv2.BORDER_REPLICATE
    return np.asarray(cv2.warpAffine(photo, place, size, flags=cubic, borderMode=edge), np.uint8)


def _inside(photo: Pixels, place: NDArray[np.float64], size: tuple[int, int]) -> Pixels:
    """255 where the layer shows the photo, 0 beyond its edges."""
    covered = np.full(photo.shape[:2], 255, np.uint8)
    return np.asarray(cv2.warpAffine(covered, place, size), np.uint8)


def _cut_out(inside: Pixels, unit: float, height_per_width: float) -> Pixels:
    """Head, neck and shoulders as a soft mask, no further than the photo reaches."""
    mask = np.zeros_like(inside)
    middle = (round(_HALF * unit), round(_ABOVE * unit))
    head = (round(0.86 * unit), round(0.86 * unit * height_per_width))
    cv2.ellipse(mask, (middle[0], middle[1] - round(0.12 * unit)), head, 0, 0, 360, 255, -1)
    shoulders = (middle[0], middle[1] + round(2.0 * unit))
    cv2.ellipse(mask, shoulders, (round(1.4 * unit), round(1.05 * unit)), 0, 180, 360, 255, -1)
    reach = cv2.erode(inside, np.ones((3, 3), np.uint8), iterations=round(0.12 * unit))
    feather = _odd(0.24 * unit)
    soft = cv2.GaussianBlur(cv2.bitwise_and(mask, reach), (feather, feather), 0)
    rows = np.arange(soft.shape[0]) / unit - _ABOVE
    fade = np.clip((2.0 - rows) / 0.6, 0.0, 1.0)
    return np.asarray(soft * fade[:, None], np.uint8)


def _cloth(picture: Pixels, inside: Pixels, unit: float) -> tuple[int, int, int]:
    """The colour that the photo shows below the chin, or grey where it ends before."""
    top, left = round((_ABOVE + 1.3) * unit), round((_HALF - 0.5) * unit)
    rows, columns = slice(top, top + round(0.5 * unit)), slice(left, left + round(unit))
    pixels = picture[rows, columns][inside[rows, columns] > 0]
    if len(pixels) == 0:
        return (92, 84, 80)
    blue, green, red = np.median(pixels, axis=0)
    return (int(blue), int(green), int(red))


def _body(cloth: tuple[int, int, int], width: int, height: int, unit: float) -> Pixels:
    """Neck, torso and legs as plain soft shapes."""
    mask = np.zeros((height, width), np.uint8)
    colour = np.empty((height, width, 3), np.uint8)
    colour[:] = cloth
    colour[round((_ABOVE + 5.0) * unit) :] = [value // 2 + 20 for value in (70, 55, 50)]
    outline = [(-0.4, 0.6), (0.4, 0.6), (0.5, 1.1), (1.45, 1.5), (1.5, 4.6), (1.05, 5.0)]
    outline += [(0.9, 9.4), (0.15, 9.4), (0.0, 5.8), (-0.15, 9.4), (-0.9, 9.4)]
    outline += [(-1.05, 5.0), (-1.5, 4.6), (-1.45, 1.5), (-0.5, 1.1)]
    corners = [((x + _HALF) * unit, (y + _ABOVE) * unit) for x, y in outline]
    cv2.fillPoly(mask, [np.array(corners, np.int32)], 255)
    soft = _odd(0.3 * unit)
    shade = np.asarray(cv2.GaussianBlur(mask, (0, 0), 0.35 * unit), np.uint8)
    shaded = _premultiplied(colour, shade)[..., :3]
    return _premultiplied(shaded, np.asarray(cv2.GaussianBlur(mask, (soft, soft), 0), np.uint8))


def _premultiplied(colour: Pixels, opacity: Pixels) -> Pixels:
    weighted = cv2.multiply(colour, cv2.merge([opacity] * 3), scale=1 / 255)
    return np.dstack([weighted, opacity]).astype(np.uint8)


def _over(below: Pixels, above: Pixels) -> Pixels:
    rest = cv2.merge([255 - above[..., 3]] * 4)
    return np.asarray(cv2.add(above, cv2.multiply(below, rest, scale=1 / 255)), np.uint8)


def _odd(size_px: float) -> int:
    return round(size_px) // 2 * 2 + 1
