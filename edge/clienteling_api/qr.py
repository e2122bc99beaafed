"""QR codes: as a drawing for a page, and in blocks for a terminal."""

from __future__ import annotations

import io

import segno


def pairing_url(address: str, code: str) -> str:
    """The address a phone opens to pair. The code is in the fragment, which no server sees."""
    return f"{address}/pair#{code}"


def setup_url(address: str, code: str) -> str:
    """The address of the setup page, the code in its fragment as well."""
    return f"{address}/setup#{code}"


def svg(text: str) -> str:
    """The code as an SVG element without styles, which a strict content policy lets through."""
    drawing = io.BytesIO()
    segno.make(text, error="m", micro=False).save(
        drawing, kind="svg", xmldecl=False, omitsize=True, light="#fff", border=4
    )
    return drawing.getvalue().decode()


def terminal(text: str) -> str:
    """The code in half blocks, two modules a character cell."""
    drawing = io.StringIO()
    segno.make(text, error="m", micro=False).terminal(drawing, compact=True)
    return drawing.getvalue()
