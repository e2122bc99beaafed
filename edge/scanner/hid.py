"""HID report descriptors, as far as a bar code scanner needs them read.

A device describes its own reports: which bits hold what (USB HID 1.11, section 6.2.2). Makers
order and size the fields of a scanner differently, so nothing is taken for granted.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

MOST_BITS = 8 * 8192
"""The longest report that the kernel hands out (``HID_MAX_BUFFER_SIZE``, 8 KiB at its smallest)."""
_LONG_ITEM = 0xFE
_MAIN, _GLOBAL, _LOCAL = 0, 1, 2
_INPUT = 8
_PAGE, _SIZE, _REPORT, _COUNT, _PUSH, _POP = 0, 7, 8, 9, 10, 11
_USAGE, _USAGE_MINIMUM, _USAGE_MAXIMUM = 0, 1, 2
_CONSTANT = 1


class Unreadable(Exception):
    """The descriptor is cut short, or describes what cannot be."""


@dataclass(frozen=True, slots=True)
class Field:
    """One value. ``usage`` has its page in the upper 16 bits, ``at_bit`` counts from the data."""

    usage: int
    at_bit: int
    bits: int

    def of(self, data: bytes) -> int:
        """The value in a report's data; what lies beyond their end is 0."""
        first, last = self.at_bit // 8, (self.at_bit + self.bits + 7) // 8
        value = int.from_bytes(data[first:last], "little") >> self.at_bit % 8
        return value & (1 << self.bits) - 1


@dataclass(frozen=True, slots=True)
class Item:
    """A short item of a descriptor: its type, its tag, its value, and that in how many bytes."""

    kind: int
    tag: int
    value: int
    size: int


def input_fields(descriptor: bytes) -> dict[int, list[Field]]:
    """The fields of each input report by the report's number; 0 where reports carry none.

    Raises ``Unreadable``.
    """
    reading = _Reading()
    for item in _items(descriptor):
        if item.kind == _GLOBAL:
            reading.take_global(item)
        elif item.kind == _LOCAL:
            reading.take_local(item)
        elif item.kind == _MAIN:
            if item.tag == _INPUT:
                reading.take_input(constant=bool(item.value & _CONSTANT))
            reading.usages = []
    return reading.fields


def _items(descriptor: bytes) -> Iterator[Item]:
    """The short items in order; long ones hold nothing that is defined and are passed over."""
    at = 0
    while at < len(descriptor):
        prefix = descriptor[at]
        if prefix == _LONG_ITEM:
            at += 3 + int.from_bytes(descriptor[at + 1 : at + 2])
            continue
        size = (0, 1, 2, 4)[prefix & 3]
        data = descriptor[at + 1 : at + 1 + size]
        if len(data) < size:
            raise Unreadable("the descriptor is cut short")
        yield Item(prefix >> 2 & 3, prefix >> 4, int.from_bytes(data, "little"), size)
        at += 1 + size


class _Reading:
    """The tables of a descriptor's reader: globals last, locals end with the next main item."""

    def __init__(self) -> None:
        self.fields: dict[int, list[Field]] = {}
        self.usages: list[int] = []
        self._globals: dict[int, int] = {}
        self._pushed: list[dict[int, int]] = []
        self._ends: dict[int, int] = {}

    def take_global(self, item: Item) -> None:
        if item.tag == _PUSH:
            self._pushed.append(dict(self._globals))
        elif item.tag == _POP:
            if not self._pushed:
                raise Unreadable("the descriptor takes back what it never put aside")
            self._globals = self._pushed.pop()
        else:
            self._globals[item.tag] = item.value

    def take_local(self, item: Item) -> None:
        paged = item.size == 4  # such a usage brings its page along
        usage = item.value if paged else self._globals.get(_PAGE, 0) << 16 | item.value
        if item.tag in (_USAGE, _USAGE_MINIMUM):
            self.usages.append(usage)
        elif item.tag == _USAGE_MAXIMUM and self.usages:
            self.usages += range(self.usages[-1] + 1, min(usage, self.usages[-1] + 256) + 1)

    def take_input(self, *, constant: bool) -> None:
        """Values side by side, each of the next usage; the last one serves all that follow."""
        report, bits = self._globals.get(_REPORT, 0), self._globals.get(_SIZE, 0)
        begin, count = self._ends.get(report, 0), self._globals.get(_COUNT, 0)
        self._ends[report] = begin + bits * count
        if self._ends[report] > MOST_BITS or count > MOST_BITS:
            raise Unreadable("the descriptor describes a report of a size that cannot be")
        if constant or not self.usages:
            return
        self.fields.setdefault(report, []).extend(
            Field(self.usages[min(n, len(self.usages) - 1)], begin + n * bits, bits)
            for n in range(count)
        )
