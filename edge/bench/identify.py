"""How many members are found, and how many strangers named, on a folder of labelled photos.

The open-set protocol of ISO/IEC 19795 and NIST FRTE 1:N, through the shop's own parts: decoding,
detection, alignment, embedding, rotation, gallery. People with more photos than ``shots`` are
members: their first photos by name are enrolled, the others are probes. People with one photo
are strangers. A photo without a face is left out of enrollment, is a miss as a probe, and names
nobody as a stranger.
"""

from __future__ import annotations

import os
import secrets
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.bench.cast import GALLERY, cast
from edge.camera import image
from edge.domain import Candidate, Template, new_id
from edge.errors import ConfigError
from edge.rules.rotation import orthogonal
from edge.vision import packs
from edge.vision.detection import Detections
from edge.vision.gallery import Gallery
from edge.vision.packs import Pack
from edge.vision.photo import find
from edge.vision.sources import Progress

Embedding = NDArray[np.float32]
Found = dict[Path, Embedding | None]
"""Each photo's embedding, rotated, or None where no face was found."""

NOT_FOUND = -1.0
_LONGEST_PX = 1600


@dataclass(frozen=True, slots=True)
class People:
    """Photos by the part they play; probes carry the member they show."""

    enrolled: dict[str, list[Path]]
    probes: list[tuple[str, Path]]
    strangers: list[Path]


def run(
    faces: Path | None,
    shots: int,
    pack_name: str,
    models_dir: Path,
    progress: Progress,
    accepted_licences: Sequence[str] = (),
) -> dict[str, int | float]:
    """Measure a pack on ``faces`` (``PERSON/*.jpg``); the pack's files must have been fetched.

    Without a folder the demo's faces take part, all photos of a person made from one: that shows
    that everything works, not how well. Raises ``ConfigError`` for a folder without members or
    strangers, ``ModelError`` for a pack that cannot be used.
    """
    pack = packs.load(pack_name, models_dir, list(accepted_licences))
    if faces is not None:
        return measure(pack, sort_people(faces, shots), shots, progress)
    with tempfile.TemporaryDirectory(prefix="regulars-") as folder:
        lay_out_demo(Path(folder), pack)
        return measure(pack, sort_people(Path(folder), shots), shots, progress)


def measure(pack: Pack, people: People, shots: int, progress: Progress) -> dict[str, int | float]:
    """Rates are shares of 1; ``images_per_s`` is by the wall clock, on all cores."""
    photos = [path for paths in people.enrolled.values() for path in paths]
    photos += [path for _, path in people.probes] + people.strangers
    started = time.monotonic()
    found = _embed_all(pack, photos, progress)
    images_per_s = len(photos) / (time.monotonic() - started)

    gallery = _enroll(pack, people.enrolled, found)
    hits = np.array([_mate_score(gallery, found[path], who) for who, path in people.probes])
    alarms = np.array([_alarm_score(gallery, found[path]) for path in people.strangers])
    at_1e2, at_1e3 = threshold_at(alarms, 1e-2), threshold_at(alarms, 1e-3)
    return {
        "gallery": len(gallery),
        "probes": len(people.probes),
        "impostors": len(people.strangers),
        "shots": shots,
        "rank1": _share(hits > NOT_FOUND),
        "tpir_at_fpir_1e2": _share(hits > at_1e2),
        "tpir_at_fpir_1e3": _share(hits > at_1e3),
        "threshold_at_fpir_1e2": round(at_1e2, 4),
        "images_per_s": round(images_per_s, 1),
    }


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


def sort_people(faces: Path, shots: int) -> People:
    """Who is a member and who a stranger."""
    people = People({}, [], [])
    for person in sorted(path for path in faces.glob("*") if path.is_dir()):
        photos = sorted(person.glob("*.jpg"))
        if len(photos) > shots:
            people.enrolled[person.name] = photos[:shots]
            people.probes.extend((person.name, path) for path in photos[shots:])
        elif len(photos) == 1:
            people.strangers.extend(photos)
    if not people.enrolled or not people.strangers:
        raise ConfigError(
            f"{faces}: needs folders PERSON/*.jpg, some with more than {shots} photos (members) "
            "and some with one (strangers); check --faces and --shots"
        )
    return people


def threshold_at(alarms: NDArray[np.float64], fpir: float) -> float:
    """The score that at most the share ``fpir`` of strangers exceeds.

    ``alarms`` holds each stranger's top score. With fewer than ``1 / fpir`` strangers it is the
    highest of them: none may be named.
    """
    return float(np.sort(alarms)[::-1][int(fpir * len(alarms))])


def _embed_all(pack: Pack, photos: list[Path], progress: Progress) -> Found:
    rotation = orthogonal(secrets.token_bytes(32), pack.dim)
    found: Found = {}
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        embeddings = pool.map(lambda path: _embed(pack, path), photos)
        for path, embedding in zip(photos, embeddings, strict=True):
            found[path] = None if embedding is None else rotation @ embedding
            progress("photos", len(found), len(photos))
    return found


def _embed(pack: Pack, path: Path) -> Embedding | None:
    """The embedding of the person a photo is of, or None where no face is found."""
    bgr = image.decode(path.read_bytes(), _LONGEST_PX)
    if not isinstance(bgr, np.ndarray):
        return None
    found = find(pack, bgr)
    if len(found) == 0:
        return None
    main = _main_face(found, bgr.shape[1] / 2, bgr.shape[0] / 2)
    return np.asarray(pack.embed(bgr, [found.landmarks[main]])[0], np.float32)


def _main_face(found: Detections, x_px: float, y_px: float) -> int:
    """The face in the middle: press photos are cut around the person they name."""
    centres = (found.boxes[:, :2] + found.boxes[:, 2:]) / 2
    away = np.hypot(centres[:, 0] - x_px, centres[:, 1] - y_px)
    return int(np.argmin(away - found.widths))


def _enroll(pack: Pack, enrolled: dict[str, list[Path]], found: Found) -> Gallery:
    """A gallery of the members, one template for each photo that shows a face."""
    gallery = Gallery(pack.dim, pack.model)
    gallery.add(
        Template(
            id=new_id(),
            member_id=person,
            consent_id="",
            model=pack.model,
            vector=embedding.tobytes(),
            quality=1.0,
            made_at=datetime.now(UTC),
        )
        for person, paths in enrolled.items()
        for path in paths
        if (embedding := found[path]) is not None
    )
    return gallery


def _top(gallery: Gallery, probe: Embedding | None) -> Candidate | None:
    """The member nearest to a probe; None where there is no face or no member."""
    if probe is None:
        return None
    return next(iter(gallery.search(probe, k=1)), None)


def _mate_score(gallery: Gallery, probe: Embedding | None, person: str) -> float:
    """The score of the right member at rank 1; ``NOT_FOUND`` for anyone else or nobody."""
    top = _top(gallery, probe)
    return top.score if top is not None and top.member_id == person else NOT_FOUND


def _alarm_score(gallery: Gallery, probe: Embedding | None) -> float:
    """The score at which a stranger would be named."""
    top = _top(gallery, probe)
    return top.score if top is not None else NOT_FOUND


def _share(mask: NDArray[np.bool_]) -> float:
    return round(float(mask.mean()), 5)
