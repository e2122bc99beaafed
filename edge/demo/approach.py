"""How a person walks up to the camera: a pinhole camera and a steady walk, as pure geometry.

The face's width in the picture follows from its distance, so an approach spends as long
at each size as a walking person would. What is rendered and what is known about it (the
truth) come from the same poses.
"""

from __future__ import annotations

import math
import random
from collections.abc import Mapping
from dataclasses import dataclass

WIDTH_PX = 1280
HEIGHT_PX = 720
FPS = 15

FACE_M = 0.15
"""Width of a face as a detector boxes it."""
FOCAL_PX = 900.0
"""71 degrees of horizontal view at 1280 px: an ordinary door camera."""
HORIZON_PX = 290.0
ABOVE_FACES_M = 0.10
"""The camera looks from a little above the faces, so they sink as they come near."""
USABLE_PX = 60
"""Latency is counted from the first frame that shows the face this wide."""

_STEPS_HZ = 1.8
_BOB_M = 0.022
_SWAY_M = 0.030
_FADE_FRAMES = 4
_LEAVES_M_S = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pose:
    """A face in one frame: its centre and box width in px, tilt in degrees.

    ``squeeze`` (0..1] narrows the face as a slight turn of the head does, ``light`` is the
    share of the light that falls on it, ``opacity`` is below 1 while it comes through the door.
    """

    x_px: float
    y_px: float
    width_px: float
    tilt_deg: float
    squeeze: float
    light: float
    opacity: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """Left, top, width and height in px of the frame."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Approach:
    """One person's walk from ``far_px`` to ``near_px`` of face width, and past the camera."""

    person: str
    start_frame: int
    far_px: float = 24.0
    near_px: float = 180.0
    speed_m_s: float = 1.3
    from_m: float = 0.0
    to_m: float = 0.0
    leaves_to: int = 1
    phase: float = 0.0

    @property
    def walk_s(self) -> float:
        """Seconds from far to near."""
        return FOCAL_PX * FACE_M * (1 / self.far_px - 1 / self.near_px) / self.speed_m_s

    @property
    def end_frame(self) -> int:
        """The first frame in which the person is gone."""
        width_m = (WIDTH_PX / 2 + 2 * self.near_px) * FACE_M / self.near_px
        leave_s = (width_m - self.to_m * self.leaves_to) / _LEAVES_M_S
        return self.start_frame + math.ceil((self.walk_s + leave_s) * FPS)

    def pose(self, frame: float) -> Pose | None:
        """Where the face is; fractions of a frame are between two frames. None when gone."""
        if not self.start_frame <= frame < self.end_frame:
            return None
        t_s = (frame - self.start_frame) / FPS
        walked = min(t_s / self.walk_s, 1.0)
        distance_m = FOCAL_PX * FACE_M / self.far_px * (1 - walked)
        distance_m += FOCAL_PX * FACE_M / self.near_px * walked
        px_per_m = FOCAL_PX / distance_m
        aside_m = self.from_m + (self.to_m - self.from_m) * walked
        aside_m += self.leaves_to * _LEAVES_M_S * max(t_s - self.walk_s, 0.0)
        step = 2 * math.pi * _STEPS_HZ * t_s + self.phase
        turn = math.radians(14) * math.sin(0.7 * t_s * 2 + self.phase)
        return Pose(
            x_px=WIDTH_PX / 2 + px_per_m * (aside_m + _SWAY_M * math.sin(step / 2)),
            y_px=HORIZON_PX + px_per_m * (ABOVE_FACES_M + _BOB_M * math.sin(step)),
            width_px=px_per_m * FACE_M,
            tilt_deg=4.0 * math.sin(step / 2 + 0.6) + 2.0 * math.sin(t_s + self.phase),
            squeeze=math.cos(turn),
            light=0.62 + 0.38 * walked,
            opacity=min((frame - self.start_frame + 1) / _FADE_FRAMES, 1.0),
        )


def drawn(rng: random.Random, person: str, start_frame: int, *, aside_m: float = 0.0) -> Approach:
    """An approach as people vary: pace, path, how near they come and to which side they leave."""
    return Approach(
        person=person,
        start_frame=start_frame,
        near_px=rng.uniform(160, 220) if aside_m == 0 else rng.uniform(120, 150),
        speed_m_s=rng.uniform(1.1, 1.5),
        from_m=aside_m + rng.uniform(-0.4, 0.4),
        to_m=aside_m + rng.uniform(-0.08, 0.08),
        leaves_to=(1 if aside_m > 0 else -1) if aside_m else rng.choice((-1, 1)),
        phase=rng.uniform(0, 2 * math.pi),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """What is known about one approach of a clip.

    ``boxes`` holds the face's box for each frame in which its centre is in the picture;
    ``usable_frame`` is the first of them at least ``USABLE_PX`` wide, None if none is.
    """

    person: str
    start_frame: int
    end_frame: int
    usable_frame: int | None
    boxes: Mapping[int, Box]


def truth(approach: Approach, height_per_width: float) -> Truth:
    """The truth of an approach of a face whose box is ``height_per_width`` times as high."""
    boxes: dict[int, Box] = {}
    for frame in range(approach.start_frame, approach.end_frame):
        pose = approach.pose(frame)
        if pose and 0 <= pose.x_px < WIDTH_PX and 0 <= pose.y_px < HEIGHT_PX:
            width, height = pose.width_px * pose.squeeze, pose.width_px * height_per_width
            boxes[frame] = Box(
                x=pose.x_px - width / 2, y=pose.y_px - height / 2, width=width, height=height
            )
    usable = (frame for frame, box in boxes.items() if box.width >= USABLE_PX)
    return Truth(
        person=approach.person,
        start_frame=approach.start_frame,
        end_frame=approach.end_frame,
        usable_frame=next(usable, None),
        boxes=boxes,
    )
