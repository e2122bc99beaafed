"""What a scanner that types sends: ``struct input_event`` as the kernel hands them out.

A key is what a real keyboard gives for it, ``MSC_SCAN`` and ``SYN_REPORT`` included.
"""

from __future__ import annotations

from itertools import product

from edge.scanner.keyboard import EVENT
from edge.scanner.keymap import US, Layout

SHIFT, RIGHT_ALT, ENTER, TAB, SPACE = 42, 100, 28, 15, 57
_MSC, _SYN, _KEY = 4, 0, 1


def typed(text: str, layout: Layout = US) -> bytes:
    """The events of a text; ``\\n`` and ``\\t`` are their keys."""
    return b"".join(_character(character, layout) for character in text)


def press(*keys: int) -> bytes:
    """The first key held while the others are pressed; one key alone is pressed."""
    held, *others = keys
    inner = b"".join(_event(key, 1) + _event(key, 0) for key in others)
    return _event(held, 1) + inner + _event(held, 0)


def _character(character: str, layout: Layout) -> bytes:
    if character in "\n\t":
        return press(ENTER if character == "\n" else TAB)
    for key, shift, right_alt in product(range(1, 120), (False, True), (False, True)):
        if layout.character(key, shift=shift, right_alt=right_alt) == character:
            break
    else:
        raise ValueError(f"no key types {character!r}")
    keys = press(SHIFT, key) if shift else press(RIGHT_ALT, key) if right_alt else press(key)
    return keys + (press(SPACE) if character in layout.dead else b"")


def _event(key: int, value: int) -> bytes:
    """One key event with what comes around it; time stamps are the kernel's, and not read."""
    scan_code = EVENT.pack(1_700_000_000, 123_456, _MSC, 4, 0x70000 + key)
    return (
        scan_code
        + EVENT.pack(1_700_000_000, 123_456, _KEY, key, value)
        + EVENT.pack(1_700_000_000, 123_456, _SYN, 0, 0)
    )
