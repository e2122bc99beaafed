"""Vouchers as digits that a person can read out: fourteen that name it, two that check them.

The fourteen are the voucher's running number, encrypted within its own length by FF1 (NIST
SP 800-38G), so that nothing is stored for a million of them and nobody who knows one knows the
next. A guess hits one of n issued vouchers with a chance of n / 10^14. The two are ISO 7064
MOD 97-10: no wrong digit and no two swapped neighbours pass.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

LENGTH: Final = 16
NUMBERS: Final = 10**14
_DIGITS = re.compile(r"[0-9]{16}")
_GROUPING = re.compile(r"[\s.\u2010-\u2015-]+")
_ROUNDS = 10


def plain(text: str) -> str | None:
    """Sixteen digits as they were typed, without blanks and hyphens; None for anything else."""
    digits = _GROUPING.sub("", unicodedata.normalize("NFKC", text))
    return digits if _DIGITS.fullmatch(digits) else None


def holds(digits: str) -> bool:
    """Whether the check digits agree (ISO 7064, MOD 97-10)."""
    return int(digits) % 97 == 1


def grouped(digits: str) -> str:
    """In fours, as they are printed."""
    return " ".join(digits[at : at + 4] for at in range(0, len(digits), 4))


class Digits:
    """From running numbers to digits and back, under one key of 32 bytes."""

    def __init__(self, key: bytes) -> None:
        self._ff1 = Ff1(key, 14)

    def of(self, number: int) -> str:
        """The digits of a number from 0 to ``NUMBERS`` - 1."""
        body = self._ff1.encrypt(number)
        return f"{body:014}{98 - body * 100 % 97:02}"

    def number(self, digits: str) -> int:
        """Back from ``of``, for digits whose check ``holds``."""
        return self._ff1.decrypt(int(digits) // 100)


class Ff1:
    """FF1 for decimal numbers of an even count of digits, with AES and an empty tweak."""

    def __init__(self, key: bytes, digits: int) -> None:
        half = digits // 2
        self._modulus: int = 10**half
        self._bytes = ((self._modulus - 1).bit_length() + 7) // 8
        # SP 800-38G, algorithm 7: P of step 5, S of step 6.iii in d bytes of step 4.
        head = bytes([1, 2, 1, 0, 0, 10, _ROUNDS, half]) + digits.to_bytes(4) + bytes(4)
        self._cipher = Cipher(algorithms.AES(key), modes.ECB())
        self._head = int.from_bytes(self._cipher.encryptor().update(head))
        self._drawn = 4 * -(-self._bytes // 4) + 4

    def encrypt(self, number: int) -> int:
        left, right = divmod(number, self._modulus)
        draw = self._rounds()
        for step in range(_ROUNDS):
            left, right = right, (left + draw(step, right)) % self._modulus
        return left * self._modulus + right

    def decrypt(self, number: int) -> int:
        left, right = divmod(number, self._modulus)
        draw = self._rounds()
        for step in reversed(range(_ROUNDS)):
            left, right = (right - draw(step, left)) % self._modulus, left
        return left * self._modulus + right

    def _rounds(self) -> _Draw:
        return _Draw(self._cipher, self._head, self._bytes, self._drawn)


class _Draw:
    """The round function: a CBC-MAC over P and Q. One for each call, as ciphers keep state."""

    def __init__(self, cipher: Cipher[modes.ECB], head: int, width: int, drawn: int) -> None:
        self._update = cipher.encryptor().update
        self._head = head
        self._width = width
        self._drawn = drawn

    def __call__(self, step: int, half: int) -> int:
        block = self._head ^ (step << (8 * self._width)) ^ half
        return int.from_bytes(self._update(block.to_bytes(16))[: self._drawn])
