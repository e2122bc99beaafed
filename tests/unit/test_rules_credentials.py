"""Our own codes by their form: digits that check themselves, words, and cards that turn."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.domain import Credential, CredentialKind, Reason
from edge.rules import digits, member_card
from edge.rules.credentials import canonical_code, recognise, tidy_word
from edge.rules.digits import NUMBERS, Digits, Ff1
from edge.rules.member_card import CardKind, encode, member_key, refuse, take_apart

KEY = bytes(range(32))
OURS = Digits(KEY)
NOON = datetime(2026, 3, 1, 11, 0, tzinfo=UTC)
ANNA = member_key(KEY, "anna")
numbers = st.integers(0, NUMBERS - 1)
moments = st.integers(0, 2**32).map(lambda second: datetime.fromtimestamp(second, UTC))


# --- digits --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "cipher"),
    [
        ("2B7E151628AED2A6ABF7158809CF4F3C", 2433477484),
        ("2B7E151628AED2A6ABF7158809CF4F3CEF4359D8D580AA4F7F036D6F04FC6A94", 6657667009),
    ],
)
def test_the_encryption_gives_what_nist_published(key: str, cipher: int) -> None:
    """The samples 1 and 7 of NIST's FF1 examples."""
    ff1 = Ff1(bytes.fromhex(key), 10)
    assert ff1.encrypt(123456789) == cipher
    assert ff1.decrypt(cipher) == 123456789


@given(numbers)
def test_digits_lead_back_to_their_number(number: int) -> None:
    written = OURS.of(number)
    assert digits.holds(written)
    assert OURS.number(written) == number
    assert digits.plain(digits.grouped(written)) == written


@given(numbers, st.integers(0, 15), st.integers(1, 9))
def test_one_wrong_digit_never_passes(number: int, at: int, more: int) -> None:
    written = OURS.of(number)
    other = str((int(written[at]) + more) % 10)
    assert not digits.holds(written[:at] + other + written[at + 1 :])


@given(numbers, st.integers(0, 14))
def test_two_swapped_neighbours_never_pass(number: int, at: int) -> None:
    written = OURS.of(number)
    swapped = written[:at] + written[at + 1] + written[at] + written[at + 2 :]
    assert swapped == written or not digits.holds(swapped)


def test_who_knows_one_does_not_know_the_next() -> None:
    """Neighbours share no more digits than strangers: a tenth of them."""
    pairs = [(OURS.of(n), OURS.of(n + 1)) for n in range(2000)]
    same = sum(a == b for one, other in pairs for a, b in zip(one[:14], other[:14], strict=True))
    assert 0.08 < same / (14 * 2000) < 0.12


@given(st.text(max_size=40))
def test_anything_else_is_no_digits(text: str) -> None:
    found = digits.plain(text)
    assert found is None or (len(found) == 16 and found.isascii() and found.isdigit())


# --- words ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "word"),
    [
        ("Summer-2026", "SUMMER2026"),
        ("ｓｕｍｍｅｒ ２０２６", "SUMMER2026"),
        ("hello", "HE110"),
        ("He1lo", "HE110"),
        ("双十一狂欢", "双十一狂欢"),
    ],
)
def test_a_word_is_one_word_however_it_is_typed(typed: str, word: str) -> None:
    assert tidy_word(typed) == word
    assert canonical_code(typed) == word


@pytest.mark.parametrize(
    "text", ["abc", "1234567890123456", "OIL0", "a" * 33, "sum*mer", "", "RV:"]
)
def test_what_looks_like_something_else_is_no_word(text: str) -> None:
    assert tidy_word(text) is None


# --- recognising ---------------------------------------------------------------------------


def test_our_own_codes_are_told_by_their_form() -> None:
    card = encode(ANNA, CardKind.SHOWN, "anna", NOON)
    assert recognise(f" {card}\n") == Credential(kind=CredentialKind.MEMBER_CARD, text=card)
    for code in ("RV:AAAA", "rv:aaaa", digits.grouped(OURS.of(7))):
        found = recognise(code)
        assert found is not None
        assert found.kind is CredentialKind.VOUCHER


@pytest.mark.parametrize("text", ["", "4006381333931", "1111111111111111", "SUMMER", "RX:1", "RV"])
def test_other_texts_are_not_ours(text: str) -> None:
    assert recognise(text) is None


@given(st.text(max_size=300))
def test_no_text_brings_recognition_down(text: str) -> None:
    assert recognise(text) is None or isinstance(recognise(text), Credential)


# --- cards ---------------------------------------------------------------------------------


@given(st.uuids(version=4).map(lambda u: u.hex) | st.just("anna"), moments)
def test_a_card_names_its_member(member_id: str, now: datetime) -> None:
    key = member_key(KEY, member_id)
    for kind in CardKind:
        card = take_apart(encode(key, kind, member_id, now))
        assert card is not None
        assert (card.member_id, card.kind) == (member_id, kind)
        assert refuse(card, key, now, None, now) is None


@given(moments, st.timedeltas(timedelta(minutes=-10), timedelta(minutes=10)))
def test_a_photo_of_a_card_is_worth_nothing_after_a_minute(now: datetime, away: timedelta) -> None:
    card = take_apart(encode(ANNA, CardKind.SHOWN, "anna", now))
    assert card is not None
    answer = refuse(card, ANNA, now + away, None, now - timedelta(days=1))
    if abs(away) <= timedelta(seconds=30):
        assert answer is None
    if abs(away) >= timedelta(seconds=60):
        assert answer is Reason.CARD_STALE


@given(moments, st.timedeltas(timedelta(minutes=2, seconds=1), timedelta(days=9000)))
def test_a_clock_known_to_be_wrong_judges_no_card_that_turns(
    now: datetime, behind: timedelta
) -> None:
    """Even a code that fits the wrong time, as an old picture may, says nothing then."""
    shown = take_apart(encode(ANNA, CardKind.SHOWN, "anna", now))
    printed = take_apart(encode(ANNA, CardKind.PRINTED, "anna", now))
    assert shown is not None
    assert printed is not None
    assert refuse(shown, ANNA, now, None, now + behind) is Reason.CLOCK_WENT_BACK
    assert refuse(printed, ANNA, now, None, now + behind) is None


def test_a_printed_card_holds_until_it_is_replaced() -> None:
    card = take_apart(encode(ANNA, CardKind.PRINTED, "anna", NOON))
    assert card is not None
    assert refuse(card, ANNA, NOON + timedelta(days=4000), None, NOON) is None
    assert refuse(card, ANNA, NOON, NOON + timedelta(days=1), NOON) is Reason.CARD_WITHDRAWN
    assert refuse(card, ANNA, NOON, NOON - timedelta(days=1), NOON) is None


@given(st.sampled_from(CardKind), st.data())
def test_one_changed_character_is_never_a_card(kind: CardKind, data: st.DataObject) -> None:
    text = encode(ANNA, kind, "anna", NOON)
    at = data.draw(st.integers(len(member_card.PREFIX), len(text) - 1))
    other = data.draw(st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".replace(text[at], "")))
    card = take_apart(text[:at] + other + text[at + 1 :])
    if card is not None:
        key = member_key(KEY, card.member_id)
        assert refuse(card, key, NOON, None, NOON) is Reason.CARD_FORGED


@given(st.text(max_size=300) | st.text(max_size=300).map(member_card.PREFIX.__add__))
def test_no_text_brings_a_card_down(text: str) -> None:
    assert take_apart(text) is None


def test_a_card_of_another_member_or_store_is_forged() -> None:
    card = take_apart(encode(ANNA, CardKind.SHOWN, "anna", NOON))
    assert card is not None
    for key in (member_key(KEY, "ben"), member_key(bytes(32), "anna")):
        assert refuse(card, key, NOON, None, NOON) is Reason.CARD_FORGED
