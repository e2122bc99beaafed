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
    code_life,
    digest,
    expired,
    normalise_code,
    on_paper,
)
from hq.claims import first_manager
from hq.claims.first_manager import CODE_BYTES

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


@given(st.binary(min_size=CODE_BYTES, max_size=CODE_BYTES), st.booleans())
def test_a_code_on_paper_is_the_one_that_its_claim_names(code: bytes, small: bool) -> None:
    """Headquarters makes it and hashes it, the gateway hashes what was typed: in one way."""
    printed = code.hex().upper()
    fours = "-".join(printed[at : at + 4] for at in range(0, len(printed), 4))
    typed = fours.lower() if small else fours
    assert digest(normalise_code(typed)) == first_manager.digest(printed)


@given(st.sampled_from(Role), st.timedeltas(timedelta(seconds=1), timedelta(days=400)))
def test_only_a_manager_comes_by_a_page(role: Role, life: timedelta) -> None:
    code = PairingCode(
        code_hash="", guide_name="Ana", role=role, created_at=NOON, expires_at=NOON + life
    )
    assert on_paper(code) == (role is Role.MANAGER and life > CODE_LIFE)
    ordinary = replace(code, expires_at=NOON + code_life(role))
    assert not on_paper(ordinary)


def test_a_session_ends_by_revocation_or_a_month_of_silence() -> None:
    assert alive(SESSION, NOON + timedelta(days=29))
    assert not alive(SESSION, NOON + timedelta(days=30))
    assert not alive(replace(SESSION, revoked_at=NOON), NOON)
