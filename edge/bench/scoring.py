"""What the alerts of a run are worth, held against what the cameras truly showed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from edge.bench.staging import Walk
from edge.demo.approach import FPS

AFTER_S = 2.0
"""An alert this long after somebody has left may still be about them."""
_NOBODY = -1


@dataclass(frozen=True, slots=True)
class Alert:
    """A visit that was opened by a camera, as the phone heard of it."""

    camera_id: str
    member: str
    received_at: datetime

    def of(self, names: Mapping[str, str]) -> Alert:
        """The same with the member's name instead of the id."""
        return replace(self, member=names.get(self.member, self.member))


def score(
    walks: list[Walk], alerts: list[Alert], live_at: Mapping[str, datetime]
) -> dict[str, Any]:
    """Counts of approaches, and latency over those that were recognised, in ms."""
    latencies_ms: list[float] = []
    named_wrongly: set[str] = set()
    recognised: set[str] = set()
    for alert in alerts:
        near = [walk for walk in walks if _in_view(walk, alert, live_at)]
        right = next((walk for walk in near if walk.person == alert.member), None)
        if right is None or not right.is_member:
            named_wrongly.add(_whom(near))
        elif right.person not in recognised:
            recognised.add(right.person)
            latencies_ms.append(_latency_ms(right, alert, live_at))
    members = {walk.person for walk in walks if walk.is_member}
    strangers = {walk.person for walk in walks if not walk.is_member}
    return {
        "approaches": len(walks),
        "member_approaches": len(members),
        "recognised": len(recognised),
        "named_wrongly": len(named_wrongly - strangers),
        "strangers": len(strangers),
        "strangers_named": len(named_wrongly & strangers),
        "latency_ms": _quantiles(latencies_ms),
    }


@dataclass(frozen=True, slots=True)
class Rates:
    """Counts of approaches: ``recognised`` of ``members``, ``named`` of ``strangers``.

    ``named_wrongly``: approaches of members with another's name, and 1 for any at an empty door.
    """

    members: int
    recognised: int
    named_wrongly: int
    strangers: int
    named: int

    @property
    def tpir(self) -> float | None:
        """Share of the members' approaches in which the right name came."""
        return self.recognised / self.members if self.members else None

    @property
    def fpir(self) -> float | None:
        """Share of the strangers' approaches in which any name came."""
        return self.named / self.strangers if self.strangers else None


def rates(walks: list[Walk], alerts: list[Alert], live_at: Mapping[str, datetime]) -> Rates:
    """Like ``score`` without times; whoever comes twice counts twice."""
    right: set[int] = set()
    wrong: set[int] = set()
    for alert in alerts:
        near = [index for index, walk in enumerate(walks) if _in_view(walk, alert, live_at)]
        own = [index for index in near if walks[index].person == alert.member]
        if own and walks[own[0]].is_member:
            right.add(own[0])
        else:
            wrong.add(_blamed(walks, near))
    members = {index for index, walk in enumerate(walks) if walk.is_member}
    return Rates(
        members=len(members),
        recognised=len(right),
        named_wrongly=len(wrong & (members | {_NOBODY})),
        strangers=len(walks) - len(members),
        named=len(wrong - members - {_NOBODY}),
    )


def _blamed(walks: list[Walk], near: list[int]) -> int:
    """Who was given another's name: a stranger rather than a member, the last to come."""
    ranked = sorted(near, key=lambda i: (walks[i].is_member, -walks[i].truth.start_frame))
    return ranked[0] if ranked else _NOBODY


def _in_view(walk: Walk, alert: Alert, live_at: Mapping[str, datetime]) -> bool:
    if walk.camera_id != alert.camera_id:
        return False
    began_at = live_at[walk.camera_id] + timedelta(seconds=walk.truth.start_frame / FPS)
    ended_at = live_at[walk.camera_id] + timedelta(seconds=walk.truth.end_frame / FPS + AFTER_S)
    return began_at <= alert.received_at <= ended_at


def _whom(near: list[Walk]) -> str:
    """Who was given another's name: the last to come, a stranger rather than a member."""
    ranked = sorted(near, key=lambda walk: (walk.is_member, -walk.truth.start_frame))
    return ranked[0].person if ranked else ""


def _latency_ms(walk: Walk, alert: Alert, live_at: Mapping[str, datetime]) -> float:
    frame = walk.truth.usable_frame
    assert frame is not None, "an approach ends with a face wider than the one it is timed from"
    usable_at = live_at[walk.camera_id] + timedelta(seconds=frame / FPS)
    return (alert.received_at - usable_at) / timedelta(milliseconds=1)


def _quantiles(latencies_ms: list[float]) -> dict[str, int | None]:
    if not latencies_ms:
        return {"p50": None, "p95": None, "max": None}
    p50, p95 = np.percentile(latencies_ms, [50, 95])
    return {"p50": round(p50), "p95": round(p95), "max": round(max(latencies_ms))}
