"""Whether a size can be true: plausible ranges for each garment and system.

The ranges are wide on purpose (children's shoes to tall sizes); they catch a size written
in the wrong system, such as a shoe of 42 US.
"""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

from edge.domain import Garment, Size, SizeSystem

_LETTERS = re.compile(r"X{0,3}S|M|X{0,3}L|[2-6]X[SL]")
_CHINESE = re.compile(r"(\d{2,3})/(\d{2,3})[ABCY]?")  # GB/T 1335: height/girth in cm, body type
_WAIST_LENGTH = re.compile(r"(\d{2})/(\d{2})")  # inches

_RANGES: dict[tuple[Garment, SizeSystem], tuple[str, str]] = {
    (Garment.SHOE, SizeSystem.EU): ("15", "52"),
    (Garment.SHOE, SizeSystem.US): ("0", "20"),
    (Garment.SHOE, SizeSystem.UK): ("0", "18"),
    (Garment.SHOE, SizeSystem.CN): ("15", "52"),
    (Garment.SHOE, SizeSystem.MM): ("90", "340"),
    (Garment.TOP, SizeSystem.EU): ("30", "70"),
    (Garment.TOP, SizeSystem.US): ("0", "60"),
    (Garment.TOP, SizeSystem.UK): ("4", "60"),
    (Garment.TOP, SizeSystem.CN): ("80", "210"),
    (Garment.TOP, SizeSystem.MM): ("400", "2000"),
    (Garment.BOTTOM, SizeSystem.EU): ("30", "70"),
    (Garment.BOTTOM, SizeSystem.US): ("0", "60"),
    (Garment.BOTTOM, SizeSystem.UK): ("4", "60"),
    (Garment.BOTTOM, SizeSystem.CN): ("22", "210"),
    (Garment.BOTTOM, SizeSystem.MM): ("400", "2000"),
}


def tidy_size(size: Size) -> Size | None:
    """The size in its usual spelling (``42,5`` becomes ``42.5``), or None if it cannot be.

    Numbers go in half steps. Tops and bottoms also take letters (S, XL, 3XL), Chinese
    height/girth (175/92A) and, for bottoms, waist/length in inches (32/34).
    """
    text = size.value.strip().upper()
    if size.garment is not Garment.SHOE and _is_written(text, size):
        return Size(garment=size.garment, system=size.system, value=text)
    number = _number(text)
    low, high = _RANGES[size.garment, size.system]
    if number is None or not Decimal(low) <= number <= Decimal(high):
        return None
    return Size(garment=size.garment, system=size.system, value=f"{number.normalize():f}")


def expected(size: Size) -> str:
    """What this garment and system take, for the person who typed something else."""
    low, high = _RANGES[size.garment, size.system]
    text = f"{size.garment} sizes in {size.system} run from {low} to {high}"
    if size.garment is Garment.SHOE or size.system is SizeSystem.MM:
        return text
    return f"{text}, or letters such as S, M, XL"


def _is_written(text: str, size: Size) -> bool:
    """Whether the text is a size that is no plain number."""
    if size.system is SizeSystem.MM:
        return False
    if _LETTERS.fullmatch(text):
        return True
    if size.system is SizeSystem.CN:
        match = _CHINESE.fullmatch(text)
        return bool(match and 80 <= int(match[1]) <= 210 and 40 <= int(match[2]) <= 150)
    match = _WAIST_LENGTH.fullmatch(text) if size.garment is Garment.BOTTOM else None
    return bool(match and 20 <= int(match[1]) <= 60 and 24 <= int(match[2]) <= 40)


def _number(text: str) -> Decimal | None:
    """A number in half steps, with a point, a comma or ½; ASCII digits only."""
    text = text.replace("½", ".5")
    if not re.fullmatch(r"[0-9]{1,4}([.,][05]0?)?", text):
        return None
    try:
        return Decimal(text.replace(",", "."))
    except InvalidOperation:
        return None
