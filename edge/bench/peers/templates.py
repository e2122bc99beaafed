"""A peer's gallery: every template of everybody in one matrix, and the nearest by cosine."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.bench.cast import ENROLLED_PHOTOS
from edge.bench.peers.peer import Face, Peer


@dataclass(frozen=True, slots=True)
class Match:
    """Whose template is nearest, and its cosine."""

    name: str
    score: float


class Templates:
    """Whose each row is, and the rows, f32 [n, dim], of length 1."""

    def __init__(self, names: Sequence[str], rows: Sequence[NDArray[np.float32]]) -> None:
        self.names = tuple(names)
        self._matrix = np.stack(rows) if rows else np.empty((0, 0), np.float32)

    def nearest(self, face: Face) -> Match | None:
        """The best of all templates; None where there is none."""
        if not self.names:
            return None
        scores = self._matrix @ face.embedding
        best = int(np.argmax(scores))
        return Match(self.names[best], float(scores[best]))


def enroll(peer: Peer, photos: Mapping[str, Sequence[bytes]]) -> Templates:
    """The middle face of everybody's first photos that show one; as many as we enroll."""
    found = [
        (name, embedding)
        for name, encoded in photos.items()
        for embedding in islice(_embeddings(peer, encoded), ENROLLED_PHOTOS)
    ]
    return Templates([name for name, _ in found], [embedding for _, embedding in found])


def _embeddings(peer: Peer, photos: Sequence[bytes]) -> Iterator[NDArray[np.float32]]:
    for photo in photos:
        bgr = np.asarray(cv2.imdecode(np.frombuffer(photo, np.uint8), cv2.IMREAD_COLOR), np.uint8)
        face = middle_face(peer.faces(bgr), bgr.shape[1], bgr.shape[0])
        if face is not None:
            yield face.embedding


def middle_face(faces: Sequence[Face], width_px: int, height_px: int) -> Face | None:
    """The face whose centre is nearest to the picture's, in which its person stands."""

    def off_centre(face: Face) -> float:
        left, top, right, bottom = face.box.tolist()
        return math.hypot((left + right - width_px) / 2, (top + bottom - height_px) / 2)

    return min(faces, key=off_centre, default=None)
