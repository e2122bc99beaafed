"""What a keyboard's keys mean, by layout.

A wedge types as if on a keyboard of the layout it is set to; what arrives are the positions of
keys (``input-event-codes.h``), so the layout is the other half of the message.
"""

from __future__ import annotations

ENTER, KP_ENTER, TAB, SPACE = 28, 96, 15, 57
SHIFTS = frozenset({42, 54})
CONTROLS = frozenset({29, 97})
ALT, ALT_GR = 56, 100
ENDS = frozenset({ENTER, KP_ENTER, TAB})
SILENT = frozenset({58, 69, 70})
"""Caps, num and scroll lock: pressed by wedges to be sure of them, and meaning nothing here."""
KEYPAD = dict(zip((82, 79, 80, 81, 75, 76, 77, 71, 72, 73), "0123456789", strict=True))

_ROWS = (range(2, 14), range(16, 28), (*range(30, 42), 43), (86, *range(44, 54)))
_REST = {SPACE: " ", 55: "*", 74: "-", 78: "+", 83: ".", 98: "/", **KEYPAD}


class Layout:
    """Characters by key: plain, with shift, with the right alt key; ``dead`` ones await a space."""

    def __init__(
        self, plain: str, shifted: str, right_alt: dict[int, str] | None = None, dead: str = ""
    ) -> None:
        self._plain = _REST | _keys(plain)
        self._shifted = _REST | _keys(shifted)
        self._right_alt = right_alt or {}
        self.dead = frozenset(dead)

    def character(self, key: int, *, shift: bool, right_alt: bool) -> str | None:
        """What this key types, or None for one that types nothing."""
        if right_alt:
            return self._right_alt.get(key)
        return (self._shifted if shift else self._plain).get(key)


def _keys(rows: str) -> dict[int, str]:
    keys = [key for row in _ROWS for key in row]
    return dict(zip(keys, rows.replace("\n", ""), strict=True))


US = Layout(
    "1234567890-=\nqwertyuiop[]\nasdfghjkl;'`\\\n\\zxcvbnm,./",
    '!@#$%^&*()_+\nQWERTYUIOP{}\nASDFGHJKL:"~|\n|ZXCVBNM<>?',
)
DE = Layout(
    "1234567890ß´\nqwertzuiopü+\nasdfghjklöä^#\n<yxcvbnm,.-",
    "!\"§$%&/()=?`\nQWERTZUIOPÜ*\nASDFGHJKLÖÄ°'\n>YXCVBNM;:_",
    {3: "²", 4: "³", 8: "{", 9: "[", 10: "]", 11: "}", 12: "\\", 16: "@", 18: "€", 27: "~",
     50: "µ", 86: "|"},
    dead="^´`",
)  # fmt: skip
LAYOUTS = {"us": US, "de": DE}


def control_character(key: int, layout: Layout) -> str | None:
    """What control and this key type, e.g. the group separator with ``]``; None for nothing.

    Where the layout has no such character on the key, the one of the US layout counts: scanners
    press the key they know.
    """
    for candidate in (layout, US):
        typed = candidate.character(key, shift=False, right_alt=False)
        if typed is not None and "@" <= typed.upper() <= "_":
            return chr(ord(typed.upper()) & 0x1F)
    return None
