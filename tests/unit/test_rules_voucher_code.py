"""Signed vouchers: what goes in comes out, and nothing else comes out."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

import cbor2
import pytest
import segno
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.domain import AmountOff, Gift, Money, PercentOff, Reason, Voucher, Window
from edge.rules import cose
from edge.rules.voucher_code import PREFIX, TEXT_MAX, CannotSign, decode, encode

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
KEY_ID = "0badcafe"
KEYS = {KEY_ID: KEY.public_key()}

amounts = st.decimals(0, 10**6, places=2)
money = st.builds(Money, amount=amounts, currency=st.sampled_from(["EUR", "CNY", "JPY"]))
values = st.one_of(
    st.builds(AmountOff, money=money),
    st.builds(PercentOff, percent=st.decimals("0.1", 100, places=1), at_most=st.none() | money),
    st.builds(
        Gift,
        name=st.text(st.characters(codec="utf-8"), min_size=1, max_size=8),
        gtin=st.just("") | st.integers(1, 10**14 - 1).map("{:014}".format),
    ),
)
ids = st.uuids(version=4).map(lambda u: u.hex) | st.from_regex(
    r"[a-z][a-z0-9-]{0,11}", fullmatch=True
)
moments = st.none() | st.integers(0, 2**32 - 1).map(lambda s: datetime.fromtimestamp(s, UTC))
minutes = st.builds(time, hour=st.integers(0, 23), minute=st.integers(0, 59))
vouchers = st.builds(
    Voucher,
    id=ids,
    campaign_id=ids,
    value=values,
    member_id=st.none() | ids,
    valid_from=moments,
    valid_until=moments,
    stores=st.lists(st.from_regex(r"[a-z]{1,6}", fullmatch=True), max_size=3).map(tuple),
    window=st.none() | st.builds(Window, opens=minutes, closes=minutes),
    uses=st.integers(1, 1000),
    key_id=st.just(KEY_ID),
)
WELCOME = Voucher(
    id="c0ffee" * 5 + "01",
    campaign_id="welcome",
    value=AmountOff(money=Money(amount=Decimal("5.50"), currency="EUR")),
    key_id=KEY_ID,
)


@given(vouchers)
def test_what_goes_in_comes_out(voucher: Voucher) -> None:
    assert decode(encode(voucher, KEY, KEY_ID), KEYS) == voucher


@given(vouchers)
def test_it_fits_a_qr_code_of_version_nine(voucher: Voucher) -> None:
    code = segno.make_qr(encode(voucher, KEY, KEY_ID), error="L")
    assert code.version <= 9
    assert code.mode == "alphanumeric"


def test_the_longest_text_still_fits() -> None:
    assert segno.make_qr("A" * TEXT_MAX, error="L", boost_error=False).version == 9


def test_what_would_not_fit_is_refused_at_the_desk() -> None:
    crowded = replace(WELCOME, stores=tuple(f"store-{n:03}" for n in range(20)))
    with pytest.raises(CannotSign, match="fewer stores"):
        encode(crowded, KEY, KEY_ID)


@pytest.mark.parametrize(
    "voucher",
    [
        replace(WELCOME, valid_until=datetime(2027, 1, 1, microsecond=1, tzinfo=UTC)),
        replace(WELCOME, window=Window(opens=time(22, 0, 30), closes=time(4))),
        replace(WELCOME, value=AmountOff(money=Money(amount=Decimal("1e3"), currency="EUR"))),
        replace(WELCOME, value=AmountOff(money=Money(amount=Decimal(-5), currency="EUR"))),
    ],
)
def test_what_would_come_out_otherwise_is_refused_at_the_desk(voucher: Voucher) -> None:
    with pytest.raises(CannotSign):
        encode(voucher, KEY, KEY_ID)


@given(vouchers, st.data())
def test_one_changed_character_is_never_a_voucher(voucher: Voucher, data: st.DataObject) -> None:
    text = encode(voucher, KEY, KEY_ID)
    at = data.draw(st.integers(len(PREFIX), len(text) - 1))
    other = data.draw(st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".replace(text[at], "")))
    assert isinstance(decode(text[:at] + other + text[at + 1 :], KEYS), Reason)


@given(vouchers, st.data())
def test_a_truncated_code_is_never_a_voucher(voucher: Voucher, data: st.DataObject) -> None:
    text = encode(voucher, KEY, KEY_ID)
    end = data.draw(st.integers(0, len(text) - 1))
    assert decode(text[:end], KEYS) is Reason.NOT_A_VOUCHER


@given(st.text(max_size=400) | st.text(max_size=4000).map(PREFIX.__add__))
def test_no_text_brings_it_down(text: str) -> None:
    assert isinstance(decode(text, KEYS), Reason)


@given(st.binary(max_size=200))
@settings(max_examples=500)
def test_no_bytes_bring_it_down(data: bytes) -> None:
    text = PREFIX + base64.b32encode(data).decode().rstrip("=")
    assert isinstance(decode(text, KEYS), Reason)


cbor_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.text(max_size=8)
    | st.binary(max_size=20)
    | st.decimals(allow_nan=False),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.integers(0, 12), inner, max_size=9)
    ),
    max_leaves=12,
)


@given(cbor_values)
def test_no_signed_nonsense_is_a_voucher(payload: object) -> None:
    """A key that signs something else, too, gives nothing away by it."""
    message = cose.sign(cose.canonical(payload), KEY, bytes.fromhex(KEY_ID))
    assert decode(_text(message), KEYS) is Reason.NOT_A_VOUCHER


def test_the_same_voucher_in_other_bytes_is_no_second_voucher() -> None:
    text = encode(WELCOME, KEY, KEY_ID)
    message = base64.b32decode(text[len(PREFIX) :] + "=" * (-(len(text) - len(PREFIX)) % 8))
    tag = cbor2.loads(message)
    protected, _, payload, signature = tag.value
    others = [
        message + b"\x00",
        b"\xd8\x12" + message[1:],  # the tag in two bytes
        message[1:],  # no tag
        cbor2.dumps(cbor2.CBORTag(18, [protected, {4: b"x"}, payload, signature])),
        cbor2.dumps(cbor2.CBORTag(18, [protected, {}, payload, signature + b"\x00"])),
    ]
    for other in others:
        assert decode(_text(other), KEYS) is Reason.NOT_A_VOUCHER
    assert decode(text.lower(), KEYS) == WELCOME, "a reader may change the case"
    assert decode(text + "=", KEYS) is Reason.NOT_A_VOUCHER


def test_another_algorithm_is_no_voucher() -> None:
    payload = cose.canonical({1: b"i" * 16})
    protected = cose.canonical({1: -7, 4: bytes.fromhex(KEY_ID)})
    message = cose.canonical(cbor2.CBORTag(18, [protected, {}, payload, bytes(64)]))
    assert decode(_text(message), KEYS) is Reason.NOT_A_VOUCHER


def test_a_key_that_is_not_known_and_one_that_did_not_sign_are_told_apart() -> None:
    other = Ed25519PrivateKey.from_private_bytes(bytes(32))
    assert decode(encode(WELCOME, KEY, "00000001"), KEYS) is Reason.UNKNOWN_KEY
    assert decode(encode(WELCOME, other, KEY_ID), KEYS) is Reason.FORGED


def test_the_format_stays_as_it_is() -> None:
    """Printed vouchers outlive programs: this text was made once and must be read for ever."""
    assert decode(GOLDEN, KEYS) == replace(
        WELCOME,
        member_id="ada",
        valid_until=datetime(2027, 1, 1, tzinfo=UTC),
        window=Window(opens=time(22), closes=time(4)),
        stores=("sh-01",),
        uses=2,
    )
    assert (
        encode(
            replace(
                WELCOME,
                member_id="ada",
                valid_until=datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=365),
                window=Window(opens=time(22), closes=time(4)),
                stores=("sh-01",),
                uses=2,
            ),
            KEY,
            KEY_ID,
        )
        == GOLDEN
    )


def _text(message: bytes) -> str:
    return PREFIX + base64.b32encode(message).decode().rstrip("=")


GOLDEN = (
    "RV:2KCETIQBE4CEIC5NZL7KAWCEVAAVBQH753AP73WA77XMB77OYD764AICM53WK3DDN5WWKA4CACBWGRKVKIMQE"
    "JQCARRWCZDBAYNGWNXMQADYCZLTNAWTAMIIQIMQKKAY6AEQEWCAPUBAM2KOJTRB5TLFSETAQSRINQ3IJU6QJ2RZB"
    "SZF7E4NSNKHXBJETMPG43DSOUTGAXLXVSUFDBODDB7BJUWGM6KSJ3ESMLFPSHOUKBI"
)
