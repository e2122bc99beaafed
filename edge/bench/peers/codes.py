"""Readers of codes that people would use instead of ours, and ours: what each says of a picture.

The others get what is fair to them: plain text with separators instead of brackets, EAN add-ons
asked for where a reader knows them, UPC numbers in the 13 digits that the texts are written in.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import cv2
import zxingcpp

from edge.rules.gtin import upc_a
from edge.scanner.decoding import decode
from edge.scanner.reading import Picture


@dataclass(frozen=True, slots=True)
class Said:
    """One code as a reader tells it: its text in UTF-8, and its bytes."""

    text: bytes
    raw: bytes


Read = Callable[[Picture], list[Said]]


def readers(budget_s: float) -> dict[str, Read]:
    """Ours first; pyzbar only where Debian's libzbar0 is present."""
    found: dict[str, Read] = {
        "ours": lambda picture: [
            Said(reading.text.encode("utf-8", "replace"), reading.raw)
            for reading in decode(picture, budget_s)
        ],
        "zxing-cpp": _zxing,
    }
    with contextlib.suppress(ImportError):
        from pyzbar import pyzbar

        found["pyzbar"] = lambda picture: list(_of_zbar(pyzbar.decode(picture)))
    found["opencv"] = _OpenCV().read
    return found


def _zxing(picture: Picture) -> list[Said]:
    codes = zxingcpp.read_barcodes(
        picture,
        text_mode=zxingcpp.TextMode.Plain,
        ean_add_on_symbol=zxingcpp.EanAddOnSymbol.Read,
    )
    return [Said(code.text.encode("utf-8", "replace"), code.bytes) for code in codes]


def _of_zbar(codes: list[Any]) -> Iterator[Said]:
    for code in codes:
        raw: bytes = code.data
        if code.type == "UPCE":
            raw = (upc_a(raw.decode()) or "").encode()
        if code.type in ("UPCE", "UPCA", "EAN13"):
            raw = raw.zfill(13)
        yield Said(raw, raw)


class _OpenCV:
    """``QRCodeDetector`` and ``BarcodeDetector`` (EAN, UPC-A)."""

    def __init__(self) -> None:
        self._square = cv2.QRCodeDetector()
        self._linear = cv2.barcode.BarcodeDetector()

    def read(self, picture: Picture) -> list[Said]:
        texts: list[str] = []
        for detector in (self._square, self._linear):
            with contextlib.suppress(cv2.error, UnicodeDecodeError):  # pictures it cannot take
                texts += detector.detectAndDecodeMulti(picture)[1]
        with contextlib.suppress(cv2.error, UnicodeDecodeError):
            if not any(texts):  # where it looks for several, it misses some that stand alone
                texts.append(self._square.detectAndDecode(picture)[0])
        raws = (text.encode("utf-8", "replace") for text in texts if text)
        return [
            Said(raw.zfill(13) if raw.isdigit() and len(raw) == 12 else raw, raw) for raw in raws
        ]
