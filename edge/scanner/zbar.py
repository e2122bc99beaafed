"""The second reader: zbar through pyzbar, where Debian's ``libzbar0`` is present.

Asked only for what it reads well. Its DataBar, Code 39 and Interleaved 2 of 5 see codes that are
not there, its Code 128 hides the mark of GS1.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from functools import cache
from typing import Any

from edge.domain import Symbology
from edge.rules.gtin import upc_a
from edge.scanner.reading import Picture, Reading

_SYMBOLOGIES = {
    "EAN13": (Symbology.EAN_13, "]E0"),
    "UPCA": (Symbology.EAN_13, "]E0"),
    "EAN8": (Symbology.EAN_8, "]E4"),
    "UPCE": (Symbology.UPC_E, "]E0"),
    "QRCODE": (Symbology.QR, ""),  # zbar does not say whether it begins with the mark of GS1
}


def read(picture: Picture) -> list[Reading]:
    """The codes that zbar finds; nothing where the library is missing."""
    scan = _scan()
    return [reading for code in scan(picture) if (reading := _reading(code))] if scan else []


@cache
def _scan() -> Callable[[Picture], list[Any]] | None:
    with contextlib.suppress(ImportError):  # pyzbar's import loads libzbar0
        from pyzbar import pyzbar

        symbols = [pyzbar.ZBarSymbol[name] for name in _SYMBOLOGIES]
        return lambda picture: list(pyzbar.decode(picture, symbols=symbols))
    return None


def _reading(code: Any) -> Reading | None:
    """None for text beyond ASCII, of which zbar guesses the character set."""
    symbology, aim_id = _SYMBOLOGIES[code.type]
    raw: bytes = code.data
    if not raw.isascii():
        return None
    text = raw.decode("ascii")
    if symbology is Symbology.UPC_E:
        text = upc_a(text) or ""
    if symbology in (Symbology.UPC_E, Symbology.EAN_13):
        text = text.zfill(13)
    left, top, width, height = code.rect
    right, bottom = left + width, top + height
    return Reading(
        text=text,
        raw=text.encode(),
        symbology=symbology,
        aim_id=aim_id,
        corners=((left, top), (right, top), (right, bottom), (left, bottom)),
        reader="zbar",
    )
