"""Releases of the program on a store's machine, and how far the change from one to the next is."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec


class Phase(StrEnum):
    """What an update was doing when it was last written down. Each is written before it begins."""

    IDLE = "idle"
    STAGING = "staging"
    """The new release is built and tried beside the one that runs."""
    HOLDING = "holding"
    """The gateway rests while its data are copied: the program before could not read what comes."""
    SWITCHING = "switching"
    """The new release takes the old one's place and is looked at."""
    COMMITTING = "committing"
    """The new release was found healthy; what is no longer needed goes."""
    ROLLING_BACK = "rolling_back"
    """The old release takes its place again."""


class Outcome(StrEnum):
    """How an attempt to update ended."""

    UPDATED = "updated"
    ROLLED_BACK = "rolled_back"
    """It was switched to, and was not healthy or did not come to its end."""
    NOT_STAGED = "not_staged"
    """It could not be built or did not pass its rehearsal; the old one ran on all the while."""
    WITHDRAWN = "withdrawn"
    """A technician went back to the release before."""


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """An attempt that has ended. ``because`` is one sentence, empty where all went well."""

    version: str
    outcome: Outcome
    ended_at: datetime
    because: str = ""


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """What is known durably of updates on this machine.

    ``before`` and ``after`` name releases under ``/opt/regulars/releases``, ``version`` is that of
    ``after``. ``held`` says that a copy of the data was made that going back needs. ``failures``
    counts attempts by version that ended badly. ``previous`` is the release that a technician can
    go back to, or empty.
    """

    phase: Phase = Phase.IDLE
    before: str = ""
    after: str = ""
    version: str = ""
    held: bool = False
    previous: str = ""
    last: Attempt | None = None
    failures: dict[str, int] = {}
