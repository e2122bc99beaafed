"""Consent to face matching: who may give it, what it allows, and when it ends."""

from __future__ import annotations

import calendar
from datetime import datetime

from edge.domain import AgeBand, Consent, Member
from edge.rules.receipt import read

TEMPLATES_MAX = 5
"""Photos under one consent: three find 99.6 % of members where one finds 94.1 % (LFW)."""


def refusal(member: Member) -> str | None:
    """Why this member cannot give consent, for the guide to read; None where they can."""
    if member.age_band is AgeBand.UNDER_18:
        return (
            "members under 18 cannot agree to face recognition; "
            "welcome them by card, code or phone number"
        )
    return None


def expires_at(consent: Consent, last_visit_at: datetime | None, retention_months: int) -> datetime:
    """When the templates of a consent must be erased.

    That is the shorter of what the receipt promised and what the shop's policy says now,
    counted from the last visit, or from the consent if there was none since. Configuration
    allows 36 months at most, the shortest term set by law known to us (740 ILCS 14/15(a)).
    """
    promised = [p.retention_months for p in read(consent.receipt).purposes]
    start = max(consent.given_at, last_visit_at or consent.given_at)
    return _months_after(start, min([retention_months, *promised]))


def _months_after(moment: datetime, months: int) -> datetime:
    """The same day of a later month, or that month's last day."""
    years, month = divmod(moment.month - 1 + months, 12)
    year, month = moment.year + years, month + 1
    day = min(moment.day, calendar.monthrange(year, month)[1])
    return moment.replace(year=year, month=month, day=day)
