"""Faces at a door, drawn plainly: photographs that installed packages carry, on a grey wall."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from edge.camera.frame import BgrPicture, Frame
from edge.camera.mask import Mask
from edge.demo.people import enrollment_photos, photographs
from edge.domain import Sighting, Template
from edge.vision.link import FromVision, Judged, Saw, TrackEnded
from edge.vision.packs import Pack, load
from edge.vision.pipeline import Pipeline
from edge.vision.presentation import AttackCheck
from edge.vision.tally import Tally

Picture = NDArray[np.uint8]
RATE = 15
WIDTH, HEIGHT = 1280, 720
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
SECRET = bytes(range(32))


@dataclass(frozen=True, slots=True)
class Person:
    """A face to draw, 480x480 with the face 200 px wide, and photos to enrol it with."""

    name: str
    photos: list[bytes]

    def placed(self, x: float, y: float, width: float) -> tuple[Picture, int, int]:
        """The picture with its face ``width`` px wide, and where its corner goes."""
        square = cv2.imdecode(np.frombuffer(self.photos[0], np.uint8), cv2.IMREAD_COLOR)
        side = round(480 * width / 200)
        scaled = cv2.resize(square, (side, side), interpolation=cv2.INTER_AREA)
        return np.asarray(scaled, np.uint8), round(x - side / 2), round(y - side / 2)


def people(pack: Pack) -> list[Person]:
    """Everyone in the sample photographs."""
    return [Person(p.person, enrollment_photos(p)) for p in photographs(pack.detect)]


def default_pack(models_dir: Path) -> Pack:
    return load("yunet-sface", models_dir, [])


def scene(*faces: tuple[Person, float, float, float]) -> Picture:
    """A 1280x720 picture with each person's face centred at x, y and so many pixels wide."""
    picture = np.full((HEIGHT, WIDTH, 3), 110, np.uint8)
    for person, x, y, width in faces:
        face, left, top = person.placed(x, y, width)
        part = picture[max(top, 0) : top + len(face), max(left, 0) : left + len(face)]
        part[:] = face[max(-top, 0) :, max(-left, 0) :][: part.shape[0], : part.shape[1]]
    return picture


def walk(person: Person, frames: int, width: float = 90) -> Iterator[Picture]:
    """The face wanders to the right."""
    for number in range(frames):
        yield scene((person, 400 + 4 * number, 300, width))


def encode(path: Path, pictures: Iterable[Picture]) -> Path:
    """An H.264 clip."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=RATE, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for picture in pictures:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="bgr24")))
        container.mux(stream.encode())
    return path


@dataclass
class Door:
    """A pipeline at one or more cameras, its time, and everything that it reported."""

    pack: Pack
    cameras: tuple[str, ...] = ("door",)
    min_face_px: int = 48
    now_s: float = 0.0
    said: list[FromVision] = field(default_factory=list)
    tally: Tally = field(default_factory=Tally)
    attacks: AttackCheck | None = None

    def __post_init__(self) -> None:
        self.pipeline = Pipeline(
            pack=self.pack,
            min_face_px=self.min_face_px,
            rotation_secret=SECRET,
            camera_ids=self.cameras,
            report=self.said.append,
            tally=self.tally,
            attacks=self.attacks,
        )

    def show(
        self, pictures: Iterable[Picture], mask: Mask | None = None, camera_id: str = "door"
    ) -> list[FromVision]:
        """Play pictures at 15 a second; what was reported meanwhile."""
        before = len(self.said)
        for picture in pictures:
            self.now_s += 1 / RATE
            self.pipeline.look(
                Frame(
                    camera_id=camera_id,
                    decoded=BgrPicture(picture),
                    mask=mask or Mask(),
                    captured_at=NOON + timedelta(seconds=self.now_s),
                    at_s=self.now_s,
                )
            )
            self.pipeline.tick(self.now_s)
        return self.said[before:]

    def enrol(self, person: Person, member_id: str) -> list[FromVision]:
        """Judge the person's photos and put them into the gallery; what that led to."""
        templates = []
        for number, photo in enumerate(person.photos):
            self.pipeline.judge_photo(number, photo)
            answer = self.said.pop()
            assert isinstance(answer, Judged)
            templates.append(template(answer, member_id, f"{member_id}-{number}"))
        before = len(self.said)
        self.pipeline.add_templates(templates)
        return self.said[before:]


def template(answer: Judged, member_id: str, template_id: str) -> Template:
    """What the store would keep of a judged photo."""
    assert answer.probe is not None, f"refused: {answer.fault}"
    return Template(
        id=template_id,
        member_id=member_id,
        consent_id="consent",
        model=answer.probe.model,
        vector=answer.probe.vector,
        quality=answer.probe.quality,
        made_at=NOON,
    )


def sightings(said: Iterable[FromVision]) -> list[Sighting]:
    return [message.sighting for message in said if isinstance(message, Saw)]


def ended(said: Iterable[FromVision]) -> list[str]:
    return [message.track_id for message in said if isinstance(message, TrackEnded)]


def passed(said: Iterable[FromVision]) -> int:
    """How many people went by."""
    return sum(isinstance(message, TrackEnded) and message.passed for message in said)


def named(sighting: Sighting, pack: Pack) -> str | None:
    """The member whom a sighting shows at the pack's threshold."""
    best = sighting.candidates[0] if sighting.candidates else None
    return best.member_id if best is not None and best.score >= pack.threshold else None
