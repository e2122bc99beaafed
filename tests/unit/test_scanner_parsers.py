"""Bytes of devices to codes: the same scans, however the bytes are cut into pieces."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import pairwise

import pytest
from component.wedge import press, typed
from hypothesis import given
from hypothesis import strategies as st

from edge.domain import Symbology
from edge.scanner.code import LONGEST_BYTES, Code, Garbled, Heard, code_of
from edge.scanner.device import Parser
from edge.scanner.keyboard import EVENT, Keyboard
from edge.scanner.keymap import DE, US, Layout
from edge.scanner.lines import Lines

ASCII = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=1, max_size=60)
TEXT = st.text(
    st.characters(categories=("L", "N", "P", "S", "Zs"), include_characters="\x1d"),
    min_size=1,
    max_size=60,
)


def heard(parser: Parser, pieces: Iterable[bytes]) -> list[Heard]:
    codes = [code for piece in pieces for code in parser.feed(piece)]
    return [*codes, *parser.pause()]


def cut(data: bytes, at: list[int]) -> list[bytes]:
    """The bytes in pieces that end at these places."""
    places = sorted({place % (len(data) + 1) for place in at} | {0, len(data)})
    return [data[begin:end] for begin, end in pairwise(places)]


@given(st.lists(TEXT, max_size=5), st.sampled_from(["\r", "\n", "\r\n", "\x03"]), st.data())
def test_lines_are_the_same_in_any_pieces(texts: list[str], end: str, data: st.DataObject) -> None:
    sent = "".join(text + end for text in texts).encode()
    pieces = cut(sent, data.draw(st.lists(st.integers(0, 1000), max_size=8)))
    assert heard(Lines(), pieces) == [code_of(text) for text in texts if code_of(text).text]


@given(st.lists(ASCII, max_size=4), st.sampled_from([US, DE]), st.data())
def test_keys_are_the_same_in_any_pieces(
    texts: list[str], layout: Layout, data: st.DataObject
) -> None:
    sent = b"".join(typed(text + "\n", layout) for text in texts)
    pieces = cut(sent, data.draw(st.lists(st.integers(0, 100_000), max_size=8)))
    found = heard(Keyboard(layout), pieces)
    assert found == [code_of(text) for text in texts if code_of(text).text]


NEXT = Code(text="4006381333931", symbology=Symbology.UNKNOWN)
EVENTS = st.tuples(st.integers(0, 4), st.integers(0, 120), st.integers(-1, 2))


@given(st.binary(max_size=300))
def test_whatever_a_line_holds_the_next_scan_works(noise: bytes) -> None:
    lines = Lines()
    heard(lines, [noise])
    assert heard(lines, [b"4006381333931\r"]) == [NEXT]


@given(st.lists(EVENTS, max_size=60))
def test_whatever_keys_are_pressed_the_next_scan_works(events: list[tuple[int, int, int]]) -> None:
    keyboard = Keyboard(US)
    heard(keyboard, [EVENT.pack(0, 0, *event) for event in events])
    assert heard(keyboard, [_released(), typed("4006381333931\n")])[-1] == NEXT


def _released() -> bytes:
    """Every modifier let go, as it is when a hand leaves the keys."""
    return b"".join(EVENT.pack(0, 0, 1, key, 0) for key in (29, 42, 54, 56, 97, 100))


@pytest.mark.parametrize("make", [Lines, lambda: Keyboard(US)], ids=["lines", "keys"])
def test_a_megabyte_without_an_end_is_refused_once_and_not_kept(
    make: Callable[[], Parser],
) -> None:
    parser = make()
    piece = typed("7" * 1024) if isinstance(parser, Keyboard) else b"7" * 1024
    codes = [code for _ in range(1024) for code in parser.feed(piece)]
    assert [*codes, *parser.pause()] == [Garbled.TOO_LONG]


def test_the_longest_code_still_fits() -> None:
    (code,) = heard(Lines(), [b"1" * LONGEST_BYTES + b"\r"])
    assert isinstance(code, Code)


@pytest.mark.parametrize(
    ("sent", "fault"),
    [
        (b"12\x0034\r", Garbled.CONTROL_CHARACTERS),
        (b"12\x1b[2J\r", Garbled.CONTROL_CHARACTERS),
        ("12\x9b".encode() + b"\r", Garbled.CONTROL_CHARACTERS),
        (b"12\xff\xfe\r", Garbled.NOT_TEXT),
        ("größe".encode("latin-1") + b"\r", Garbled.NOT_TEXT),
    ],
)
def test_what_no_code_holds_is_refused_and_the_next_scan_works(sent: bytes, fault: Garbled) -> None:
    assert heard(Lines(), [sent + b"next\r"]) == [fault, code_of("next")]


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ("]E04006381333931", ("4006381333931", Symbology.EAN_13, "]E0")),
        ("]E496385074", ("96385074", Symbology.EAN_8, "]E4")),
        ("]Q3010400638133393\x1d10A", ("010400638133393\x1d10A", Symbology.QR, "]Q3")),
        ("]C101040063813339312110", ("01040063813339312110", Symbology.CODE_128, "]C1")),
        ("]X0abc", ("abc", Symbology.UNKNOWN, "]X0")),
        ("]]x", ("]]x", Symbology.UNKNOWN, "")),
        ("]Qx1", ("]Qx1", Symbology.UNKNOWN, "")),
    ],
)
def test_the_aim_identifier_is_taken_off_the_front(
    sent: str, code: tuple[str, Symbology, str]
) -> None:
    text, symbology, aim_id = code
    assert code_of(sent) == Code(text=text, symbology=symbology, aim_id=aim_id)


def test_a_german_wedge_types_its_umlauts_brackets_and_dead_keys() -> None:
    text = "Größe [42] {a} ^ ´x @ € \\ ~ |"
    assert heard(Keyboard(DE), [typed(text + "\n", DE)]) == [code_of(text)]


def test_a_character_typed_by_its_number_counts() -> None:
    by_number = press(56, 82, 75, 75)  # alt held: 0, 4, 4 is a comma
    assert heard(Keyboard(US), [typed("1") + by_number + typed("5\n")]) == [code_of("1,5")]


@pytest.mark.parametrize("layout", [US, DE], ids=["us", "de"])
def test_the_group_separator_is_control_and_bracket(layout: Layout) -> None:
    keys = typed("10A", layout) + press(29, 27) + typed("21B\n", layout)
    assert heard(Keyboard(layout), [keys]) == [code_of("10A\x1d21B")]


def test_a_key_that_types_nothing_spoils_the_scan_and_only_that() -> None:
    found = heard(Keyboard(US), [typed("12") + press(59) + typed("34\n") + typed("56\n")])
    assert found == [Garbled.CONTROL_CHARACTERS, code_of("56")]


def test_keys_that_the_kernel_dropped_spoil_the_scan() -> None:
    dropped = EVENT.pack(0, 0, 0, 3, 0)
    found = heard(Keyboard(US), [typed("12") + dropped + typed("34\n") + typed("56\n")])
    assert found == [Garbled.TORN, code_of("56")]


def test_tab_ends_a_scan_and_a_held_key_counts_once() -> None:
    held = EVENT.pack(0, 0, 1, 2, 1) + EVENT.pack(0, 0, 1, 2, 2) * 5 + EVENT.pack(0, 0, 1, 2, 0)
    assert heard(Keyboard(US), [held + typed("\t9\n")]) == [code_of("1"), code_of("9")]
