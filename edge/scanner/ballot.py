"""Which readings are believed: looks vote, and a linear code needs two that agree.

A two-dimensional code corrects its errors and is believed at first sight. A linear one has a
check digit at best: blurred bars make 1 and 7, or 2 and 8, of each other often enough for one
look in ten wrong ones to pass, and the same wrong digits may come twice. So its text needs two
votes, and a lead of two over any other text at the same place.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from edge.domain import Symbology
from edge.scanner.reading import Reading

VOTES = 2
LEAD = 2
NEAR_PX = 8
_CORRECTED = frozenset(
    {
        Symbology.QR,
        Symbology.RMQR,
        Symbology.DATA_MATRIX,
        Symbology.AZTEC,
        Symbology.PDF417,
        Symbology.MICRO_PDF417,
        Symbology.MAXICODE,
    }
)
_RUNE = "]zC"  # an Aztec rune: one byte, and few bits to correct it
_WITH_ADD_ON = "]E3"
_DIGITS_BEFORE_ADD_ON = 13


@dataclass(frozen=True, slots=True)
class Box:
    """An upright box in pixels."""

    left: int
    top: int
    right: int
    bottom: int

    @classmethod
    def around(cls, reading: Reading) -> Box:
        """The box of a reading's corners; a few pixels more for a linear code, of which two
        looks may have read different rows.
        """
        xs, ys = zip(*reading.corners, strict=True)
        near = 0 if reading.symbology in _CORRECTED else NEAR_PX
        return cls(min(xs) - near, min(ys) - near, max(xs) + near, max(ys) + near)

    def meets(self, other: Box) -> bool:
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )

    def joined(self, other: Box) -> Box:
        return Box(
            min(self.left, other.left),
            min(self.top, other.top),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
        )


@dataclass(slots=True)
class Candidate:
    """One text at one place. ``add_ons`` counts what stood behind it, a bare reading included."""

    reading: Reading
    box: Box
    votes: int = 0
    add_ons: Counter[str] = field(default_factory=Counter)

    @property
    def corrected(self) -> bool:
        return self.reading.symbology in _CORRECTED and self.reading.aim_id != _RUNE

    @property
    def add_on(self) -> str:
        """The add-on that two looks agree on, or nothing."""
        ranked = Counter({text: n for text, n in self.add_ons.items() if text}).most_common(2)
        if not ranked or ranked[0][1] < VOTES:
            return ""
        rival = ranked[1][1] if len(ranked) > 1 else 0
        return ranked[0][0] if ranked[0][1] - rival >= LEAD else ""

    def whole(self) -> Reading:
        """The reading with its add-on."""
        if not (add_on := self.add_on):
            return self.reading
        text = self.reading.text + add_on
        return replace(self.reading, text=text, raw=text.encode(), aim_id=_WITH_ADD_ON)


class Ballot:
    """The looks at one picture, counted. Corners are in pixels of that picture."""

    def __init__(self) -> None:
        self._candidates: list[Candidate] = []

    def count(self, readings: Iterable[Reading]) -> None:
        """Count one look. The same text twice at one place is one vote."""
        seen: dict[int, set[str]] = {}
        for reading, add_on in map(_parted, readings):
            candidate = self._candidate(reading)
            said = seen.setdefault(id(candidate), set())
            candidate.votes += not said
            candidate.add_ons[add_on] += add_on not in said
            said.add(add_on)

    def believed(self) -> tuple[Reading, ...]:
        """What may be told, in the order in which it was seen first."""
        return tuple(c.whole() for c in self._candidates if self._is_believed(c))

    def open(self) -> list[Candidate]:
        """What closer looks may still settle: a text not believed yet, an add-on seen once."""
        return [
            candidate
            for candidate in self._candidates
            if (not self._is_believed(candidate) and not self._is_beaten(candidate))
            or (any(candidate.add_ons.keys()) and not candidate.add_on)
        ]

    def _candidate(self, reading: Reading) -> Candidate:
        """Who gets a reading's vote: the same text at the same place, whose box grows by it."""
        for known in self._candidates:
            if known.reading.text == reading.text and known.box.meets(Box.around(reading)):
                known.box = known.box.joined(Box.around(reading))
                return known
        self._candidates.append(Candidate(reading=reading, box=Box.around(reading)))
        return self._candidates[-1]

    def _is_believed(self, candidate: Candidate) -> bool:
        rival = max((c.votes for c in self._rivals(candidate)), default=0)
        enough = candidate.votes >= VOTES and candidate.votes - rival >= LEAD
        return candidate.corrected or enough

    def _is_beaten(self, candidate: Candidate) -> bool:
        return any(self._is_believed(rival) for rival in self._rivals(candidate))

    def _rivals(self, candidate: Candidate) -> Iterator[Candidate]:
        """Other texts at the same place."""
        for other in self._candidates:
            if other is not candidate and other.box.meets(candidate.box):
                yield other


def _parted(reading: Reading) -> tuple[Reading, str]:
    """An EAN or UPC without its add-on, and the add-on."""
    if reading.aim_id != _WITH_ADD_ON:
        return reading, ""
    cut = _DIGITS_BEFORE_ADD_ON if len(reading.text) > _DIGITS_BEFORE_ADD_ON else 8
    main = reading.text[:cut]
    bare = replace(reading, text=main, raw=main.encode(), aim_id="]E0" if cut > 8 else "]E4")
    return bare, reading.text[cut:]
