"""When a release is taken, what a power cut leaves to do, and when it counts as healthy."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

import msgspec
from packaging.version import InvalidVersion, Version

from edge.domain import VisionState, Window
from edge.domain.updates import Attempt, Outcome, Phase, Progress
from edge.rules.window import open_around

FAILURES_AT_MOST = 2
"""Attempts of one version by itself; a third would meet the same trouble in another night."""
SPREAD = 0.75
"""Part of the window over which stores spread their beginnings; the rest is for the work."""


class Recovery(StrEnum):
    """What is to be done about an update that did not come to its end."""

    NOTHING = "nothing"
    DROP = "drop"
    """The old release never stopped being the one: what was begun beside it goes."""
    GO_BACK = "go_back"
    GO_ON = "go_on"
    """The new release was found healthy: only tidying is left."""


def recovery(phase: Phase) -> Recovery:
    """What an update that ended in this phase needs before the gateway may start.

    A release counts only once it was found healthy, so a cut at any time before leads back.
    """
    match phase:
        case Phase.IDLE:
            return Recovery.NOTHING
        case Phase.STAGING | Phase.HOLDING:
            return Recovery.DROP
        case Phase.SWITCHING | Phase.ROLLING_BACK:
            return Recovery.GO_BACK
        case Phase.COMMITTING:
            return Recovery.GO_ON


def is_newer(offered: str, than: str) -> bool:
    """Whether a version follows another (PEP 440). What is no version follows nothing."""
    try:
        return Version(offered) > Version(than)
    except InvalidVersion:
        return False


def why_not(offered: str, running: str, progress: Progress) -> str | None:
    """What keeps the machine from taking this version by itself, or None where nothing does."""
    if not is_newer(offered, running):
        return f"{offered} is not newer than {running}, which runs"
    if progress.failures.get(offered, 0) >= FAILURES_AT_MOST:
        return f"{offered} did not run well here {FAILURES_AT_MOST} times; wait for the next"
    return None


def counted(failures: dict[str, int], attempt: Attempt) -> dict[str, int]:
    """How often which version failed, after one more attempt. What a technician took back is not
    taken again by itself.
    """
    match attempt.outcome:
        case Outcome.UPDATED:
            return {}
        case Outcome.WITHDRAWN:
            return {**failures, attempt.version: FAILURES_AT_MOST}
        case _:
            return {**failures, attempt.version: failures.get(attempt.version, 0) + 1}


def is_due(window: Window, store_id: str, at: datetime, tz: ZoneInfo) -> bool:
    """Whether this store's moment in the window that is open now has come.

    Each store has a moment of its own, the same in every night, so that a chain does not ask for
    everything at once.
    """
    opened = open_around(window, at, tz)
    if opened is None:
        return False
    start, end = opened
    digest = hashlib.sha256(store_id.encode()).digest()
    part = int.from_bytes(digest[:8]) / 2**64
    return at >= start + timedelta(seconds=(end - start).total_seconds() * SPREAD * part)


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """What counts of the answer of ``GET /api/v1/health``."""

    version: str
    database: str
    vision: VisionState
    face_matching: bool


WORKING = (VisionState.OFF, VisionState.READY)


def ailment(health: Health | None, version: str, before: Health | None) -> str | None:
    """What is wrong with a gateway that was just switched to, or None where it is healthy.

    What was wrong before is not held against the new release: a camera or a vision process that
    was down stays somebody's task, and no reason to go back.
    """
    if health is None:
        return "the gateway does not answer"
    if health.version != version:
        return f"{health.version} answers instead of {version}"
    if health.database != "ok":
        return "the database does not answer"
    if before is not None and before.face_matching and not health.face_matching:
        return "face matching is off and was on before"
    if health.vision not in WORKING and (before is None or before.vision in WORKING):
        return f"vision is {health.vision} and was well before"
    return None
