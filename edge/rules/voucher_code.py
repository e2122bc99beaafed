"""The signed voucher: from a ``Voucher`` to the text in a QR code and back.

``RV:`` and the Base32 (RFC 4648, no padding) of a COSE_Sign1 message, all of it in the
alphanumeric mode of a QR code. The payload is a map with small integers for keys:

    1 id  2 campaign  3 value  4 member  5 valid from  6 valid until  7 stores  8 window  9 uses

Identifiers of 32 hexadecimal digits travel as 16 bytes, others as text; times are whole seconds
since 1970, the window is two minutes of the day, money is currency, digits and decimal places.
What a voucher leaves open is left out, so that each voucher has exactly one text.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, time
from decimal import Decimal
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from edge.domain import AmountOff, Gift, Money, PercentOff, Reason, Value, Voucher, Window
from edge.rules import base32, cose

PREFIX: Final = "RV:"
TEXT_MAX: Final = 335
"""Characters in alphanumeric mode of a QR code of version 9, level L (ISO/IEC 18004, table 7)."""
_MESSAGE_MAX: Final = (TEXT_MAX - len(PREFIX)) * 5 // 8

_ID, _CAMPAIGN, _VALUE, _MEMBER, _FROM, _UNTIL, _STORES, _WINDOW, _USES = range(1, 10)
_AMOUNT, _PERCENT, _GIFT = range(3)
_PLACES_MAX: Final = 6
_DIGITS_MAX: Final = 10**15
_USES_MAX: Final = 10**6


class CannotSign(ValueError):
    """A voucher that has no such text; the message says what to change."""


def encode(voucher: Voucher, key: Ed25519PrivateKey, key_id: str) -> str:
    """The text of a voucher. ``key_id`` is 8 hexadecimal digits.

    Raises ``CannotSign`` where it would not fit a QR code of version 9, or not come back as it
    went in.
    """
    fields = {
        _ID: cose.pack_id(voucher.id),
        _CAMPAIGN: cose.pack_id(voucher.campaign_id),
        _VALUE: _pack_value(voucher.value),
        _MEMBER: cose.pack_id(voucher.member_id) if voucher.member_id else None,
        _FROM: _pack_time(voucher.valid_from),
        _UNTIL: _pack_time(voucher.valid_until),
        _STORES: list(voucher.stores) or None,
        _WINDOW: _pack_window(voucher.window),
        _USES: voucher.uses if voucher.uses != 1 else None,
    }
    payload = cose.canonical({k: v for k, v in fields.items() if v is not None})
    message = cose.sign(payload, key, bytes.fromhex(key_id))
    if len(message) > _MESSAGE_MAX:
        raise CannotSign(
            f"the code would take {len(message)} of {_MESSAGE_MAX} bytes and not fit its QR code; "
            "name fewer stores, or shorten the gift's name"
        )
    return PREFIX + base32.encode(message)


def looks_signed(text: str) -> bool:
    """Whether a text claims to be a signed voucher, by its form alone."""
    return text[: len(PREFIX)].upper() == PREFIX


def decode(text: str, keys: Mapping[str, Ed25519PublicKey]) -> Voucher | Reason:
    """The voucher that a text says, with one of these keys behind it, or why it says none.

    Total: whatever the text holds, this is the answer to it.
    """
    try:
        signed = cose.take_apart(_message(text))
    except cose.NotCose:
        return Reason.NOT_A_VOUCHER
    key_id = signed.key_id.hex()
    key = keys.get(key_id)
    if key is None:
        return Reason.UNKNOWN_KEY
    if not signed.verify(key):
        return Reason.FORGED
    try:
        return _read(cose.parse(signed.payload), key_id)
    except (cose.NotCose, _Unreadable):
        return Reason.NOT_A_VOUCHER


class _Unreadable(ValueError):
    """A payload of another form than ours."""


def _message(text: str) -> bytes:
    """The bytes behind the prefix."""
    if not looks_signed(text) or len(text) > TEXT_MAX:
        raise cose.NotCose("not a text of ours")
    try:
        return base32.decode(text[len(PREFIX) :])
    except ValueError as error:
        raise cose.NotCose("not Base32") from error


def _read(payload: Any, key_id: str) -> Voucher:
    fields = payload if isinstance(payload, dict) else {}
    if not {_ID, _CAMPAIGN, _VALUE} <= set(fields) <= set(range(_ID, _USES + 1)):
        raise _Unreadable("other fields than a voucher's")
    stores = fields.get(_STORES, [])
    if not isinstance(stores, list) or not all(isinstance(store, str) for store in stores):
        raise _Unreadable("stores")
    return Voucher(
        id=cose.read_id(fields[_ID]),
        campaign_id=cose.read_id(fields[_CAMPAIGN]),
        value=_read_value(fields[_VALUE]),
        member_id=cose.read_id(fields[_MEMBER]) if _MEMBER in fields else None,
        valid_from=_read_time(fields.get(_FROM)),
        valid_until=_read_time(fields.get(_UNTIL)),
        stores=tuple(stores),
        window=_read_window(fields.get(_WINDOW)),
        uses=_read_int(fields.get(_USES, 1), 1, _USES_MAX),
        key_id=key_id,
    )


# --- parts of it -----------------------------------------------------------------------


def _pack_value(value: Value) -> list[object]:
    match value:
        case AmountOff(money=money):
            return [_AMOUNT, _pack_money(money)]
        case PercentOff(percent=percent, at_most=None):
            return [_PERCENT, _pack_number(percent)]
        case PercentOff(percent=percent, at_most=Money() as at_most):
            return [_PERCENT, _pack_number(percent), _pack_money(at_most)]
        case Gift(name=name, gtin=gtin):
            return [_GIFT, name, int(gtin)] if gtin else [_GIFT, name]
        case _:
            raise CannotSign("a value of a kind that no voucher has")


def _read_value(packed: object) -> Value:
    match packed:
        case [0, list() as money]:
            return AmountOff(money=_read_money(money))
        case [1, list() as percent, *rest] if len(rest) <= 1:
            return PercentOff(
                percent=_read_number(percent), at_most=_read_money(rest[0]) if rest else None
            )
        case [2, str() as name]:
            return Gift(name=name)
        case [2, str() as name, int() as gtin]:
            return Gift(name=name, gtin=f"{_read_int(gtin, 1, 10**14 - 1):014}")
        case _:
            raise _Unreadable("a value")


def _pack_money(money: Money) -> list[object]:
    return [money.currency, *_pack_number(money.amount)]


def _read_money(packed: object) -> Money:
    match packed:
        case [str() as currency, *number]:
            return Money(amount=_read_number(number), currency=currency)
        case _:
            raise _Unreadable("money")


def _pack_number(number: Decimal) -> list[object]:
    """Digits and decimal places, so that 5.50 comes back as 5.50."""
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int) or not -_PLACES_MAX <= exponent <= 0 or number < 0:
        raise CannotSign(f"{number} is no amount; write it with at most {_PLACES_MAX} decimals")
    digits = int(number.scaleb(-exponent))
    if digits >= _DIGITS_MAX:
        raise CannotSign(f"{number} is more than a voucher can say")
    return [digits, -exponent]


def _read_number(packed: object) -> Decimal:
    match packed:
        case [int() as digits, int() as places]:
            whole = Decimal(_read_int(digits, 0, _DIGITS_MAX - 1))
            return whole.scaleb(-_read_int(places, 0, _PLACES_MAX))
        case _:
            raise _Unreadable("a number")


def _pack_time(moment: datetime | None) -> int | None:
    if moment is None:
        return None
    if moment.microsecond:
        raise CannotSign("a voucher's times are whole seconds")
    return int(moment.timestamp())


def _read_time(packed: object) -> datetime | None:
    if packed is None:
        return None
    return datetime.fromtimestamp(_read_int(packed, 0, 2**32 - 1), UTC)


def _pack_window(window: Window | None) -> list[int] | None:
    if window is None:
        return None
    if any(edge.second or edge.microsecond for edge in (window.opens, window.closes)):
        raise CannotSign("a voucher's daily window is in whole minutes")
    return [edge.hour * 60 + edge.minute for edge in (window.opens, window.closes)]


def _read_window(packed: object) -> Window | None:
    if packed is None:
        return None
    match packed:
        case [int() as opens, int() as closes]:
            edges = [divmod(_read_int(edge, 0, 24 * 60 - 1), 60) for edge in (opens, closes)]
            return Window(opens=time(*edges[0]), closes=time(*edges[1]))
        case _:
            raise _Unreadable("a window")


def _read_int(packed: object, least: int, most: int) -> int:
    if not isinstance(packed, int) or isinstance(packed, bool) or not least <= packed <= most:
        raise _Unreadable("a number out of range")
    return packed
