"""Codes as devices and pictures give them, before anybody asks what they mean."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Symbology(StrEnum):
    """The kind of code. ``UNKNOWN`` is what a keyboard wedge without a prefix leaves us."""

    QR = "qr"
    MICRO_QR = "micro_qr"
    RMQR = "rmqr"
    DATA_MATRIX = "data_matrix"
    AZTEC = "aztec"
    PDF417 = "pdf417"
    MICRO_PDF417 = "micro_pdf417"
    MAXICODE = "maxicode"
    EAN_13 = "ean_13"
    EAN_8 = "ean_8"
    UPC_A = "upc_a"
    UPC_E = "upc_e"
    CODE_39 = "code_39"
    CODE_93 = "code_93"
    CODE_128 = "code_128"
    ITF = "itf"
    CODABAR = "codabar"
    DATABAR = "databar"
    DATABAR_EXPANDED = "databar_expanded"
    DATABAR_LIMITED = "databar_limited"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """One reading of one code. Lives in memory only; logs carry ``id`` and ``symbology``.

    ``text`` is what the code says, with group separators (U+001D) kept. ``aim_id`` is the AIM
    symbology identifier with its bracket, e.g. ``]d2``; empty where the device sends none.
    ``device_id`` names a scanner or camera of the configuration, or a phone's session.
    """

    id: str
    device_id: str
    symbology: Symbology
    text: str
    aim_id: str = ""
    scanned_at: datetime
