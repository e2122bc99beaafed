"""Scanners that send lines: over a serial port, or over the network."""

from __future__ import annotations

import re
from collections.abc import Iterator

from edge.scanner.code import Gathering, Heard

# Carriage return, line feed, or the frame of STX and ETX that some scanners are set to.
_BREAK = re.compile(rb"[\r\n\x02\x03]")


class Lines:
    """Bytes to codes, however they are cut into pieces."""

    def __init__(self) -> None:
        self._gathering = Gathering()

    def feed(self, data: bytes) -> Iterator[Heard]:
        """The codes that these bytes complete."""
        begun, *others = _BREAK.split(data)
        self._gathering.add(begun)
        for other in others:
            yield from self.pause()
            self._gathering.add(other)

    def pause(self) -> Iterator[Heard]:
        """What a silence completes: not every scanner is set to send an end."""
        heard = self._gathering.end()
        if heard is not None:
            yield heard
