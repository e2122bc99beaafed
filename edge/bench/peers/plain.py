"""The default pack's published files as OpenCV's own classes run them, on every whole frame."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np

from edge.bench.peers.peer import Face, Picture, Setting
from edge.vision.models import check_licences, read_manifest, verify
from edge.vision.unit import normalise

PACK = "yunet-sface"
NMS_IOU = 0.3
MOST_FACES = 5000
"""``FaceDetectorYN``'s defaults, as its example has them."""


class Plain:
    """A ``Peer``: ``FaceDetectorYN``, ``FaceRecognizerSF.alignCrop`` and ``feature``."""

    def __init__(
        self, detector: cv2.FaceDetectorYN, recogniser: cv2.FaceRecognizerSF, threshold: float
    ) -> None:
        self._detector = detector
        self._recogniser = recogniser
        self.threshold = threshold

    def faces(self, bgr: Picture) -> list[Face]:
        """See ``Peer``."""
        self._detector.setInputSize((bgr.shape[1], bgr.shape[0]))
        _, rows = self._detector.detect(bgr)
        # Without a face OpenCV gives None, whatever its stubs say.
        return [self._face(bgr, np.asarray(row)) for row in (() if rows is None else rows)]

    def _face(self, bgr: Picture, row: np.ndarray[tuple[int], np.dtype[np.float32]]) -> Face:
        left, top, width, height = row[:4]
        crop = self._recogniser.alignCrop(bgr, row)
        embedding = np.array(self._recogniser.feature(crop), np.float32)
        box = np.array([left, top, left + width, top + height], np.float32)
        return Face(box, normalise(embedding)[0])


@contextmanager
def opened(setting: Setting, models_dir: Path, accepted_licences: Sequence[str]) -> Iterator[Plain]:
    """Ready to be asked. Raises ``ModelError`` for files or licence."""
    manifest = read_manifest()
    check_licences(manifest, PACK, list(accepted_licences))
    entry = manifest.pack(PACK)
    detector, recogniser = (str(verify(f, models_dir)) for f in manifest.files_of(PACK))
    setting.apply_to_opencv()
    least = entry.min_detection_score
    yield Plain(
        cv2.FaceDetectorYN.create(detector, "", (320, 320), least, NMS_IOU, MOST_FACES),
        cv2.FaceRecognizerSF.create(recogniser, ""),
        entry.calibration.threshold,
    )
