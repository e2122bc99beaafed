"""What a scan means: a pure, total function from a text to a typed value.

Our own credentials come first, then what the symbology says: GS1 labels only after a GS1
identifier (an untagged ``2112345`` is a number, not a serial), links only of allowed hosts,
retail numbers by their check digit. Everything else is honestly unknown.
AIM symbology identifiers: ISO/IEC 15424.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection
from datetime import date

from edge.domain import (
    BadCode,
    CodeFault,
    Credential,
    Meaning,
    StoreCode,
    Symbology,
    TradeItem,
    Unknown,
)
from edge.rules import gs1
from edge.rules.gtin import gtin14, is_coupon, is_restricted, upc_a

TEXT_MAX = 7089
"""Characters; the most that any code holds (a QR code of version 40, digits only)."""

Recognise = Callable[[str], Credential | None]
"""Tells our own credentials from other texts, by their form alone."""

_GS1 = frozenset({"]C1", "]e0", "]d2", "]d5", "]Q3", "]Q4", "]J1", "]z1"})
_RETAIL = frozenset({"]E0", "]E3", "]E4"})
_CASE = "]I1"  # ITF with its check digit verified: ITF-14 on cartons
_ALWAYS_GS1 = frozenset({Symbology.DATABAR, Symbology.DATABAR_EXPANDED, Symbology.DATABAR_LIMITED})
_ALWAYS_RETAIL = frozenset({Symbology.EAN_13, Symbology.EAN_8, Symbology.UPC_A, Symbology.UPC_E})
_AIM = re.compile(r"\][A-Za-z][0-9A-Za-z]")
_WITH_ADD_ON = re.compile(r"([0-9]{12,13}) ?([0-9]{5}|[0-9]{2})")
_UNSEEN = re.compile(r"[\u200e\u200f\u202a-\u202e\u2066-\u2069\u061c]")


def meaning(
    text: str,
    symbology: Symbology,
    aim_id: str,
    *,
    recognise: Recognise,
    link_hosts: Collection[str],
    today: date,
) -> Meaning:
    """What a scan of this text means. Never raises, whatever the text holds.

    ``today`` is the shop's day; ``link_hosts`` are the Digital Link hosts it trusts.
    """
    if len(text) > TEXT_MAX:
        return BadCode(fault=CodeFault.TOO_LONG)
    if not aim_id and _AIM.match(text):
        aim_id, text = text[:3], text[3:]
    own = recognise(text)
    if own is not None:
        return own
    if aim_id in _GS1 or (not aim_id and symbology in _ALWAYS_GS1):
        return gs1.read_label(text, today)
    linked = gs1.read_link(text, link_hosts, today)
    if linked is not None:
        return linked
    return _number(text, symbology, aim_id) or Unknown(text=_visible(text))


def _number(text: str, symbology: Symbology, aim_id: str) -> Meaning | None:
    """A retail number with a check digit that holds; None for anything else.

    A wedge without identifiers leaves the symbology open: then eight, twelve or thirteen digits
    are taken for one when the check digit agrees, and the catalogue has the last word.
    """
    retail = aim_id in _RETAIL or symbology in _ALWAYS_RETAIL
    if retail:
        return _retail(text, symbology)
    untagged = symbology is Symbology.UNKNOWN and not aim_id and len(text) < 14
    gtin = gtin14(text) if untagged or aim_id == _CASE else None
    return _item(gtin) if gtin else None


def _retail(text: str, symbology: Symbology) -> Meaning:
    """An EAN or UPC. Its reader has checked it, so that a wrong check digit is an altered code."""
    add_on = None
    if split := _WITH_ADD_ON.fullmatch(text) if len(text) > 13 else None:
        text, add_on = split.groups()
    gtin = gtin14(text)
    if gtin is None or (symbology is Symbology.UPC_E and len(text) == 8):
        gtin = gtin14(upc_a(text) or "")
    return _item(gtin, add_on) if gtin else BadCode(fault=CodeFault.CHECK_DIGIT)


def _item(gtin: str, add_on: str | None = None) -> Meaning:
    if is_restricted(gtin):
        return StoreCode(number=gtin)
    if is_coupon(gtin):
        return Unknown(text=gtin.lstrip("0"))
    return TradeItem(gtin=gtin, add_on=add_on)


def _visible(text: str) -> str:
    """The text without what cannot be seen, or could not be sent on: each became U+FFFD."""
    seen = "".join(
        c if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs", "Co") else "\ufffd"
        for c in text
    )
    return _UNSEEN.sub("\ufffd", seen)
