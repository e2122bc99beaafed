"""Who is this, or nobody: the open-set decision over one sighting's candidates.

A sighting names a member only if the best score clears the threshold, and clears every
other member's by the margin. In doubt the answer is ``Nobody``, with the reason.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from edge.domain import Candidate, Nobody, Recognised, Recognition, Sighting


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """How sure the gateway must be; all values are cosine similarities.

    ``score``: the pack's calibrated threshold (``models/manifest.toml``), unless
    ``recognition.threshold`` overrides it. ``margin``: least lead over the next member.

    The others were measured with SFace (0.50) on photos of 90 members and 250 strangers of LFW
    and are relative to ``score``, so that they move with pack and configuration.
    ``poor_shot_extra``: what one shot of the poorest quality must score on top. Several even its
    luck out, as the error of a mean does: with the root of their number. Of 200 strangers one
    scored 0.509 with two shots of a face 50 px wide and 0.491 with five; asking up to 0.06 more
    lost none of 200 members, and left the 95th percentile of their latency as it was.
    ``look_alike_slack``: members this far below ``score`` are reported as look-alikes. At 0.44
    that is 2 % of photos in a gallery of 310.
    ``bona_fide``: the score from which on a person is there and not a picture of one, or None where
    nobody checks that.
    ``same_person_slack``: a new photo must come this near to one of the member's own. At 0.40,
    5 in 10,000 photos of other people pass, and no more own ones fail than at 0.24 (2 %).
    """

    score: float
    margin: float = 0.04
    poor_shot_extra: float = 0.06
    look_alike_slack: float = 0.06
    same_person_slack: float = 0.10
    bona_fide: float | None = None

    @property
    def look_alike(self) -> float:
        """Least score at which two members are reported as look-alikes."""
        return self.score - self.look_alike_slack

    @property
    def same_person(self) -> float:
        """Least score between a new photo and one of the member's own templates."""
        return self.score - self.same_person_slack

    def least_score(self, sighting: Sighting) -> float:
        """The score this sighting needs: the more, the fewer and the poorer its shots."""
        lack = 1.0 - min(max(sighting.quality, 0.0), 1.0)
        return self.score + self.poor_shot_extra * lack / math.sqrt(max(sighting.shots, 1))


def recognise(
    sighting: Sighting, thresholds: Thresholds, refused: frozenset[str] = frozenset()
) -> Recognition:
    """Decide whom a sighting possibly shows.

    ``refused`` holds members whom a guide said this track is not; they are never named, and
    do not count as runners-up. Where one of them led, the face has just been shown to score
    high on a wrong member, so the next must clear the threshold *by the margin* too;
    otherwise the answer is ``Nobody.REFUSED``.
    """
    ranked = _best_per_member(sighting.candidates)
    if not ranked:
        return Nobody.NO_GALLERY
    misled = ranked[0].member_id in refused
    ranked = [candidate for candidate in ranked if candidate.member_id not in refused]
    least = thresholds.least_score(sighting) + (thresholds.margin if misled else 0.0)
    if not ranked or ranked[0].score < least:
        return Nobody.REFUSED if misled else Nobody.BELOW_THRESHOLD
    best = ranked[0]
    runner_up = ranked[1].score if len(ranked) > 1 else 0.0
    lead = best.score - runner_up
    if len(ranked) > 1 and (lead < thresholds.margin or lead == 0.0):
        return Nobody.REFUSED if misled else Nobody.TOO_CLOSE_TO_CALL
    recognised = Recognised(member_id=best.member_id, score=best.score, margin=lead)
    return not_there(sighting, thresholds) or recognised


def not_there(sighting: Sighting, thresholds: Thresholds) -> Nobody | None:
    """Why a face that would be named is not: it is a picture's, or not checked for that yet.

    ``sighting.bona_fide`` is the mean over the track's best shots, so that each further shot may
    overturn the answer, either way, as long as the face is in view.
    """
    if thresholds.bona_fide is None:
        return None
    if sighting.bona_fide is None:
        return Nobody.UNCHECKED
    return None if sighting.bona_fide >= thresholds.bona_fide else Nobody.PRESENTATION_ATTACK


def look_alikes(
    member_id: str, candidates: Iterable[Candidate], thresholds: Thresholds
) -> tuple[str, ...]:
    """Ids of *other* members that a photo of this member resembles, the likest first."""
    return tuple(
        candidate.member_id
        for candidate in _best_per_member(candidates)
        if candidate.member_id != member_id and candidate.score >= thresholds.look_alike
    )


def similarity(one: bytes, other: bytes) -> float:
    """Cosine similarity of two unit vectors (little-endian float32) of the same length."""
    return float(np.frombuffer(one, "<f4") @ np.frombuffer(other, "<f4"))


def same_person(vector: bytes, own: Iterable[bytes], thresholds: Thresholds) -> bool:
    """Whether a photo agrees with the nearest of a member's own templates, if there are any."""
    scores = [similarity(vector, template) for template in own]
    return not scores or max(scores) >= thresholds.same_person


def _best_per_member(candidates: Iterable[Candidate]) -> list[Candidate]:
    """One candidate a member, best first; equal scores are ordered by id."""
    best: dict[str, Candidate] = {}
    for candidate in candidates:
        known = best.get(candidate.member_id)
        if known is None or candidate.score > known.score:
            best[candidate.member_id] = candidate
    return sorted(best.values(), key=lambda c: (-c.score, c.member_id))
