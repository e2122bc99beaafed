"""When somebody guesses codes: the one limit for pairing codes, vouchers and member cards."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from edge.domain import Reason

WRONG_TRIES = 10
WRONG_WINDOW = timedelta(minutes=5)
"""Policy *sliding window*: after ten wrong codes in five minutes no code is taken, right or
wrong, until the oldest of them is five minutes old."""

WRONG = (Reason.UNKNOWN_CODE, Reason.FORGED, Reason.UNKNOWN_MEMBER, Reason.CARD_FORGED)
"""What a guess ends in. A stale card or a voucher that was used up was once a right one."""

_TRIED = re.compile(r"[A-Za-z0-9 ._-]{4,32}")


def may_be_guess(text: str) -> bool:
    """Whether a text that is no code of ours has the form of one that somebody would try.

    An address in a QR code, or a page of text, is no attempt at anything.
    """
    return _TRIED.fullmatch(text) is not None


def barred_until(wrong_at: Sequence[datetime], now: datetime) -> datetime | None:
    """Until when no code is taken, given when the latest wrong ones came; None where one is."""
    lately = sorted(moment for moment in wrong_at if now - moment < WRONG_WINDOW)
    return lately[-WRONG_TRIES] + WRONG_WINDOW if len(lately) >= WRONG_TRIES else None
