"""The open-set protocol of ISO/IEC 19795 and NIST FRTE 1:N on a folder of labelled photos.

People with more photos than ``shots`` are members: their first photos by name are enrolled, the
others are probes. People with one photo are strangers. A photo without a face is left out of
enrollment, is a miss as a probe, and names nobody as a stranger.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edge.domain import Candidate, Template, new_id
from edge.errors import ConfigError
from edge.vision.gallery import Gallery

Embedding = NDArray[np.float32]
Found = dict[Path, Embedding | None]
"""Each photo's embedding, or None where no face was found."""

NOT_FOUND = -1.0


@dataclass(frozen=True, slots=True)
class People:
    """Photos by the part they play; probes carry the member they show."""

    enrolled: dict[str, list[Path]]
    probes: list[tuple[str, Path]]
    strangers: list[Path]

    @property
    def photos(self) -> list[Path]:
        """All of them."""
        enrolled = [path for paths in self.enrolled.values() for path in paths]
        return enrolled + [path for _, path in self.probes] + self.strangers


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """What a search of every probe gave: ``hits`` the score of the right member at rank 1, else
    ``NOT_FOUND``; ``alarms`` each stranger's top score. float64 [probes] and [strangers]."""

    hits: NDArray[np.float64]
    alarms: NDArray[np.float64]

    @property
    def rank1(self) -> float:
        """Share of probes whose best candidate is the right member, whatever the score."""
        return _share(self.hits > NOT_FOUND)

    def threshold(self, fpir: float) -> float:
        """See ``threshold_at``."""
        return threshold_at(self.alarms, fpir)

    def tpir(self, threshold: float) -> float:
        """Share of probes that name the right member above a threshold."""
        return _share(self.hits > threshold)

    def missed(self, threshold: float) -> int:
        """Probes that do not name the right member above a threshold."""
        return int((self.hits <= threshold).sum())

    def fpir(self, threshold: float) -> float:
        """Share of strangers who are named above a threshold."""
        return _share(self.alarms > threshold)


def sort_people(faces: Path, shots: int) -> People:
    """Who is a member and who a stranger, in a folder ``PERSON/*.jpg``.

    Raises ``ConfigError`` where there are no members or no strangers.
    """
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


def enroll(people: People, found: Found, dim: int, model: str) -> Gallery:
    """A gallery of the members, one template for each photo that shows a face."""
    gallery = Gallery(dim, model)
    gallery.add(
        Template(
            id=new_id(),
            member_id=person,
            consent_id="",
            model=model,
            vector=embedding.astype("<f4").tobytes(),
            quality=1.0,
            made_at=datetime.now(UTC),
        )
        for person, paths in people.enrolled.items()
        for path in paths
        if (embedding := found[path]) is not None
    )
    return gallery


def search(gallery: Gallery, people: People, found: Found) -> Scores:
    """Every probe and every stranger, searched."""
    hits = [_mate_score(gallery, found[path], who) for who, path in people.probes]
    alarms = [_alarm_score(gallery, found[path]) for path in people.strangers]
    return Scores(np.array(hits), np.array(alarms))


def threshold_at(alarms: NDArray[np.float64], fpir: float) -> float:
    """The score that at most the share ``fpir`` of strangers exceeds.

    ``alarms`` holds each stranger's top score. With fewer than ``1 / fpir`` strangers it is the
    highest of them: none may be named.
    """
    return float(np.sort(alarms)[::-1][int(fpir * len(alarms))])


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
