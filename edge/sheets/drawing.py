"""What sheets are drawn with: fonts that every PDF reader brings along, and QR codes as paths."""

from __future__ import annotations

from collections.abc import Iterator

import segno
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

CHINESE = "STSong-Light"


def register_fonts() -> None:
    """Make the Chinese font known; none is embedded."""
    pdfmetrics.registerFont(UnicodeCIDFont(CHINESE))


def font(text: str, latin: str) -> str:
    """The Latin font where it has all the letters."""
    try:
        text.encode("cp1252")
    except UnicodeEncodeError:
        return CHINESE
    return latin


def draw_qr(canvas: Canvas, code: segno.QRCode, x: float, y: float, side: float) -> None:
    """As one path of runs; the quiet zone of four modules lies within the square."""
    module = side / (len(code.matrix) + 8)
    path = canvas.beginPath()
    for row, bits in enumerate(code.matrix):
        top = y + side - (row + 5) * module
        for begin, length in _runs(bits):
            path.rect(x + (begin + 4) * module, top, length * module, module)
    canvas.drawPath(path, stroke=0, fill=1)


def _runs(bits: bytearray) -> Iterator[tuple[int, int]]:
    """Where dark modules begin, and how many follow."""
    begin = None
    for at, dark in enumerate((*bits, 0)):
        if dark and begin is None:
            begin = at
        elif not dark and begin is not None:
            yield begin, at - begin
            begin = None
