"""How many members are found, and how many strangers named, on a folder of labelled photos.

Through the shop's own parts: decoding, detection, closer looks, alignment, embedding, rotation,
gallery. A peer sees the same photos in the same run; its gallery, too, holds the mean of a
member's photos, which serves it better than the nearest of them. ``edge.bench.open_set`` is the
protocol.
"""

from __future__ import annotations

import os
import secrets
import tempfile
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.bench import peers
from edge.bench.cast import GALLERY, cast
from edge.bench.open_set import Embedding, Found, People, Scores, enroll, search, sort_people
from edge.camera import image
from edge.rules.rotation import orthogonal
from edge.vision import packs
from edge.vision.packs import Pack
from edge.vision.photo import embed, find
from edge.vision.sources import Progress

Answer = dict[str, int | float | str]

_LONGEST_PX = 1600


def run(
    faces: Path | None,
    shots: int,
    pack_name: str,
    models_dir: Path,
    progress: Progress,
    accepted_licences: Sequence[str] = (),
    peer: str | None = None,
) -> Answer:
    """Measure a pack on ``faces`` (``PERSON/*.jpg``); the pack's files must have been fetched.

    Without a folder the demo's faces take part, all photos of a person made from one: that shows
    that everything works, not how well. ``peer`` names one of ``edge.bench.peers``. Raises
    ``ConfigError`` for a folder without members or strangers, ``ModelError`` for a pack that
    cannot be used.
    """
    pack = packs.load(pack_name, models_dir, list(accepted_licences))
    with tempfile.TemporaryDirectory(prefix="regulars-") as folder:
        if faces is None:
            faces = Path(folder)
            lay_out_demo(faces, pack)
        people = sort_people(faces, shots)
        answer = measure(pack, people, shots, progress)
        if peer is not None:
            with peers.opened(peer, peers.AS_IT_COMES, models_dir, accepted_licences) as other:
                answer |= compare(peer, other, people, progress)
        return answer


def measure(pack: Pack, people: People, shots: int, progress: Progress) -> Answer:
    """Rates are shares of 1; ``images_per_s`` is by the wall clock, on all cores."""
    rotation = orthogonal(secrets.token_bytes(32), pack.dim)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        started = time.monotonic()
        found = _all(pool.map(lambda p: _ours(pack, p), people.photos), people, "photos", progress)
        images_per_s = len(found) / (time.monotonic() - started)
    found = {path: None if e is None else rotation @ e for path, e in found.items()}
    gallery = enroll(people, found, pack.dim, pack.model)
    scores = search(gallery, people, found)
    return {
        "gallery": len(gallery),
        "probes": len(people.probes),
        "impostors": len(people.strangers),
        "shots": shots,
        **_rates(scores),
        "images_per_s": round(images_per_s, 1),
    }


def compare(name: str, peer: peers.Peer, people: People, progress: Progress) -> Answer:
    """A peer's rates on the same photos."""
    seen = (_theirs(peer, path) for path in people.photos)
    found = _all(seen, people, f"photos for {name}", progress)
    dim = next(len(embedding) for embedding in found.values() if embedding is not None)
    rates = _rates(search(enroll(people, found, dim, name), people, found))
    return {"peer": name, **{f"peer_{key}": rate for key, rate in rates.items()}}


def lay_out_demo(folder: Path, pack: Pack) -> None:
    """The demo's regulars with three photos and a mirrored one, its strangers with one."""
    people = cast(None, 2 * GALLERY, pack.detect)
    for person in people.members:
        upright = cv2.imdecode(np.frombuffer(person.photos[0], np.uint8), cv2.IMREAD_COLOR)
        mirrored = cv2.imencode(".jpg", cv2.flip(np.asarray(upright), 1))[1].tobytes()
        _lay_out(folder / person.name, (*person.photos, mirrored))
    for person in people.strangers:
        _lay_out(folder / person.name, person.photos[:1])


def _lay_out(folder: Path, photos: Sequence[bytes]) -> None:
    folder.mkdir()
    for number, photo in enumerate(photos):
        (folder / f"{number}.jpg").write_bytes(photo)


def _rates(scores: Scores) -> dict[str, int | float]:
    at_1e2, at_1e3 = scores.threshold(1e-2), scores.threshold(1e-3)
    return {
        "rank1": scores.rank1,
        "tpir_at_fpir_1e2": scores.tpir(at_1e2),
        "tpir_at_fpir_1e3": scores.tpir(at_1e3),
        "missed_at_fpir_1e2": scores.missed(at_1e2),
        "missed_at_fpir_1e3": scores.missed(at_1e3),
        "threshold_at_fpir_1e2": round(at_1e2, 4),
        "threshold_at_fpir_1e3": round(at_1e3, 4),
    }


def _all(
    embeddings: Iterable[Embedding | None], people: People, what: str, progress: Progress
) -> Found:
    found: Found = {}
    photos = people.photos
    for path, embedding in zip(photos, embeddings, strict=True):
        found[path] = embedding
        progress(what, len(found), len(photos))
    return found


def _ours(pack: Pack, path: Path) -> Embedding | None:
    """The embedding of the person a photo is of, or None where no face is found."""
    bgr = _read(path)
    found = None if bgr is None else find(pack, bgr)
    if bgr is None or not found:
        return None
    return embed(pack, bgr, found.landmarks[_main_face(found.boxes, bgr)])


def _theirs(peer: peers.Peer, path: Path) -> Embedding | None:
    bgr = _read(path)
    faces = [] if bgr is None else peer.faces(bgr)
    if bgr is None or not faces:
        return None
    return faces[_main_face(np.stack([face.box for face in faces]), bgr)].embedding


def _read(path: Path) -> NDArray[np.uint8] | None:
    bgr = image.decode(path.read_bytes(), _LONGEST_PX)
    return bgr if isinstance(bgr, np.ndarray) else None


def _main_face(boxes: NDArray[np.float32], bgr: NDArray[np.uint8]) -> int:
    """The face in the middle: press photos are cut around the person they name."""
    height, width = bgr.shape[:2]
    centres, widths = (boxes[:, :2] + boxes[:, 2:]) / 2, boxes[:, 2] - boxes[:, 0]
    away = np.hypot(centres[:, 0] - width / 2, centres[:, 1] - height / 2)
    return int(np.argmin(away - widths))
