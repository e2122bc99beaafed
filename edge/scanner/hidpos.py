"""Scanners in HID point-of-sale mode: reports of the Bar Code Scanner page, back to codes.

HID Point of Sale Usage Tables 1.02, usage page 0x8C. A code longer than a report comes in
several, each but the last saying that it is continued.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from edge.scanner.code import Garbled, Gathering, Heard
from edge.scanner.hid import Field, Unreadable, input_fields

_PAGE = 0x8C << 16
_AIM_CHARACTERS = (_PAGE | 0xFB, _PAGE | 0xFC, _PAGE | 0xFD)
_DECODED_DATA = _PAGE | 0xFE
_CONTINUED = _PAGE | 0xFF
_BYTE_COUNT = 0x01 << 16 | 0x3B
"""Of the Generic Desktop page; makers who leave it out fill the report with zeros instead."""
_AIM = re.compile(rb"\][A-Za-z][0-9A-Za-z]")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Report:
    """Where a report of scanned data holds what."""

    data: tuple[Field, ...]
    aim: tuple[Field, ...]
    count: Field | None
    continued: Field | None


class HidPos:
    """Reports to codes. The kernel hands out reports whole, so each ``feed`` is one report."""

    def __init__(self, descriptor: bytes) -> None:
        """Raises ``Unreadable`` for a descriptor without scanned data."""
        fields = input_fields(descriptor)
        self._numbered = set(fields) != {0}
        self._reports = {
            number: report for number, of in fields.items() if (report := _report(of)).data
        }
        if not self._reports:
            raise Unreadable("the device describes no bar code data")
        self._gathering = Gathering()
        self._aim_id: str | None = None

    def feed(self, data: bytes) -> Iterator[Heard]:
        """The code that this report completes; a report of something else is passed over."""
        number, body = (data[0], data[1:]) if self._numbered else (0, data)
        report = self._reports.get(number)
        if report is None:
            return
        if self._aim_id is None:
            self._aim_id = _aim_id(bytes(field.of(body) for field in report.aim))
        self._gathering.add(_scanned(report, body))
        if report.continued is None or not report.continued.of(body):
            yield from self._end()

    def pause(self) -> Iterator[Heard]:
        """A scan whose last report never came is lost."""
        if self._aim_id is not None:
            self._gathering.spoil(Garbled.TORN)
            yield from self._end()

    def _end(self) -> Iterator[Heard]:
        heard = self._gathering.end(self._aim_id or "")
        self._aim_id = None
        if heard is not None:
            yield heard


def describes_scanner(descriptor: bytes) -> bool:
    """Whether a device with this report descriptor gives scanned data."""
    try:
        HidPos(descriptor)
    except Unreadable:
        return False
    return True


def _report(fields: list[Field]) -> _Report:
    def first(usage: int) -> Field | None:
        return next((field for field in fields if field.usage == usage), None)

    aim = tuple(field for usage in _AIM_CHARACTERS if (field := first(usage)))
    return _Report(
        data=tuple(field for field in fields if field.usage == _DECODED_DATA and field.bits == 8),
        aim=aim if all(field.bits == 8 for field in aim) else (),
        count=first(_BYTE_COUNT),
        continued=first(_CONTINUED),
    )


def _scanned(report: _Report, body: bytes) -> bytes:
    data = bytes(field.of(body) for field in report.data)
    return data.rstrip(b"\0") if report.count is None else data[: report.count.of(body)]


def _aim_id(characters: bytes) -> str:
    """The AIM identifier, or nothing where the device does not fill it in."""
    return characters.decode() if _AIM.fullmatch(characters) else ""
