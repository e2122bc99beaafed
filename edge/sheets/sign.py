"""The sign for the shop's door: A4, black on white, the shop's own language large.

It is to be read by somebody who walks up to the door, so there is little on it; the QR code leads
to the whole notice.
"""

from __future__ import annotations

import io

import segno
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph

from edge.domain import Language
from edge.rules.sign import SignText, languages
from edge.sheets.drawing import CHINESE, draw_qr, font, register_fonts

_MARGIN = 22 * mm
_WIDTH = A4[0] - 2 * _MARGIN
_QR = 46 * mm
_FOOT = 24 * mm
_MARK = 30 * mm
_TITLE = {Language.ENGLISH: 34, Language.CHINESE: 29}  # points; the second fills one line


def draw(
    *, shop: str, language: Language, controller: tuple[str, str, str], notice_url: str
) -> bytes:
    """The PDF. ``controller`` is who answers for the data: name, address, contact."""
    register_fonts()
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=A4, pageCompression=1)
    canvas.setTitle(shop)
    canvas.setCreator("Regulars")
    own, other = languages(language)
    top = A4[1] - 24 * mm
    _mark(canvas, _MARGIN, top - _MARK)
    _line(canvas, shop, _MARGIN + _MARK + 8 * mm, top - _MARK / 2 - 2.5 * mm, 15)
    y = (
        _paragraph(canvas, own.title, _TITLE[own.language], top - _MARK - 9 * mm, bold=True)
        - 7 * mm
    )
    for point in own.points:
        y = _paragraph(canvas, point, 17, y) - 4.5 * mm
    y -= 2 * mm
    canvas.setLineWidth(0.8)
    canvas.line(_MARGIN, y, _MARGIN + _WIDTH, y)
    y = _paragraph(canvas, other.title, 14, y - 5 * mm, bold=True) - 2 * mm
    joint = "" if other.language is Language.CHINESE else " "
    _paragraph(canvas, joint.join(other.points), 10.5, y)
    _foot(canvas, own, other, controller, notice_url)
    canvas.save()
    return file.getvalue()


def _foot(
    canvas: Canvas,
    own: SignText,
    other: SignText,
    controller: tuple[str, str, str],
    notice_url: str,
) -> None:
    """The QR left, what it is and who answers right of it."""
    canvas.setLineWidth(2.4)
    canvas.rect(_MARGIN, _FOOT, _QR, _QR)
    draw_qr(canvas, segno.make_qr(notice_url, error="M"), _MARGIN, _FOOT, _QR)
    x, width = _MARGIN + _QR + 8 * mm, _WIDTH - _QR - 8 * mm
    y = _paragraph(canvas, own.more, 17, _FOOT + _QR, x=x, width=width, bold=True)
    y = _paragraph(canvas, other.more, 10.5, y - 1 * mm, x=x, width=width) - 6 * mm
    y = _paragraph(canvas, own.answers, 8.5, y, x=x, width=width) - 1 * mm
    name, address, contact = controller
    y = _paragraph(canvas, name, 12, y, x=x, width=width, bold=True)
    y = _paragraph(canvas, address, 10.5, y, x=x, width=width)
    _paragraph(canvas, contact, 10.5, y, x=x, width=width)


def _paragraph(
    canvas: Canvas,
    text: str,
    size: float,
    top: float,
    *,
    x: float = _MARGIN,
    width: float = _WIDTH,
    bold: bool = False,
) -> float:
    """Set a text from its top edge down; returns where it ends. Chinese may break anywhere."""
    name = font(text, "Helvetica-Bold" if bold else "Helvetica")
    style = ParagraphStyle(
        "sign",
        fontName=name,
        fontSize=size,
        leading=size * (1.42 if name == CHINESE else 1.25 if bold else 1.35),
        wordWrap="CJK" if name == CHINESE else None,
    )
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    paragraph = Paragraph(escaped, style)
    _, height = paragraph.wrap(width, A4[1])
    paragraph.drawOn(canvas, x, top - height)
    if bold and name == CHINESE:  # which has no bold: struck twice, as on a typewriter
        paragraph.drawOn(canvas, x + size / 45, top - height)
    return top - float(height)


def _line(canvas: Canvas, text: str, x: float, y: float, size: float) -> None:
    canvas.setFont(font(text, "Helvetica-Bold"), size)
    canvas.drawString(x, y, text)


def _mark(canvas: Canvas, x: float, y: float) -> None:
    """A camera in a ring, as it is known from doors everywhere."""
    canvas.saveState()
    canvas.translate(x, y)
    canvas.scale(_MARK / 100, _MARK / 100)
    canvas.setLineWidth(6)
    canvas.circle(50, 50, 46)
    canvas.setLineJoin(1)
    canvas.setLineWidth(4)
    canvas.roundRect(24, 42, 40, 22, 5, stroke=0, fill=1)
    body = canvas.beginPath()
    body.moveTo(66, 50)
    body.lineTo(79, 43)
    body.lineTo(79, 63)
    body.lineTo(66, 56)
    body.close()
    canvas.drawPath(body, stroke=0, fill=1)
    canvas.line(44, 42, 44, 31)
    canvas.line(32, 30, 56, 30)
    canvas.setFillGray(1)
    canvas.circle(36, 53, 5.5, stroke=0, fill=1)
    canvas.restoreState()
