"""COSE_Sign1 with Ed25519 (RFC 9052, RFC 9053), as strict as a shop needs it.

One algorithm, the key's id in the protected header, nothing unprotected, deterministic CBOR
(RFC 8949, 4.2): for one message and one key there is exactly one sequence of bytes, so that a
copy with other bytes is a forgery and not a second voucher.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

import cbor2
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

_SIGN1: Final = 18
_ALGORITHM: Final = 1
_KEY_ID: Final = 4
_EDDSA: Final = -8
_CONTEXT: Final = "Signature1"
KEY_ID_BYTES: Final = 4
SIGNATURE_BYTES: Final = 64
_HEX_ID: Final = re.compile(r"[0-9a-f]{32}")


class NotCose(ValueError):
    """Bytes that are no message of this form; nothing was verified."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A message taken apart. Its ``payload`` means nothing before ``verify`` has said so."""

    protected: bytes
    payload: bytes
    signature: bytes
    key_id: bytes

    def verify(self, key: Ed25519PublicKey) -> bool:
        """Whether this key signed the payload."""
        try:
            key.verify(self.signature, _to_be_signed(self.protected, self.payload))
        except InvalidSignature:
            return False
        return True


def sign(payload: bytes, key: Ed25519PrivateKey, key_id: bytes) -> bytes:
    """The tagged message; ``key_id`` has ``KEY_ID_BYTES``."""
    protected = canonical({_ALGORITHM: _EDDSA, _KEY_ID: key_id})
    signature = key.sign(_to_be_signed(protected, payload))
    return canonical(cbor2.CBORTag(_SIGN1, [protected, {}, payload, signature]))


def take_apart(message: bytes) -> Signed:
    """Raises ``NotCose`` for anything that ``sign`` would not have made."""
    tagged = parse(message)
    if not isinstance(tagged, cbor2.CBORTag) or tagged.tag != _SIGN1:
        raise NotCose("not a COSE_Sign1 message")
    match tagged.value:
        case [bytes() as protected, {}, bytes() as payload, bytes() as signature] if (
            not tagged.value[1] and len(signature) == SIGNATURE_BYTES
        ):
            return Signed(
                protected=protected,
                payload=payload,
                signature=signature,
                key_id=_key_id(protected),
            )
        case _:
            raise NotCose("not built as a COSE_Sign1 message is")


def canonical(value: Any) -> bytes:
    """Deterministic CBOR."""
    return cbor2.dumps(value, canonical=True)


def parse(data: bytes) -> Any:
    """One deterministic CBOR value and nothing behind it. Raises ``NotCose``."""
    try:
        value = cbor2.loads(data)
        again = canonical(value)
    except (cbor2.CBORError, ValueError, TypeError, ArithmeticError, RecursionError) as error:
        raise NotCose("not CBOR") from error
    if again != data:
        raise NotCose("not in its shortest form, or followed by something")
    return value


def pack_id(identifier: str) -> bytes | str:
    """An identifier of 32 hexadecimal digits travels as 16 bytes, any other as text."""
    return bytes.fromhex(identifier) if _HEX_ID.fullmatch(identifier) else identifier


def read_id(packed: object) -> str:
    """Back from ``pack_id``. Raises ``NotCose``."""
    match packed:
        case bytes() if len(packed) == 16:
            return packed.hex()
        case str() if 0 < len(packed) <= 64 and not _HEX_ID.fullmatch(packed):
            return packed
        case _:
            raise NotCose("an identifier")


def _key_id(protected: bytes) -> bytes:
    header = parse(protected)
    if not isinstance(header, dict) or set(header) != {_ALGORITHM, _KEY_ID}:
        raise NotCose("a header with other fields")
    key_id = header[_KEY_ID]
    if header[_ALGORITHM] != _EDDSA or not isinstance(key_id, bytes):
        raise NotCose("another algorithm")
    if len(key_id) != KEY_ID_BYTES:
        raise NotCose("a key id of another length")
    return key_id


def _to_be_signed(protected: bytes, payload: bytes) -> bytes:
    """RFC 9052, 4.4: the structure that is signed in place of the message."""
    return canonical([_CONTEXT, protected, b"", payload])
