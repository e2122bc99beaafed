"""A batch as sheets to print and cut: QR code, digits, and the terms in plain words.

A4, two columns of four, marks to cut along. Chinese is set in STSong-Light, a font that every PDF
reader brings along, so that none is embedded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import segno
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.lib.utils import simpleSplit
from reportlab.pdfgen.canvas import Canvas

from edge import durable
from edge.domain import Campaign, Language
from edge.rules.digits import grouped
from edge.rules.issuing import Code, Press, codes
from edge.rules.terms import headline, terms
from edge.sheets.drawing import draw_qr, font, register_fonts

SHEETS_MAX = 10_000
"""Codes in one file: what a desk printer prints in a day. A print shop takes the CSV."""

COLUMNS, ROWS = 2, 4
_WIDTH, _HEIGHT = 95 * mm, 68 * mm
_LEFT = (A4[0] - COLUMNS * _WIDTH) / 2
_BOTTOM = (A4[1] - ROWS * _HEIGHT) / 2
_QR = 46 * mm
_INSET = 3 * mm
_MARK = 4 * mm
_QR_VERSION_MAX = 9

Report = Callable[[int, int], None]


def write(
    press: Press,
    path: Path,
    report: Report,
    *,
    start: int,
    count: int,
    shop: str,
    language: Language,
    tz: ZoneInfo,
) -> None:
    """Write ``count`` codes of a batch from an index on; the shop's name stands on each."""
    register_fonts()
    part = path.with_name(f"{path.name}.part")
    part.touch(mode=0o600)
    canvas = Canvas(str(part), pagesize=A4, pageCompression=1)
    canvas.setTitle(press.campaign.name)
    canvas.setCreator("Regulars")
    drawn = codes(press, start, start + count)
    for at, code in enumerate(drawn):
        place = at % (COLUMNS * ROWS)
        if place == 0:
            if at:
                canvas.showPage()
            _cut_marks(canvas)
        canvas.saveState()
        canvas.translate(*_corner(place))
        _voucher(canvas, code, press.campaign, shop=shop, language=language, tz=tz)
        canvas.restoreState()
        report(at + 1, count)
    canvas.save()
    durable.move(part, path)


def qr(text: str) -> segno.QRCode:
    """The code at the level that survives most wear within version 9: M, or else L."""
    code = segno.make_qr(text, error="M")
    if int(code.version) <= _QR_VERSION_MAX:
        return code
    return segno.make_qr(text, error="L")


def _corner(place: int) -> tuple[float, float]:
    """The lower left corner of a voucher, counted along the rows from the top."""
    row, column = divmod(place, COLUMNS)
    return _LEFT + column * _WIDTH, _BOTTOM + (ROWS - 1 - row) * _HEIGHT


def _cut_marks(canvas: Canvas) -> None:
    """Short lines in the margins, where a knife's ruler is laid."""
    canvas.setLineWidth(0.25)
    top, right = _BOTTOM + ROWS * _HEIGHT, _LEFT + COLUMNS * _WIDTH
    for column in range(COLUMNS + 1):
        x = _LEFT + column * _WIDTH
        canvas.line(x, _BOTTOM - 1 * mm, x, _BOTTOM - 1 * mm - _MARK)
        canvas.line(x, top + 1 * mm, x, top + 1 * mm + _MARK)
    for row in range(ROWS + 1):
        y = _BOTTOM + row * _HEIGHT
        canvas.line(_LEFT - 1 * mm, y, _LEFT - 1 * mm - _MARK, y)
        canvas.line(right + 1 * mm, y, right + 1 * mm + _MARK, y)


def _voucher(
    canvas: Canvas, code: Code, campaign: Campaign, *, shop: str, language: Language, tz: ZoneInfo
) -> None:
    """One voucher in its own coordinates: the QR left, words right, digits along the foot."""
    foot = 13 * mm
    draw_qr(canvas, qr(code.text), _INSET, foot, _QR)
    x = _INSET + _QR + 3 * mm
    width, y = _WIDTH - x - _INSET, _HEIGHT - 9 * mm
    for text, face, size in _words(campaign, shop, language, tz):
        for line in simpleSplit(text, face, size, width):
            if y < foot + 2 * mm:
                break
            canvas.setFont(face, size)
            canvas.drawString(x, y, line)
            y -= size * 1.25
    canvas.setFont("Courier-Bold", 15)
    canvas.drawCentredString(_WIDTH / 2, 6.5 * mm, grouped(code.digits))


def _words(
    campaign: Campaign, shop: str, language: Language, tz: ZoneInfo
) -> Iterator[tuple[str, str, float]]:
    """Texts with their font and size, the most important first."""
    worth = headline(campaign.value, language)
    yield worth, font(worth, "Helvetica-Bold"), 15
    yield campaign.name, font(campaign.name, "Helvetica"), 10
    yield shop, font(shop, "Helvetica"), 9
    for term in terms(campaign, language, tz):
        yield term, font(term, "Helvetica"), 8.5
