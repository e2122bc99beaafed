"""The page for whoever opens the shop: a QR that pairs the first manager's phone, once.

The code stands on this page alone; the claim carries its SHA-256, and the database neither. Why
that is good enough: docs/decisions/0038-the-first-manager-by-a-page.md.
"""

from __future__ import annotations

import io
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from xml.sax.saxutils import escape
from zoneinfo import ZoneInfo

from reportlab.graphics import renderPDF
from reportlab.graphics.barcode.qr import QrCodeWidget
from reportlab.graphics.shapes import Drawing
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph

from edge.contract import LOCAL_NAME, ClaimedStore

CODE_BYTES = 16
"""128 bits: whoever has the claim may try codes against their hash for as long as they like."""
PORT = 8443
"""Where a gateway listens unless somebody has changed ``api.port`` on the machine."""
CHINESE = "STSong-Light"
_MARGIN = 22 * mm
_WIDTH = A4[0] - 2 * _MARGIN
_QR = 74 * mm


@dataclass(frozen=True, slots=True, kw_only=True)
class _Words:
    title: str
    lead: str
    steps: tuple[str, ...]
    trouble: str
    cures: tuple[tuple[str, str], ...]
    code: str
    end: str


_ENGLISH = _Words(
    title="The first manager's phone",
    lead="This page makes your phone the one that invites all others. It works once: keep it as "
    "you keep a key, and tear it up when it has served.",
    steps=(
        "Plug the shop's machine in: power, and a cable to the shop's network. Wait ten minutes.",
        "Connect your phone to the shop's Wi-Fi.",
        "Scan the code with the phone's camera, and open what it shows.",
        "The first time, the phone warns of a certificate that it does not know: it is the shop's "
        "own. Go on.",
        "Tap <b>Pair this phone</b>.",
    ),
    trouble="If it does not work",
    cures=(
        (
            "The page is not found",
            "Look for the machine's address in the list of devices of the shop's router, open "
            "https://ADDRESS:{port}/pair and type the code below.",
        ),
        (
            "The code was used, or is too old",
            "If that was not you, somebody came before you: tell headquarters at once. A new code: "
            "<b>sudo regulars pair</b> on the machine.",
        ),
    ),
    code="The code",
    end="Works until {until}, and only until a manager's phone is paired.",
)
_IN_CHINESE = _Words(
    title="首位店长的手机",
    lead="凭此页，您的手机可邀请其他手机。仅可使用一次：请妥善保管，用后撕毁。",
    steps=(
        "为门店主机接通电源，并用网线连接门店网络，等待十分钟。",
        "将手机连接到门店的 Wi-Fi。",
        "用手机相机扫描二维码，打开显示的页面。",
        "首次打开时，手机会提示证书不受信任：这是门店自己的证书，请继续。",
        "点按“配对此手机”。",
    ),
    trouble="如果无法完成",
    cures=(
        (
            "打不开页面",
            "在门店路由器的设备列表中查找主机地址，打开 https://地址:{port}/pair，并输入下方的配对码。",
        ),
        (
            "提示配对码已使用或已过期",
            "若不是您本人所为，说明有人抢先使用：请立即告知总部。"
            "在主机上运行 sudo regulars pair 可获得新的配对码。",
        ),
    ),
    code="配对码",
    end="有效期至 {until}；有店长手机配对后即失效。",
)


def new_code() -> str:
    """A code in capital hexadecimal digits, none of which is misread for another."""
    return secrets.token_hex(CODE_BYTES).upper()


def digest(code: str) -> str:
    """What the claim carries of it."""
    return sha256(code.encode()).hexdigest()


def draw(store: ClaimedStore, code: str, until: datetime) -> bytes:
    """The page as a PDF, A4, in the shop's language and time."""
    chinese = store.language == "zh"
    words = _IN_CHINESE if chinese else _ENGLISH
    pdfmetrics.registerFont(UnicodeCIDFont(CHINESE))
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=A4, pageCompression=1)
    canvas.setTitle(f"{words.title}: {store.name}")
    canvas.setCreator("Regulars")
    y = _set(canvas, escape(store.name), 13, A4[1] - 24 * mm)
    y = _set(canvas, words.title, 27, y - 2 * mm, bold=True) - 3 * mm
    y = _set(canvas, words.lead, 12, y) - 7 * mm
    _draw_qr(canvas, f"https://{LOCAL_NAME}:{PORT}/pair#{code}", _MARGIN, y - _QR)
    x, width = _MARGIN + _QR + 9 * mm, _WIDTH - _QR - 9 * mm
    beside = y
    for number, step in enumerate(words.steps, 1):
        _set(canvas, str(number), 13, beside, x=x, width=6 * mm, bold=True)
        beside = _set(canvas, step, 11.5, beside, x=x + 7 * mm, width=width - 7 * mm) - 3 * mm
    y = min(y - _QR, beside) - 9 * mm
    canvas.setLineWidth(0.8)
    canvas.line(_MARGIN, y, _MARGIN + _WIDTH, y)
    y = _set(canvas, words.trouble, 14, y - 6 * mm, bold=True) - 3 * mm
    for problem, cure in words.cures:
        y = _set(canvas, problem, 11, y, bold=True) - 0.5 * mm
        y = _set(canvas, cure.format(port=PORT), 11, y) - 3.5 * mm
    y = _set(canvas, words.code, 11, y - 2 * mm, bold=True) - 2 * mm
    canvas.setFont("Courier-Bold", 15)
    canvas.drawString(_MARGIN, y - 5 * mm, "-".join(_fours(code)))
    ends = until.astimezone(ZoneInfo(store.timezone))
    _set(canvas, words.end.format(until=f"{ends:%Y-%m-%d %H:%M}"), 11, y - 12 * mm)
    canvas.save()
    return file.getvalue()


def _is_latin(text: str) -> bool:
    try:
        text.encode("cp1252")
    except UnicodeEncodeError:
        return False
    return True


def _fours(code: str) -> Iterator[str]:
    return (code[at : at + 4] for at in range(0, len(code), 4))


def _draw_qr(canvas: Canvas, text: str, x: float, y: float) -> None:
    code = QrCodeWidget(text, barLevel="M", barBorder=4)
    left, bottom, right, top = code.getBounds()
    drawing = Drawing(_QR, _QR, transform=[_QR / (right - left), 0, 0, _QR / (top - bottom), 0, 0])
    drawing.add(code)
    renderPDF.draw(drawing, canvas, x, y)
    canvas.setLineWidth(2)
    canvas.rect(x, y, _QR, _QR)


def _set(
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
    latin = _is_latin(text)
    name = ("Helvetica-Bold" if bold else "Helvetica") if latin else CHINESE
    style = ParagraphStyle(
        "page",
        fontName=name,
        fontSize=size,
        leading=size * (1.3 if latin else 1.45),
        wordWrap=None if latin else "CJK",
    )
    paragraph = Paragraph(text, style)
    _, height = paragraph.wrap(width, A4[1])
    paragraph.drawOn(canvas, x, top - height)
    if bold and not latin:  # which has no bold: struck twice, as on a typewriter
        paragraph.drawOn(canvas, x + size / 45, top - height)
    return top - float(height)
