"""Which tracks claim which members, and which a guide has refused them. Memory only."""

from __future__ import annotations

from collections import OrderedDict

TRACKS = 512
"""Tracks remembered at once; beyond, the one longest unheard of is forgotten."""

_Claim = dict[str, bool]  # member id -> refused


class Claims:
    """Tracks that claim a member, or would if no guard held them back; no others."""

    def __init__(self) -> None:
        self._tracks: OrderedDict[str, _Claim] = OrderedDict()

    def add(self, track_id: str, member_id: str) -> None:
        """The track possibly shows the member."""
        self._tracks.setdefault(track_id, {}).setdefault(member_id, False)
        self._tracks.move_to_end(track_id)
        if len(self._tracks) > TRACKS:
            self._tracks.popitem(last=False)

    def refuse(self, member_id: str) -> None:
        """None of the tracks that claim this member may do so again."""
        for claim in self._tracks.values():
            if member_id in claim:
                claim[member_id] = True

    def of(self, track_id: str) -> tuple[str, ...]:
        """The members that a track was taken for."""
        return tuple(self._tracks.get(track_id, {}))

    def refused(self, track_id: str) -> frozenset[str]:
        """The members that a track may not claim."""
        claim = self._tracks.get(track_id, {})
        return frozenset(member_id for member_id, refused in claim.items() if refused)

    def refused_beside(self, member_id: str) -> frozenset[str]:
        """Members who were refused on tracks that then claimed this one."""
        claims = (claim for claim in self._tracks.values() if member_id in claim)
        return frozenset(other for claim in claims for other, refused in claim.items() if refused)

    def is_refused(self, track_id: str, member_id: str) -> bool:
        """The same for one member, safe to ask from the store's writer thread."""
        return self._tracks.get(track_id, {}).get(member_id, False)

    def forget(self, track_id: str) -> None:
        """The track has ended."""
        self._tracks.pop(track_id, None)
