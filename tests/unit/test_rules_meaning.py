"""What a scan means: total, honest about what it does not know, and strict with what it does."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

import pytest
from biip.checksums import gs1_standard_check_digit
from hypothesis import example, given
from hypothesis import strategies as st

from edge.domain import (
    BadCode,
    CodeFault,
    Credential,
    CredentialKind,
    Element,
    Meaning,
    StoreCode,
    Symbology,
    TradeItem,
    Unknown,
)
from edge.rules import gs1
from edge.rules.gtin import gtin14, is_restricted, upc_a
from edge.rules.meaning import TEXT_MAX, meaning

TODAY = date(2026, 11, 24)
GTIN = "04006381333931"
BOOK = TradeItem(gtin="09780735200449", add_on="51299")
OWN = Credential(kind=CredentialKind.VOUCHER, text="RV1:OURS")


def means(text: str, symbology: Symbology = Symbology.UNKNOWN, aim_id: str = "") -> Meaning:
    return meaning(
        text,
        symbology,
        aim_id,
        recognise=lambda t: OWN if t == OWN.text else None,
        link_hosts=["id.gs1.org"],
        today=TODAY,
    )


def label(text: str) -> TradeItem | BadCode:
    found = means(text, Symbology.DATA_MATRIX, "]d2")
    assert isinstance(found, TradeItem | BadCode)
    return found


def with_check_digit(payload: str) -> str:
    return payload + str(gs1_standard_check_digit(payload))


payloads = st.text("0123456789", min_size=13, max_size=13)
words = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-/.", min_size=1, max_size=20)
days = st.dates(date(1990, 1, 1), date(2070, 12, 31))


# Total


@given(
    st.text(max_size=300) | st.binary(max_size=300).map(lambda b: b.decode("utf-8", "replace")),
    st.sampled_from(Symbology),
    st.sampled_from(["", "]E0", "]E3", "]E4", "]C1", "]d2", "]Q3", "]Q1", "]I1", "]zC", "]??"]),
)
@example("01" + "٠" * 14, Symbology.DATA_MATRIX, "]d2")
@example("\ud800", Symbology.QR, "]Q1")
@example("https://id.gs1.org/01/04006381333931?17=269999", Symbology.QR, "]Q1")
@example("http://[::1", Symbology.QR, "]Q1")
@example("3929", Symbology.QR, "]Q3")
def test_every_text_has_a_meaning_that_can_be_sent(
    text: str, symbology: Symbology, aim_id: str
) -> None:
    found = means(text, symbology, aim_id)
    if isinstance(found, Unknown):
        json.dumps(found.text).encode("utf-8")
        found.text.encode("utf-8")


@given(st.text("0123456789\x1d()ABC", max_size=80))
def test_whatever_follows_a_gs1_identifier_is_a_label_or_refused_with_a_reason(text: str) -> None:
    assert isinstance(label(text), TradeItem | BadCode)


def test_three_kilobytes_of_nonsense_are_unknown_and_more_than_a_code_holds_is_refused() -> None:
    nonsense = "".join(chr(33 + i * 7 % 90) for i in range(3000))
    assert means(nonsense, Symbology.QR, "]Q1") == Unknown(text=nonsense)
    assert means("x" * (TEXT_MAX + 1)) == BadCode(fault=CodeFault.TOO_LONG)


def test_what_cannot_be_seen_is_shown_to_be_there() -> None:
    assert means("a\x00\x1b[31m\u202eb\n") == Unknown(text="a\ufffd\ufffd[31m\ufffdb\n")


# Our own come first


def test_our_own_code_is_recognised_whatever_carries_it() -> None:
    for aim_id in ("", "]Q1", "]Q3", "]C1"):
        assert means(OWN.text, Symbology.QR, aim_id) == OWN
    assert means("]Q1" + OWN.text) == OWN


# GS1 labels


def test_a_label_says_product_batch_serial_expiry_price_and_weight() -> None:
    text = f"01{GTIN}1726113010B-7\x1d21S/9\x1d3103001250\x1d39321561999\x1d3012\x1d11250200"
    item = label(text)
    assert isinstance(item, TradeItem)
    assert (item.gtin, item.batch, item.serial) == (GTIN, "B-7", "S/9")
    assert item.expires_on == date(2026, 11, 30)
    assert item.produced_on == date(2025, 2, 28), "day 00 is the last of the month"
    assert (item.price, item.currency) == (Decimal("19.99"), "CNY")
    assert item.net_weight_kg == Decimal("1.250")
    assert item.count == 12


def test_a_price_shorter_than_its_decimals_is_small_not_large() -> None:
    item = label(f"01{GTIN}39225")
    assert isinstance(item, TradeItem)
    assert item.price == Decimal("0.05")


@pytest.mark.parametrize(
    ("text", "fault", "ai"),
    [
        (f"01{GTIN}17261131", CodeFault.IMPOSSIBLE_DATE, "17"),
        (f"01{GTIN}17270229", CodeFault.IMPOSSIBLE_DATE, "17"),
        (f"01{GTIN}17261300", CodeFault.MALFORMED_ELEMENT, "17"),
        (f"01{GTIN}15260000", CodeFault.IMPOSSIBLE_DATE, "15"),
        (f"01{GTIN}70032611302561", CodeFault.IMPOSSIBLE_DATE, "7003"),
        ("0104006381333932", CodeFault.CHECK_DIGIT, "01"),
        ("01040063813339", CodeFault.MALFORMED_ELEMENT, "01"),
        (f"01{GTIN}10" + "A" * 21, CodeFault.MALFORMED_ELEMENT, "10"),
        (f"01{GTIN}10A\x1d10B", CodeFault.CONTRADICTION, "10"),
        ("0512345", CodeFault.UNKNOWN_IDENTIFIER, None),
        ("", CodeFault.MALFORMED_ELEMENT, None),
        ("\x1d\x1d", CodeFault.MALFORMED_ELEMENT, None),
        ("10Bär", CodeFault.MALFORMED_ELEMENT, None),
    ],
)
def test_an_impossible_label_is_refused_with_its_reason(
    text: str, fault: CodeFault, ai: str | None
) -> None:
    assert label(text) == BadCode(fault=fault, ai=ai)


@given(payloads, words, words, days)
def test_a_label_says_again_what_was_put_in(
    payload: str, batch: str, serial: str, expiry: date
) -> None:
    gtin = with_check_digit(payload)
    parts = [
        Element(ai="01", value=gtin),
        Element(ai="17", value=expiry.strftime("%y%m%d")),
        Element(ai="10", value=batch),
        Element(ai="21", value=serial),
    ]
    item = label(f"01{gtin}17{expiry:%y%m%d}10{batch}\x1d21{serial}")
    assert isinstance(item, TradeItem)
    assert list(item.elements) == parts
    assert (item.gtin, item.batch, item.serial) == (gtin, batch, serial)
    assert item.expires_on is not None
    assert (item.expires_on.month, item.expires_on.day) == (expiry.month, expiry.day)
    assert item.expires_on.year % 100 == expiry.year % 100
    assert -49 <= item.expires_on.year - TODAY.year <= 50


@given(
    st.permutations([f"01{GTIN}", "10B-7", "17261130", "21S9", "39221999", "3103001250"]),
    st.booleans(),
)
def test_the_order_of_elements_changes_nothing(parts: list[str], ending: bool) -> None:
    item = label("\x1d".join(parts) + ("\x1d" if ending else ""))
    assert isinstance(item, TradeItem)
    assert (item.gtin, item.batch, item.serial) == (GTIN, "B-7", "S9")
    assert (item.price, item.net_weight_kg) == (Decimal("19.99"), Decimal("1.250"))
    assert item.expires_on == date(2026, 11, 30)


def test_an_untagged_text_is_never_a_label() -> None:
    assert means("2112345") == Unknown(text="2112345")
    assert means("2112345", Symbology.CODE_128, "]C0") == Unknown(text="2112345")
    assert isinstance(label("2112345"), TradeItem)
    assert means(f"01{GTIN}10B", Symbology.QR, "]Q1") == Unknown(text=f"01{GTIN}10B")


def test_databar_is_a_label_even_where_the_device_sends_no_identifier() -> None:
    assert means(f"01{GTIN}", Symbology.DATABAR) == label(f"01{GTIN}")


# Links


def test_a_link_of_an_allowed_host_says_what_a_label_says() -> None:
    item = means(f"https://id.gs1.org/01/{GTIN}/10/B-7?17=261130", Symbology.QR, "]Q1")
    assert isinstance(item, TradeItem)
    assert (item.gtin, item.batch, item.expires_on) == (GTIN, "B-7", date(2026, 11, 30))


@pytest.mark.parametrize(
    "text",
    [
        f"https://id.gs1.org.example.com/01/{GTIN}",
        f"https://example.com/01/{GTIN}",
        f"https://example.com@evil.example/01/{GTIN}",
        f"ftp://id.gs1.org/01/{GTIN}",
        "https://id.gs1.org/about",
    ],
)
def test_a_link_of_anybody_else_is_a_text(text: str) -> None:
    assert means(text, Symbology.QR, "]Q1") == Unknown(text=text)


def test_an_impossible_date_in_a_link_is_refused() -> None:
    found = means(f"https://id.gs1.org/01/{GTIN}?17=261131", Symbology.QR, "]Q1")
    assert found == BadCode(fault=CodeFault.IMPOSSIBLE_DATE, ai="17")


# Retail numbers


@pytest.mark.parametrize(
    ("text", "symbology", "aim_id", "expected"),
    [
        ("4006381333931", Symbology.EAN_13, "]E0", TradeItem(gtin=GTIN)),
        ("4006381333931", Symbology.UNKNOWN, "", TradeItem(gtin=GTIN)),
        ("]E04006381333931", Symbology.UNKNOWN, "", TradeItem(gtin=GTIN)),
        ("036602301467", Symbology.UPC_A, "", TradeItem(gtin="00036602301467")),
        ("01234565", Symbology.UPC_E, "", TradeItem(gtin="00012345000065")),
        ("0012345000065", Symbology.UPC_E, "]E0", TradeItem(gtin="00012345000065")),
        ("96385074", Symbology.EAN_8, "]E4", TradeItem(gtin="00000096385074")),
        ("14006381333938", Symbology.ITF, "]I1", TradeItem(gtin="14006381333938")),
        ("978073520044951299", Symbology.EAN_13, "]E3", BOOK),
        ("4006381333932", Symbology.EAN_13, "]E0", BadCode(fault=CodeFault.CHECK_DIGIT)),
        ("4006381333932", Symbology.UNKNOWN, "", Unknown(text="4006381333932")),
        ("2012345678903", Symbology.EAN_13, "]E0", StoreCode(number="02012345678903")),
        ("20123451", Symbology.EAN_8, "]E4", StoreCode(number="00000020123451")),
        ("14006381333938", Symbology.ITF, "]I0", Unknown(text="14006381333938")),
    ],
)
def test_a_retail_number_is_known_by_its_check_digit(
    text: str, symbology: Symbology, aim_id: str, expected: Meaning
) -> None:
    assert means(text, symbology, aim_id) == expected


@given(
    st.sampled_from([7, 11, 12, 13]).flatmap(
        lambda n: st.text("0123456789", min_size=n, max_size=n)
    )
)
def test_every_form_of_a_number_becomes_the_same_fourteen_digits(payload: str) -> None:
    number = with_check_digit(payload)
    assert gtin14(number) == number.zfill(14)


@given(st.text("0123456789", min_size=12, max_size=12), st.integers(0, 12), st.integers(1, 9))
def test_one_wrong_digit_is_always_noticed(payload: str, place: int, off: int) -> None:
    number = with_check_digit(payload)
    wrong = str((int(number[place]) + off) % 10)
    assert gtin14(number[:place] + wrong + number[place + 1 :]) is None


@pytest.mark.parametrize("prefix", ["02", "04", "20", "29"])
def test_restricted_prefixes_are_the_shops_own(prefix: str) -> None:
    assert is_restricted(with_check_digit(prefix + "1" * 10).zfill(14))


@pytest.mark.parametrize("prefix", ["00", "03", "10", "30", "690", "978"])
def test_other_prefixes_are_not(prefix: str) -> None:
    assert not is_restricted(with_check_digit(prefix.ljust(12, "7")).zfill(14))


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("01234505", "012000003455"),
        ("04252614", "042100005264"),
        ("01234133", "012300000413"),
        ("01234344", "012340000033"),
        ("06543279", "065432000079"),
    ],
)
def test_the_last_digit_of_a_upc_e_says_where_the_zeros_go(short: str, long: str) -> None:
    found = upc_a(short[:7] + long[-1])
    assert found is not None
    assert found[:-1] == long[:-1]


def test_a_label_without_a_product_still_says_its_batch() -> None:
    assert gs1.read_label("10B-7", TODAY) == TradeItem(
        gtin=None, batch="B-7", elements=(Element(ai="10", value="B-7"),)
    )
