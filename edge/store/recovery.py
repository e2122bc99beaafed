"""The gateway's key on its way to another machine: a file that a recovery code opens.

The file is JSON: the store, when it was made, and the key under AES-256-GCM with a key that scrypt
(RFC 7914) makes of the code. The code is 120 random bits, so the file may lie where others see it;
the code may not. Neither holds a key of a face: those stay in the keyring, where they end.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from datetime import datetime
from typing import Annotated

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from msgspec import Meta

from edge.errors import BadRequest
from edge.store.gateway_key import KEY_BYTES, seal, unseal

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's Base32: no letter that is taken for a digit."""
GROUPS, GROUP = 6, 4
_SALT_BYTES = 16
_READ_AS = str.maketrans("OIL", "011")
# 64 MB and some 0.2 s: more than the code's 120 bits need, enough should it ever be a shorter one.
_N, _R, _P = 2**16, 8, 1


class RecoveryFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What lies in the file. ``check`` is the SHA-256 of the rest, which tells damage from a wrong
    code.
    """

    regulars_recovery: Annotated[int, Meta(ge=1, le=1)]
    store_id: str
    made_at: datetime
    salt: bytes
    sealed: bytes
    check: str = ""


def new_code() -> str:
    """A recovery code, to be written down: six groups of four."""
    groups = ("".join(secrets.choice(ALPHABET) for _ in range(GROUP)) for _ in range(GROUPS))
    return "-".join(groups)


def lock(key: bytes, code: str, store_id: str, made_at: datetime) -> bytes:
    """The text of a recovery file."""
    salt = secrets.token_bytes(_SALT_BYTES)
    file = RecoveryFile(
        regulars_recovery=1,
        store_id=store_id,
        made_at=made_at,
        salt=salt,
        sealed=seal(_stretched(code, salt), key, "recovery", store_id),
    )
    whole = msgspec.structs.replace(file, check=_check(file))
    return msgspec.json.format(msgspec.json.encode(whole), indent=2) + b"\n"


def unlock(text: bytes, code: str) -> tuple[RecoveryFile, bytes]:
    """What a recovery file says, and the key in it.

    Raises ``BadRequest`` for a damaged file and for a wrong code, saying which.
    """
    try:
        file = msgspec.json.decode(text, type=RecoveryFile)
    except msgspec.DecodeError as error:
        raise BadRequest("this is no recovery file, or it is damaged; take another copy") from error
    if file.check != _check(file):
        raise BadRequest("the recovery file is damaged; take another copy of it")
    try:
        key = unseal(_stretched(code, file.salt), file.sealed, "recovery", file.store_id)
    except InvalidTag as error:
        raise BadRequest(
            f"the code does not open this file, which store {file.store_id} made on "
            f"{file.made_at:%Y-%m-%d}; look at each group again"
        ) from error
    return file, key


def _check(file: RecoveryFile) -> str:
    bare = msgspec.structs.replace(file, check="")
    return hashlib.sha256(msgspec.json.encode(bare)).hexdigest()


def _stretched(code: str, salt: bytes) -> bytes:
    """The key that a code stands for, however it was spaced and whichever case it was typed in."""
    plain = re.sub(r"[^0-9A-Z]", "", code.upper().translate(_READ_AS))
    return Scrypt(salt=salt, length=KEY_BYTES, n=_N, r=_R, p=_P).derive(plain.encode())
