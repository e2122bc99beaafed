"""A recorded camera: people drawn into a shop entrance, a sensor's noise, H.264 in MP4.

One frame is in memory at a time. The picture suffers what a door camera's does: the light
behind people who come in, the blur of a 1/50 s exposure, an exposure that follows what is
in the picture, noise, and the codec at 2.5 Mbit/s with two seconds between key frames.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from edge.demo.approach import FPS, HEIGHT_PX, WIDTH_PX, Approach, Pose, Truth, truth
from edge.demo.figure import Figure, Pixels, matrix
from edge.demo.scene import entrance

Progress = Callable[[int, int], None]
"""Called with the frames done and the frames there will be."""

BIT_RATE = 2_500_000
KEY_FRAME_EVERY = 2 * FPS
EXPOSURE_S = 1 / 50
NOISE_SIGMA = 3.5
"""Standard deviation of one pixel's luma noise, of 255: a small sensor in indoor light."""

# The fastest search of the encoder, for noise fills the bit rate anyway, but with the entropy
# coding and the deblocking that cameras use; on one thread, so that a clip can be repeated.
_X264: dict[str, object] = {
    "preset": "ultrafast",
    "x264-params": "cabac=1:deblock=0,0:threads=1",
    "g": str(KEY_FRAME_EVERY),
    "bf": "0",
    "maxrate": str(BIT_RATE),
    "bufsize": str(BIT_RATE),
}

_NOISES = 6


def render(
    path: Path,
    approaches: Sequence[Approach],
    figures: Mapping[str, Figure],
    *,
    frames: int,
    seed: int,
    progress: Progress = lambda done, total: None,
) -> tuple[Truth, ...]:
    """Write the clip and say what it shows. The same arguments give the same pictures."""
    with av.open(str(path), "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=FPS)
        stream.width, stream.height, stream.pix_fmt = WIDTH_PX, HEIGHT_PX, "yuv420p"
        stream.bit_rate = BIT_RATE
        stream.options = _X264
        for index, picture in enumerate(_pictures(approaches, figures, frames, seed)):
            frame = av.VideoFrame.from_ndarray(picture, format="yuv420p")
            frame.pts = index
            container.mux(stream.encode(frame))
            progress(index + 1, frames)
        container.mux(stream.encode())
    return tuple(truth(a, figures[a.person].height_per_width) for a in approaches)


def _pictures(
    approaches: Sequence[Approach], figures: Mapping[str, Figure], frames: int, seed: int
) -> Iterator[Pixels]:
    rng = random.Random(seed)
    noises = _noises(seed)
    background = entrance(seed)
    exposure = 1.0
    for frame in range(frames):
        picture = background.copy()
        present = [(a, pose) for a in approaches if (pose := a.pose(frame))]
        present.sort(key=lambda pair: pair[1].width_px)
        for approach, pose in present:
            draw(picture, figures[approach.person], pose, _blur(approach, frame))
        wanted = 1.0 - 0.0012 * sum(pose.width_px for _, pose in present)
        exposure += 0.15 * (max(wanted, 0.75) - exposure)
        yield _sensed(picture, exposure, noises[rng.randrange(_NOISES)], rng)


def draw(picture: Pixels, figure: Figure, pose: Pose, blur_px: tuple[float, float]) -> None:
    """Lay a person over a BGR picture, in place."""
    layer, scale = figure.layer(pose.width_px)
    place = matrix(pose, scale, layer)
    corners = np.array([[0, 0], [layer.shape[1], 0], [0, layer.shape[0]], layer.shape[1::-1]])
    shown = corners @ place[:, :2].T + place[:, 2]
    left, top = np.clip(np.floor(shown.min(axis=0)).astype(int), 0, (WIDTH_PX, HEIGHT_PX))
    right, bottom = np.clip(np.ceil(shown.max(axis=0)).astype(int), 0, (WIDTH_PX, HEIGHT_PX))
    if right <= left or bottom <= top:
        return
    place[:, 2] -= (left, top)
    person = cv2.warpAffine(layer, place, (int(right - left), int(bottom - top)))
    kernel = _line(*blur_px)
    if kernel is not None:
        person = cv2.filter2D(person, -1, kernel)
    if pose.opacity < 1:
        person = cv2.convertScaleAbs(person, alpha=pose.opacity)
    below = picture[top:bottom, left:right]
    rest = cv2.merge([255 - person[..., 3]] * 3)
    lit = cv2.convertScaleAbs(person[..., :3], alpha=pose.light)
    below[:] = cv2.add(cv2.multiply(below, rest, scale=1 / 255), lit)


def _blur(approach: Approach, frame: int) -> tuple[float, float]:
    """How far the face moves, in px, while the shutter is open."""
    before, after = approach.pose(frame), approach.pose(frame + 0.5)
    if before is None or after is None:
        return (0.0, 0.0)
    share = EXPOSURE_S * FPS / 0.5
    return (share * (after.x_px - before.x_px), share * (after.y_px - before.y_px))


def _line(across_px: float, down_px: float) -> NDArray[np.float32] | None:
    """A kernel that smears along a line, None below two pixels' length."""
    length = float(np.hypot(across_px, down_px))
    if length < 1.0:
        return None
    size = min(round(length), 40) // 2 * 2 + 3
    kernel = np.zeros((size, size), np.float32)
    middle, half = size // 2, min(length, 40.0) / 2
    step = np.array([across_px, down_px]) / length * half
    ends = [tuple(np.round((middle + sign * step) * 16).astype(int).tolist()) for sign in (-1, 1)]
    cv2.line(kernel, ends[0], ends[1], 1.0, 1, cv2.LINE_8, 4)
    return np.asarray(kernel / kernel.sum(), np.float32)


def _noises(seed: int) -> list[NDArray[np.int16]]:
    rng = np.random.default_rng(seed)
    shape = (HEIGHT_PX + 64, WIDTH_PX + 64)
    return [np.rint(rng.normal(0, NOISE_SIGMA, shape)).astype(np.int16) for _ in range(_NOISES)]


def _sensed(
    picture: Pixels, exposure: float, noise: NDArray[np.int16], rng: random.Random
) -> Pixels:
    """What the sensor gives, as planes of YUV 4:2:0: exposed, with noise that never repeats."""
    exposed = cv2.convertScaleAbs(picture, alpha=exposure)
    planes = np.asarray(cv2.cvtColor(exposed, cv2.COLOR_BGR2YUV_I420), np.uint8)
    top, left = rng.randrange(64), rng.randrange(64)
    part = noise[top : top + HEIGHT_PX, left : left + WIDTH_PX]
    planes[:HEIGHT_PX] = cv2.add(planes[:HEIGHT_PX], part, dtype=cv2.CV_8U)
    return planes
