"""Scanners as people see them, whatever wire they hang on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ScannerKind(StrEnum):
    """How a scanner speaks."""

    KEYBOARD = "keyboard"
    HID_POS = "hidpos"
    SERIAL = "serial"
    TCP = "tcp"
    CAMERA = "camera"


class ScannerStatus(StrEnum):
    """What a scanner is doing. ``CONNECTING`` is also: nothing has connected to us yet."""

    CONNECTING = "connecting"
    READY = "ready"
    OFFLINE = "offline"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScannerState:
    """A scanner since the gateway started. ``detail`` says what to do, and names no address.

    ``refused`` counts what came and was no code: too long, no text, torn, or more than the shop
    could take.
    """

    scanner_id: str
    kind: ScannerKind
    status: ScannerStatus
    since_at: datetime
    scans: int = 0
    refused: int = 0
    reconnects: int = 0
    detail: str = ""
