"""The product's own path from recorded cameras to decisions, as fast as the machine can.

Cameras, frames, gate, detection, tracks, shots, embeddings, search and the decision are the
gateway's own code; only the clock is another: it is a recording's, in which waiting takes no time
but lets it pass. So nothing is skipped and nothing is dropped that a live door would not skip.
"""

from __future__ import annotations

import heapq
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import av.logging
import cv2

from edge.bench.cast import ENROLLED_PHOTOS
from edge.bench.scoring import Alert
from edge.camera import Mailbox
from edge.camera.frame import Frame
from edge.camera.mask import Mask
from edge.camera.reader import frames
from edge.config import CameraConfig, RecognitionConfig
from edge.domain import Recognised, Template, new_id
from edge.rules.identity import Thresholds, recognise, same_person
from edge.vision.inference import assembled, census_of
from edge.vision.link import FromVision, Judged, Saw, Start
from edge.vision.tally import Tally

BEGAN_AT = datetime(2026, 1, 1, tzinfo=UTC)
"""What a recording's clock shows at its first frame."""


class RecordingClock:
    """A ``Clock`` that stands still until somebody waits."""

    def __init__(self) -> None:
        self._now_s = 0.0

    def monotonic(self) -> float:
        """See ``Clock``."""
        return self._now_s

    def now(self) -> datetime:
        """See ``Clock``."""
        return BEGAN_AT + timedelta(seconds=self._now_s)

    def wait(self, seconds: float) -> bool:
        """See ``Clock``; nobody tells a benchmark's reader to stop."""
        self._now_s += seconds
        return False


class Watch:
    """A pipeline with its gallery, and whom it named when."""

    def __init__(
        self,
        recognition: RecognitionConfig,
        models_dir: Path,
        clips: Mapping[str, Path],
        *,
        loop: bool = False,
    ) -> None:
        """``loop``: the clips are played again and again. Raises ``ModelError``."""
        # As in the vision process.
        cv2.setNumThreads(1)
        av.logging.set_level(None)
        self._cameras = [
            CameraConfig(id=camera_id, source=str(clip), loop=loop)
            for camera_id, clip in clips.items()
        ]
        start = Start(
            cameras=self._cameras,
            recognition=recognition,
            models_dir=str(models_dir),
            rotation_secret=secrets.token_bytes(32),
        )
        models, self._pipeline = assembled(start, self._hear, Tally())
        self._census = census_of(recognition, self._pipeline.gallery)
        self._thresholds = Thresholds(score=models.threshold, margin=recognition.margin)
        self._judged: Judged | None = None
        self.alerts: list[Alert] = []

    def enroll(self, photos: Mapping[str, Sequence[bytes]]) -> frozenset[str]:
        """Take the first usable photos of everybody, as an enrollment does; gives who came in."""
        return frozenset(name for name, encoded in photos.items() if self._enroll(name, encoded))

    def play(self) -> Iterator[Frame]:
        """Look at every frame of all cameras in the order of time; gives each before its look."""
        mailbox = Mailbox()
        self._census.changed(0.0)
        streams = [
            frames(c, Mask(), RecordingClock(), _unheard, partial(mailbox.is_quiet, c.id))
            for c in self._cameras
        ]
        for frame in heapq.merge(*streams, key=lambda frame: frame.at_s):
            yield frame
            busy = self._pipeline.look(frame)
            mailbox.call_quiet(frame.camera_id, not busy)
            self._pipeline.tick(frame.at_s)
            calibrated = self._census.turn(frame.at_s)
            if calibrated is not None:
                self._pipeline.name_from(calibrated.threshold)
                self._thresholds = replace(self._thresholds, score=calibrated.threshold)

    def _enroll(self, name: str, photos: Sequence[bytes]) -> bool:
        own: list[bytes] = []
        for photo in photos:
            self._pipeline.judge_photo(0, photo)
            assert self._judged is not None
            probe = self._judged.probe
            if probe is None or not same_person(probe.vector, own, self._thresholds):
                continue
            self._pipeline.add_templates([_template(name, probe.model, probe.vector)])
            own.append(probe.vector)
            if len(own) == ENROLLED_PHOTOS:
                break
        return bool(own)

    def _hear(self, message: FromVision) -> None:
        match message:
            case Saw(sighting=sighting):
                decided = recognise(sighting, self._thresholds)
                if isinstance(decided, Recognised):
                    alert = Alert(sighting.camera_id, decided.member_id, sighting.seen_at)
                    self.alerts.append(alert)
            case Judged():
                self._judged = message
            case _:
                pass


def _template(name: str, model: str, vector: bytes) -> Template:
    return Template(
        id=new_id(),
        member_id=name,
        consent_id="",
        model=model,
        vector=vector,
        quality=1.0,
        made_at=BEGAN_AT,
    )


def _unheard(seconds: float, frames: int) -> None:
    """The readers' account of their decoding is not needed: the process is measured."""
