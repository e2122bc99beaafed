"""Members who look alike, by id. Memory only: the gallery's search of itself finds them anew."""

from __future__ import annotations

from collections.abc import Iterable


class LookAlikes:
    """Pairs found by photos at enrollment, and by the gallery searched against itself."""

    def __init__(self) -> None:
        self._enrolled: set[frozenset[str]] = set()
        self._searched: frozenset[frozenset[str]] = frozenset()

    def of(self, member_id: str) -> frozenset[str]:
        """The members who look like this one."""
        pairs = (pair for pair in self._enrolled | self._searched if member_id in pair)
        return frozenset().union(*pairs) - {member_id}

    def enrolled(self, member_id: str, others: Iterable[str]) -> None:
        """A new photo of the member resembled these others."""
        self._enrolled |= {frozenset((member_id, other)) for other in others}

    def searched(self, pairs: Iterable[tuple[str, str]]) -> None:
        """The gallery was searched against itself; what an earlier search found is replaced."""
        self._searched = frozenset(map(frozenset, pairs))

    def forget(self, member_id: str) -> None:
        """The member's consent has ended."""
        self._enrolled = {pair for pair in self._enrolled if member_id not in pair}
        self._searched = frozenset(pair for pair in self._searched if member_id not in pair)
