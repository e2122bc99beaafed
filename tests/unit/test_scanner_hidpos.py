"""HID point-of-sale reports: read where the device's own descriptor says, and nowhere else."""

from __future__ import annotations

import pytest
from component.hidpos import COUNTED, PADDED, reports
from hypothesis import given
from hypothesis import strategies as st

from edge.domain import Symbology
from edge.scanner.code import Code, Garbled, Heard, code_of
from edge.scanner.hid import Field, Unreadable, input_fields
from edge.scanner.hidpos import HidPos, describes_scanner

KEYBOARD = bytes.fromhex(
    "05010906a101050719e029e71500250175019508810295017508810195067508150025650507190029658100c0"
)


def heard(scanner: HidPos, sent: list[bytes]) -> list[Heard]:
    return [code for report in sent for code in scanner.feed(report)]


@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=1, max_size=300))
def test_a_code_of_any_length_comes_back_whole(text: str) -> None:
    for shape in (COUNTED, PADDED):
        found = heard(HidPos(shape.descriptor), reports(shape, text, "]Q1"))
        assert found == [Code(text=text, symbology=Symbology.QR, aim_id="]Q1")]


def test_zeros_inside_a_counted_code_are_refused_and_the_next_scan_works() -> None:
    scanner = HidPos(COUNTED.descriptor)
    sent = reports(COUNTED, "12\x0034", "]Q1") + reports(COUNTED, "next", "]C0")
    assert heard(scanner, sent)[0] is Garbled.CONTROL_CHARACTERS
    assert heard(scanner, reports(COUNTED, "next", "]C0")) == [code_of("]C0next")]


def test_a_device_that_fills_no_identifier_in_leaves_the_symbology_open() -> None:
    (code,) = heard(HidPos(COUNTED.descriptor), reports(COUNTED, "4006381333931", "\0\0\0"))
    assert code == Code(text="4006381333931", symbology=Symbology.UNKNOWN)


def test_a_scan_whose_last_report_never_came_is_refused_by_the_pause() -> None:
    scanner = HidPos(COUNTED.descriptor)
    first, *_ = reports(COUNTED, "7" * 100, "]Q1")
    assert heard(scanner, [first]) == []
    assert list(scanner.pause()) == [Garbled.TORN]
    assert list(scanner.pause()) == []
    assert heard(scanner, reports(COUNTED, "next", "]C0")) == [code_of("]C0next")]


def test_a_code_that_never_ends_is_refused() -> None:
    scanner = HidPos(COUNTED.descriptor)
    first, *_ = reports(COUNTED, "7" * 100, "]Q1")
    assert heard(scanner, [first] * 1000) == []
    assert heard(scanner, reports(COUNTED, "7", "]Q1")) == [Garbled.TOO_LONG]


def test_reports_of_other_things_are_passed_over() -> None:
    scanner = HidPos(COUNTED.descriptor)
    assert heard(scanner, [b"\x09trigger pulled", b"\x02"]) == []


@given(st.lists(st.binary(min_size=1, max_size=70), max_size=10))
def test_no_report_whatever_it_holds_breaks_the_scanner(sent: list[bytes]) -> None:
    scanner = HidPos(COUNTED.descriptor)
    heard(scanner, sent)
    list(scanner.pause())
    assert heard(scanner, reports(COUNTED, "next", "]C0")) == [code_of("]C0next")]


@given(st.binary(max_size=200))
def test_no_descriptor_whatever_it_holds_does_more_than_be_refused(descriptor: bytes) -> None:
    describes_scanner(descriptor)


def test_a_keyboard_is_no_scanner() -> None:
    assert not describes_scanner(KEYBOARD)
    assert describes_scanner(COUNTED.descriptor)


def test_fields_lie_side_by_side_and_constants_between_them_count() -> None:
    keys = input_fields(KEYBOARD)[0]
    assert keys[0] == Field(0x000700E0, 0, 1)
    assert [field.at_bit for field in keys[8:]] == [16, 24, 32, 40, 48, 56]


@pytest.mark.parametrize(
    ("descriptor", "why"),
    [
        (b"\x05", "cut short"),
        (b"\xb4", "put aside"),
        (bytes.fromhex("058c09fe75ff27ffffffff97ffffffff8102"), "cannot be"),
    ],
)
def test_a_descriptor_that_cannot_be_is_refused(descriptor: bytes, why: str) -> None:
    with pytest.raises(Unreadable, match=why):
        input_fields(descriptor)
