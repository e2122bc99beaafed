"""Our own codes in their three forms: a signed QR, digits, and a word that marketing chose."""

from __future__ import annotations

import re
import unicodedata

from edge.domain import Credential, CredentialKind
from edge.rules import digits
from edge.rules.member_card import looks_like_card
from edge.rules.voucher_code import looks_signed

_MISREAD = str.maketrans({"O": "0", "I": "1", "L": "1"})
_BETWEEN = re.compile(r"[\s_.\u2010-\u2015-]+")
_WORD = re.compile(r"\w{4,32}")


def recognise(text: str) -> Credential | None:
    """Our own code, by its form alone. Words of marketing have none; only the store knows them."""
    code = text.strip()
    if looks_like_card(code):
        return Credential(kind=CredentialKind.MEMBER_CARD, text=code)
    sixteen = digits.plain(code) if len(code) <= 64 else None
    if looks_signed(code) or (sixteen is not None and digits.holds(sixteen)):
        return Credential(kind=CredentialKind.VOUCHER, text=code)
    return None


def canonical_code(text: str) -> str:
    """A typed code as it is compared: full width, case, blanks, hyphens, and the letters that
    people take for digits (O, I, L) make no difference."""
    upper = unicodedata.normalize("NFKC", text).upper()
    return _BETWEEN.sub("", upper).translate(_MISREAD)


def tidy_word(text: str) -> str | None:
    """An exclusive code in the form in which it is compared; None where it makes none.

    4 to 32 letters and digits, a letter among them that nobody takes for a digit, so that it is
    neither a number of another kind nor one of our own codes.
    """
    word = canonical_code(text)
    fits = _WORD.fullmatch(word) and any(c.isalpha() for c in word)
    return word if fits else None
