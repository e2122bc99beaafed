"""Which codes stand before a camera: each counts once, until it has left for a moment."""

from __future__ import annotations

from collections.abc import Iterable

from edge.scanner.code import Code

GONE_S = 1.5
GONE_LOOKS = 3
"""A code is gone once this many looks in a row, over at least ``GONE_S``, did not show it: a hand
or a reflection hides one for a moment."""


class View:
    """One camera's view, look by look."""

    def __init__(self) -> None:
        self._seen_s: dict[Code, float] = {}
        self._missed: dict[Code, int] = {}

    def look(self, codes: Iterable[Code], at_s: float) -> list[Code]:
        """Which of the codes seen at ``at_s`` (monotonic) have newly come."""
        seen = dict.fromkeys(codes)
        new = [code for code in seen if code not in self._seen_s]
        for code in self._seen_s.keys() - seen.keys():
            self._missed[code] += 1
            if self._missed[code] >= GONE_LOOKS and at_s - self._seen_s[code] >= GONE_S:
                del self._seen_s[code], self._missed[code]
        for code in seen:
            self._seen_s[code], self._missed[code] = at_s, 0
        return new
