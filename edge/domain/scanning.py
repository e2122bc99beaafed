"""Codes as devices and pictures give them, before anybody asks what they mean."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
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


class CodeKind(StrEnum):
    """What a code turned out to be. REFUSED: a card that does not hold, or somebody is guessing."""

    MEMBER = "member"
    VOUCHER = "voucher"
    PRODUCT = "product"
    UNKNOWN = "unknown"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """One GS1 element string: application identifier and data field, e.g. ``10`` and ``B-7``."""

    ai: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeItem:
    """What a product's code says of one piece. What it leaves out is None.

    ``gtin`` has 14 digits and a check digit that holds; a GS1 label of a batch or pallet may
    have none. ``currency`` is ISO 4217 letters, None where the label means the shop's own.
    ``elements`` are all that a GS1 label holds, in its order; empty for a plain EAN or UPC.
    """

    gtin: str | None
    add_on: str | None = None
    batch: str | None = None
    serial: str | None = None
    expires_on: date | None = None
    best_before_on: date | None = None
    produced_on: date | None = None
    price: Decimal | None = None
    currency: str | None = None
    net_weight_kg: Decimal | None = None
    count: int | None = None
    elements: tuple[Element, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreCode:
    """A number of GS1's restricted circulation: what it means, only this shop can say.

    ``number`` is padded to 14 digits as a GTIN is, so that the catalogue finds either.
    """

    number: str


class CredentialKind(StrEnum):
    """What one of our own codes is."""

    MEMBER_CARD = "member_card"
    VOUCHER = "voucher"


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """A code of our own form. Whether it is genuine is not decided here."""

    kind: CredentialKind
    text: str


class CodeFault(StrEnum):
    """Why a code that claims to be of a known form is not."""

    TOO_LONG = "too_long"
    CHECK_DIGIT = "check_digit"
    IMPOSSIBLE_DATE = "impossible_date"
    UNKNOWN_IDENTIFIER = "unknown_identifier"
    MALFORMED_ELEMENT = "malformed_element"
    CONTRADICTION = "contradiction"


@dataclass(frozen=True, slots=True, kw_only=True)
class BadCode:
    """A code refused with its reason. ``ai`` is the GS1 application identifier at fault."""

    fault: CodeFault
    ai: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """Anything else. ``text`` can be shown and sent: what cannot be seen became U+FFFD."""

    text: str


Meaning = Credential | TradeItem | StoreCode | BadCode | Unknown
