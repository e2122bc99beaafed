"""Scanners that type: the kernel's key events, back to what the code says."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from edge.scanner.code import Garbled, Gathering, Heard
from edge.scanner.keymap import (
    ALT,
    ALT_GR,
    CONTROLS,
    ENDS,
    KEYPAD,
    SHIFTS,
    SILENT,
    SPACE,
    Layout,
    control_character,
)

EVENT = struct.Struct("llHHi")
"""``struct input_event``: two words of time, then type, code and value."""
SYN, KEY = 0, 1
DROPPED = 3
UP, DOWN = 0, 1
_ENDING_CONTROLS = "\t\n\r"
_MODIFIERS = SHIFTS | CONTROLS | {ALT, ALT_GR}


class Keyboard:
    """Events to codes, however their bytes are cut into pieces."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._gathering = Gathering()
        self._torn = b""
        self._held: set[int] = set()
        self._by_number = ""
        self._dead = False

    def feed(self, data: bytes) -> Iterator[Heard]:
        """The codes that these events complete."""
        data = self._torn + data
        whole = len(data) - len(data) % EVENT.size
        self._torn = data[whole:]
        for _, _, kind, code, value in EVENT.iter_unpack(data[:whole]):
            if kind == KEY:
                yield from self._key(code, value)
            elif kind == SYN and code == DROPPED:
                # The kernel's buffer ran over: keys are missing, and we know not which.
                self._held.clear()
                self._gathering.spoil(Garbled.TORN)

    def pause(self) -> Iterator[Heard]:
        """What a silence completes: not every scanner is set to send an end."""
        self._dead, self._by_number = False, ""
        heard = self._gathering.end()
        if heard is not None:
            yield heard

    def _key(self, key: int, value: int) -> Iterator[Heard]:
        if key in _MODIFIERS:
            self._hold(key, value)
        elif value == DOWN and key not in SILENT:
            if key in ENDS:
                yield from self.pause()
            elif ALT in self._held and key in KEYPAD:
                self._by_number += KEYPAD[key]
            else:
                yield from self._typed(self._character(key), key)

    def _hold(self, key: int, value: int) -> None:
        if value == UP:
            self._held.discard(key)
            if key == ALT and self._by_number:
                self._gathering.add(_numbered(self._by_number))
                self._by_number = ""
        else:
            self._held.add(key)

    def _character(self, key: int) -> str | None:
        if self._held & CONTROLS and ALT_GR not in self._held:
            return control_character(key, self._layout)
        return self._layout.character(
            key, shift=bool(self._held & SHIFTS), right_alt=ALT_GR in self._held
        )

    def _typed(self, character: str | None, key: int) -> Iterator[Heard]:
        if character is None:
            self._gathering.spoil(Garbled.CONTROL_CHARACTERS)
        elif character in _ENDING_CONTROLS:
            yield from self.pause()
        elif not (self._dead and key == SPACE):
            self._gathering.add(character.encode())
        # A dead key shows its own character with the space that follows it.
        self._dead = character in self._layout.dead


def _numbered(digits: str) -> bytes:
    """A character typed by its number: with a leading zero from code page 1252, else from 437.

    What has no character there is given as bytes that are no text, so that the scan is refused.
    """
    number = int(digits[-8:]) & 0xFF
    page = "cp1252" if digits.startswith("0") else "cp437"
    try:
        return bytes([number]).decode(page).encode()
    except UnicodeDecodeError:
        return bytes([number])
