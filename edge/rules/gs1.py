"""GS1 element strings: split, checked, and read into typed values.

biip knows the application identifiers and the form of each; what it guesses or lets pass (dates
by the machine's clock, data that runs on past its field, decimals longer than the number) is
decided here. GS1 General Specifications, sections 3 (identifiers) and 7.8 (concatenation).
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable
from datetime import date, time
from decimal import Decimal
from urllib.parse import urlsplit

from biip import ParseConfig, ParseError
from biip.gs1_application_identifiers import GS1ApplicationIdentifier
from biip.gs1_digital_link_uris import GS1DigitalLinkURI

from edge.domain import BadCode, CodeFault, Element, TradeItem
from edge.rules.gtin import gtin14

SEPARATOR = "\x1d"
_ANY_DATE = ParseConfig(gs1_element_strings_verify_date=False)
_GTIN = ("01", "02", "03")
_DATES = (
    "11",
    "12",
    "13",
    "15",
    "16",
    "17",
    "4324",
    "4325",
    "4326",
    "7003",
    "7006",
    "7011",
    "8008",
)
_NET_WEIGHT_KG, _PRICE, _PRICE_WITH_CURRENCY = "310", "392", "393"
# ISO 4217 numeric codes that labels in our shops carry; others keep their three digits.
_CURRENCIES = {
    "036": "AUD",
    "124": "CAD",
    "156": "CNY",
    "344": "HKD",
    "392": "JPY",
    "410": "KRW",
    "446": "MOP",
    "702": "SGD",
    "756": "CHF",
    "826": "GBP",
    "840": "USD",
    "901": "TWD",
    "978": "EUR",
}


def read_label(text: str, today: date) -> TradeItem | BadCode:
    """What an element string says, e.g. ``0104006381333931`` + ``17261130`` + ``10B-7``.

    ``today`` gives two-digit years their century. The same identifier twice must say the same.
    """
    found = split(text)
    return found if isinstance(found, BadCode) else _typed(found, today)


def read_link(text: str, hosts: Iterable[str], today: date) -> TradeItem | BadCode | None:
    """What a GS1 Digital Link of one of these hosts says; None where the text is no such link."""
    try:
        address = urlsplit(text)
        if address.scheme not in ("http", "https") or address.hostname not in set(hosts):
            return None
        link = GS1DigitalLinkURI.parse(text, config=_ANY_DATE)
    except (ValueError, ParseError):
        return None
    return _typed(tuple(Element(ai=e.ai.ai, value=e.value) for e in link.element_strings), today)


def split(text: str) -> tuple[Element, ...] | BadCode:
    """The element strings of a text, each of the form that its identifier asks for."""
    if not text.isascii():
        return BadCode(fault=CodeFault.MALFORMED_ELEMENT)
    found: list[Element] = []
    rest = text.lstrip(SEPARATOR)
    while rest:
        try:
            identifier = GS1ApplicationIdentifier.extract(rest)
        except ParseError:
            return BadCode(fault=CodeFault.UNKNOWN_IDENTIFIER)
        element = _first(identifier, rest)
        if element is None:
            return BadCode(fault=CodeFault.MALFORMED_ELEMENT, ai=identifier.ai)
        found.append(element)
        rest = rest[len(element.ai) + len(element.value) :].lstrip(SEPARATOR)
    return tuple(found) or BadCode(fault=CodeFault.MALFORMED_ELEMENT)


def _first(identifier: GS1ApplicationIdentifier, text: str) -> Element | None:
    """The first element. One of variable length ends at a separator or at the end, never between:
    otherwise a batch of 25 characters would give its last five away as something else.
    """
    ai, field = identifier.ai, text.partition(SEPARATOR)[0]
    pattern = identifier.pattern
    whole = identifier.separator_required
    match = re.fullmatch(pattern, field) if whole else re.match(pattern.removesuffix("$"), field)
    return Element(ai=ai, value=match.group()[len(ai) :]) if match else None


def _typed(found: tuple[Element, ...], today: date) -> TradeItem | BadCode:
    values: dict[str, str] = {}
    for element in found:
        if values.setdefault(element.ai, element.value) != element.value:
            return BadCode(fault=CodeFault.CONTRADICTION, ai=element.ai)
    for ai in values.keys() & set(_GTIN):
        if gtin14(values[ai]) is None:
            return BadCode(fault=CodeFault.CHECK_DIGIT, ai=ai)
    dates: dict[str, date] = {}
    for ai in sorted(values.keys() & set(_DATES)):
        day = _day(values[ai], today)
        if day is None:
            return BadCode(fault=CodeFault.IMPOSSIBLE_DATE, ai=ai)
        dates[ai] = day
    price, currency = _price(values)
    return TradeItem(
        gtin=values.get("01"),
        batch=values.get("10"),
        serial=values.get("21"),
        expires_on=dates.get("17", dates.get("7003")),
        best_before_on=dates.get("15"),
        produced_on=dates.get("11"),
        price=price,
        currency=currency,
        net_weight_kg=_decimal(values, _NET_WEIGHT_KG),
        count=int(values["30"]) if values.get("30") else None,
        elements=found,
    )


def _price(values: dict[str, str]) -> tuple[Decimal | None, str | None]:
    """Price of one item, with its currency where the label names one."""
    for ai, value in values.items():
        if ai[:3] == _PRICE_WITH_CURRENCY:
            return _point(value[3:], ai), _CURRENCIES.get(value[:3], value[:3])
    return _decimal(values, _PRICE), None


def _decimal(values: dict[str, str], family: str) -> Decimal | None:
    """The number of a family of identifiers, whose fourth digit counts its decimals."""
    return next((_point(v, ai) for ai, v in values.items() if ai[:3] == family), None)


def _point(digits: str, ai: str) -> Decimal:
    return Decimal(digits).scaleb(-int(ai[3]))


def _day(digits: str, today: date) -> date | None:
    """YYMMDD, with a time behind it or not; day 00 is the month's last. None if impossible.

    The century is the one that brings the year within 49 years back and 50 ahead (section 7.12).
    """
    year, month, day = (int(digits[i : i + 2]) for i in (0, 2, 4))
    year += today.year - today.year % 100
    year += 100 if year - today.year < -49 else -100 if year - today.year > 50 else 0
    try:
        date(year, month, 1)
        _clock(digits[6:])
        return date(year, month, day or calendar.monthrange(year, month)[1])
    except ValueError:
        return None


def _clock(digits: str) -> None:
    """Raises ``ValueError`` for a time that no clock shows; 9999 stands for none (AI 4324)."""
    if len(digits) % 2 == 0 and digits != "9999":
        hour, minute, second = (int(digits[i : i + 2] or 0) for i in (0, 2, 4))
        time(hour, minute, second)
