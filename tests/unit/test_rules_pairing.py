"""Pairing: a code that is misread must work, one that is guessed must not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from edge.domain import PairingCode, Role, Session
from edge.rules.pairing import (
    ALPHABET,
    CODE_LENGTH,
    CODE_LIFE,
    alive,
    expired,
    normalise_code,
)

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
SESSION = Session(
    id="s1",
    guide_name="Ana",
    role=Role.GUIDE,
    device="phone",
    token_hash="",
    paired_at=NOON,
    last_used_at=NOON,
)


@given(st.text(alphabet=ALPHABET, min_size=CODE_LENGTH, max_size=CODE_LENGTH))
def test_a_code_may_be_typed_as_people_type(code: str) -> None:
    typed = f" {code[:5]}-{code[5:]} ".lower().replace("0", "o").replace("1", "l")
    assert normalise_code(typed) == code


def test_a_code_lives_five_minutes() -> None:
    code = PairingCode(
        code_hash="",
        guide_name="Ana",
        role=Role.GUIDE,
        created_at=NOON,
        expires_at=NOON + CODE_LIFE,
    )
    assert not expired(code, NOON + timedelta(minutes=4, seconds=59))
    assert expired(code, NOON + timedelta(minutes=5))


def test_a_session_ends_by_revocation_or_a_month_of_silence() -> None:
    assert alive(SESSION, NOON + timedelta(days=29))
    assert not alive(SESSION, NOON + timedelta(days=30))
    assert not alive(replace(SESSION, revoked_at=NOON), NOON)
