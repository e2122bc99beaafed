"""Trade item numbers: one form of 14 digits, and which numbers are none.

GS1 General Specifications, sections 1.4 (prefixes) and 7.9 (check digit).
"""

from __future__ import annotations

import re

from biip.checksums import gs1_standard_check_digit

LENGTHS = frozenset({8, 12, 13, 14})
_DIGITS = re.compile(r"[0-9]+")
_RESTRICTED_13 = re.compile(r"02|04|2")
_RESTRICTED_8 = re.compile(r"[02]")
_COUPON_13 = re.compile(r"05|98[1-4]|99")


def gtin14(digits: str) -> str | None:
    """A GTIN-8, -12, -13 or -14 padded to 14 digits; None unless its check digit holds."""
    if len(digits) not in LENGTHS or not _DIGITS.fullmatch(digits):
        return None
    padded = digits.zfill(14)
    return padded if gs1_standard_check_digit(padded[:-1]) == int(padded[-1]) else None


def is_restricted(gtin: str) -> bool:
    """Whether 14 digits are of restricted circulation: each shop gives them its own meaning."""
    if gtin.startswith("000000"):
        return bool(_RESTRICTED_8.match(gtin[6:]))
    return gtin[0] == "0" and bool(_RESTRICTED_13.match(gtin[1:]))


def is_coupon(gtin: str) -> bool:
    """Whether 14 digits are of a prefix that GS1 keeps for coupons and refund receipts."""
    return gtin[0] == "0" and bool(_COUPON_13.match(gtin[1:]))


def upc_a(upc_e: str) -> str | None:
    """The 12 digits that 8 digits of a UPC-E stand for; None where they are none.

    The last digit but one says where the zeros go (section 5.2.2.4.2).
    """
    if not re.fullmatch(r"[01][0-9]{7}", upc_e):
        return None
    system, body, where, check = upc_e[0], upc_e[1:7], upc_e[6], upc_e[7]
    match where:
        case "0" | "1" | "2":
            maker, item = body[:2] + where + "00", "00" + body[2:5]
        case "3":
            maker, item = body[:3] + "00", "000" + body[3:5]
        case "4":
            maker, item = body[:4] + "0", "0000" + body[4]
        case _:
            maker, item = body[:5], "0000" + where
    return system + maker + item + check
