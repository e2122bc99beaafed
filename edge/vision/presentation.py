"""Does a person stand there, or is a face held up on paper or a screen?

Presentation attack detection (ISO/IEC 30107) with MiniFASNet (Minivision,
Silent-Face-Anti-Spoofing): two small networks see a face with its surroundings, where the edge of
a sheet or the frame of a phone shows, and paper's and screens' texture. Which class of their three
is the person, the colour order and the range of values were found by measurement: ``tests/golden``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.camera.frame import Frame
from edge.domain import Candidate
from edge.vision.choice import Exam, choose, photographs, within
from edge.vision.detection import Detector
from edge.vision.execution import EXECUTIONS, Execution, Runner
from edge.vision.failover import Chosen
from edge.vision.models import InputContract, read_manifest, verify
from edge.vision.shots import BestShots

BONA_FIDE = 1
"""The class of a person; 0 and 2 are attacks of two kinds."""
SAME_SCORE = 0.99
"""Least agreement between ways of running a network: 1 less the furthest that a score moved.

bf16 moves scores by up to 0.04, other libraries in f32 by 0.000001.
"""


class AttackDetector(Protocol):
    """Tells a person from a picture of one."""

    def bona_fide(self, bgr: NDArray[np.uint8], box: NDArray[np.float32]) -> float:
        """How likely a person stands there, in [0, 1], for a face in a picture.

        ``bgr`` is uint8 [h, w, 3], blue first, ``box`` float32 [4] as left, top, right, bottom.
        """


@dataclass(frozen=True, slots=True)
class Seen:
    """A picture behind a sighting: the frame, the face in it (as ``AttackDetector`` wants it), and
    the picture's quality in (0, 1]."""

    frame: Frame
    box: NDArray[np.float32]
    quality: float


class AttackCheck:
    """Looks at the shots that would raise an alert.

    ``score`` is the least that does; whoever decides by another one says so here, or faces between
    the two stay unchecked, and so nobody.
    ``models`` know how the detector's networks are run on this machine.
    """

    def __init__(
        self, detector: AttackDetector, score: float, models: Sequence[Chosen] = ()
    ) -> None:
        self.models = models
        self._detector = detector
        self.score = score

    def concerns(self, candidates: Sequence[Candidate]) -> bool:
        """Whether somebody may be named."""
        return bool(candidates) and candidates[0].score >= self.score

    def look(self, shots: BestShots, seen: Seen | None) -> None:
        """Check what was seen; with nothing new to see, and nothing checked yet, see to it soon.

        The gallery may have changed since the face was photographed: no picture of it is kept.
        """
        if seen is not None:
            shots.checked(self._detector.bona_fide(seen.frame.full, seen.box), seen.quality)
        elif shots.bona_fide is None:
            shots.check_next()


class MiniFasNet:
    """One network: an ``AttackDetector``."""

    def __init__(self, runner: Runner, contract: InputContract) -> None:
        assert contract.crop is not None, "the manifest says how much it wants to see"
        assert contract.size_px is not None, "the manifest says how large its input is"
        self._runner = runner
        self._crop = contract.crop
        self._side_px = contract.size_px

    def bona_fide(self, bgr: NDArray[np.uint8], box: NDArray[np.float32]) -> float:
        """See ``AttackDetector``."""
        seen = surroundings(bgr, box, self._crop)
        small = cv2.resize(seen, (self._side_px, self._side_px))
        blob = np.ascontiguousarray(small.transpose(2, 0, 1)[None], np.float32)
        logits = self._runner.run(blob)[0][0]
        odds = np.exp(logits - logits.max())
        return float(odds[BONA_FIDE] / odds.sum())


class Jury:
    """Several networks: an ``AttackDetector`` by the mean of their scores.

    ``models`` know how each is run on this machine.
    """

    def __init__(self, members: Sequence[AttackDetector], models: Sequence[Chosen]) -> None:
        self._members = members
        self.models = models

    def bona_fide(self, bgr: NDArray[np.uint8], box: NDArray[np.float32]) -> float:
        """See ``AttackDetector``."""
        return float(np.mean([member.bona_fide(bgr, box) for member in self._members]))


def load(
    models_dir: Path, detector: Detector, executions: Sequence[Execution] = EXECUTIONS
) -> Jury:
    """Verify, prepare and load the networks, which must have been fetched.

    ``detector`` finds the faces of the pictures that ways of running are compared on. Raises
    ``ModelError`` for a missing or altered file.
    """
    chosen = [
        choose(file, verify(file, models_dir), _exam(file.input, detector), executions)
        for file in read_manifest().attack_files()
    ]
    return Jury([member for member, _ in chosen], [model for _, model in chosen])


def surroundings(
    bgr: NDArray[np.uint8], box: NDArray[np.float32], times: float
) -> NDArray[np.uint8]:
    """What a picture shows around a face, ``times`` its box and centred on it.

    Shrunk where the picture is smaller than that, and moved where it ends: as the networks were
    trained.
    """
    height, width = bgr.shape[:2]
    size = np.maximum(box[2:] - box[:2], 1.0)
    times = min(times, (width - 1) / float(size[0]), (height - 1) / float(size[1]))
    room = np.array([width - 1, height - 1]) - size * times
    left, top = np.clip((box[:2] + box[2:] - size * times) / 2, 0.0, room).astype(int)
    right, bottom = (np.array([left, top]) + size * times).astype(int)
    return bgr[top : bottom + 1, left : right + 1]


def _exam(contract: InputContract, detector: Detector) -> Exam[MiniFasNet, list[float]]:
    """A network must give the same scores to the faces of the sample photographs."""
    pictures = [within(picture) for picture in photographs()]
    faces = [(picture, box) for picture in pictures for box in detector.detect(picture).boxes]
    return Exam(
        build=lambda runner: MiniFasNet(runner, contract),
        answer=lambda network: [network.bona_fide(*face) for face in faces],
        agreement=lambda known, given: 1.0 - float(np.abs(np.subtract(known, given)).max()),
        least=SAME_SCORE,
        samples=len(faces),
    )
