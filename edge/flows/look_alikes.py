"""Members who look alike, by id. Memory only: the gallery's search of itself finds them anew."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

_Likenesses = defaultdict[str, set[str]]  # member id -> ids of those who look like them


class LookAlikes:
    """Pairs found by photos at enrollment, and by the gallery searched against itself."""

    def __init__(self) -> None:
        self._enrolled: _Likenesses = defaultdict(set)
        self._searched: _Likenesses = defaultdict(set)

    def of(self, member_id: str) -> frozenset[str]:
        """The members who look like this one."""
        enrolled = self._enrolled.get(member_id, set())
        return frozenset(enrolled | self._searched.get(member_id, set()))

    def enrolled(self, member_id: str, others: Iterable[str]) -> None:
        """A new photo of the member resembled these others."""
        _note(self._enrolled, ((member_id, other) for other in others))

    def searched(self, pairs: Iterable[tuple[str, str]]) -> None:
        """The gallery was searched against itself; what an earlier search found is replaced."""
        self._searched = _note(defaultdict(set), pairs)

    def forget(self, member_id: str) -> None:
        """The member's consent has ended."""
        for known in (self._enrolled, self._searched):
            for other in known.pop(member_id, set()):
                known[other].discard(member_id)


def _note(known: _Likenesses, pairs: Iterable[tuple[str, str]]) -> _Likenesses:
    for one, other in pairs:
        known[one].add(other)
        known[other].add(one)
    return known
