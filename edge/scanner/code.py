"""What devices say, piece by piece, gathered into codes; what cannot be one is refused whole.

A code may arrive in pieces of any size and end by a character, by a report, or by a pause. A
device that never ends, or sends what no code holds, loses that scan and nothing more.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from edge.domain import Symbology

LONGEST_BYTES = 8192
"""The fullest QR code holds 7,089 digits (ISO/IEC 18004)."""

_AIM = re.compile(r"\]([A-Za-z])([0-9])")
_SYMBOLOGIES = {
    "A": Symbology.CODE_39, "C": Symbology.CODE_128, "d": Symbology.DATA_MATRIX,
    "E": Symbology.EAN_13, "e": Symbology.DATABAR, "F": Symbology.CODABAR,
    "G": Symbology.CODE_93, "I": Symbology.ITF, "L": Symbology.PDF417,
    "Q": Symbology.QR, "U": Symbology.MAXICODE, "z": Symbology.AZTEC,
}  # fmt: skip
"""AIM code characters, ISO/IEC 15424."""
_EAN_8 = "]E4"
# Separators of GS1 and ISO/IEC 15434 messages, which codes do hold.
_CONTROL = re.compile("[^\x04\x1c-\x1e\x20-\x7e\x80-\U0010ffff]|[\x80-\x9f]")


class Garbled(StrEnum):
    """Why something that came from a device is no code."""

    TOO_LONG = "too_long"
    NOT_TEXT = "not_text"
    CONTROL_CHARACTERS = "control_characters"
    TORN = "torn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """A code as a device gave it; ``text`` without the AIM identifier, which stands beside it."""

    text: str
    symbology: Symbology
    aim_id: str = ""


Heard = Code | Garbled


def code_of(text: str, aim_id: str = "") -> Code:
    """A code, its AIM identifier taken off the front of the text where the device put it there."""
    prefix = _AIM.match(text)
    if prefix and not aim_id:
        aim_id, text = prefix.group(), text[prefix.end() :]
    return Code(text=text, symbology=_symbology(aim_id), aim_id=aim_id)


def _symbology(aim_id: str) -> Symbology:
    if aim_id == _EAN_8:
        return Symbology.EAN_8
    return _SYMBOLOGIES.get(aim_id[1:2], Symbology.UNKNOWN)


class Gathering:
    """One code in the making."""

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._fault: Garbled | None = None

    def add(self, data: bytes) -> None:
        """Put the next bytes, UTF-8, behind the others; holds at most ``LONGEST_BYTES``."""
        if len(self._bytes) + len(data) > LONGEST_BYTES:
            self.spoil(Garbled.TOO_LONG)
        elif self._fault is None:
            self._bytes += data

    def spoil(self, fault: Garbled) -> None:
        """Whatever else comes before the end, this scan is lost; the first fault counts."""
        self._fault = self._fault or fault
        self._bytes.clear()

    def end(self, aim_id: str = "") -> Heard | None:
        """What came since the last end; None if nothing did."""
        data, fault = bytes(self._bytes), self._fault
        self._bytes.clear()
        self._fault = None
        if fault is not None or not data:
            return fault
        try:
            text = data.decode()
        except UnicodeDecodeError:
            return Garbled.NOT_TEXT
        if _CONTROL.search(text):
            return Garbled.CONTROL_CHARACTERS
        code = code_of(text, aim_id)
        return code if code.text else None
