"""How a use goes on after it was reserved, and what a refusal says in words."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from unit.voucher_values import (
    HOLD,
    NOON,
    PARIS,
    eur,
    granted,
    presented,
)

from edge.domain import (
    Language,
    Reason,
    Redemption,
    RedemptionState,
    Refusal,
)
from edge.rules.redemption import (
    commit,
    expire,
    release,
    reverse,
)
from edge.rules.refusal_words import words

DAY = timedelta(days=1)


def test_a_reservation_is_committed_released_or_runs_out() -> None:
    use = granted(presented())
    made = commit(use, NOON)
    assert isinstance(made, Redemption)
    assert made.state is RedemptionState.COMMITTED
    assert commit(made, NOON + DAY) == made
    back = release(use, NOON)
    assert isinstance(back, Redemption)
    assert back.state is RedemptionState.RELEASED
    assert release(back, NOON) == back
    for ended in (back, expire(use, NOON + HOLD)):
        assert commit(ended, NOON) == Refusal(
            reason=Reason.RESERVATION_ENDED, until_at=use.expires_at
        )
    late = commit(use, NOON + HOLD)
    assert isinstance(late, Refusal)
    assert release(made, NOON) == Refusal(reason=Reason.ALREADY_REDEEMED)


def test_a_guide_undoes_within_a_minute_and_a_manager_later() -> None:
    made = replace(granted(presented()), state=RedemptionState.COMMITTED)
    minute = NOON + timedelta(minutes=1)
    undone = reverse(made, minute, manager=False)
    assert isinstance(undone, Redemption)
    assert undone.state is RedemptionState.REVERSED
    assert reverse(undone, minute + DAY, manager=False) == undone
    late = reverse(made, minute + timedelta(seconds=1), manager=False)
    assert late == Refusal(reason=Reason.UNDO_OVER, until_at=minute)
    assert isinstance(reverse(made, minute + DAY, manager=True), Redemption)
    assert reverse(granted(presented()), NOON, manager=True) == Refusal(reason=Reason.NOT_REDEEMED)


# --- in words ------------------------------------------------------------------------------

FULL = Refusal(
    reason=Reason.USED_UP,
    from_at=NOON,
    until_at=NOON,
    stores=("metz",),
    money=eur(50),
    categories=("shoes",),
)


@pytest.mark.parametrize("language", Language)
def test_every_reason_has_words_of_its_own(language: Language) -> None:
    said = {
        reason: words(replace(FULL, reason=reason), language, now=NOON, tz=PARIS)
        for reason in Reason
    }
    assert len(set(said.values())) == len(Reason)
    assert not [text for text in said.values() if "{" in text or not text]


def test_words_tell_what_would_make_it_valid_on_the_store_s_clock() -> None:
    opening = Refusal(reason=Reason.OUTSIDE_WINDOW, from_at=NOON.replace(hour=21))
    assert words(opening, Language.ENGLISH, now=NOON, tz=PARIS).endswith("from 22:00")
    assert words(opening, Language.CHINESE, now=NOON, tz=PARIS).startswith("22:00")
    tomorrow = replace(opening, from_at=NOON + DAY)
    assert "2026-03-02 12:00" in words(tomorrow, Language.ENGLISH, now=NOON, tz=PARIS)
    below = Refusal(reason=Reason.BELOW_MINIMUM, money=eur(50), categories=("shoes",))
    assert words(below, Language.ENGLISH, now=NOON, tz=PARIS) == (
        "Needs a purchase: only shoes, at least EUR 50"
    )
