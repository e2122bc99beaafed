"""The gateway's key, 32 random bytes, where it comes from, and the sealing done under it.

A gateway that runs as a service is given the key in memory: it lies sealed to the machine
(``sealing``). Elsewhere it lies in a file of mode 0600.

Each purpose gets a key of its own by HKDF-SHA256 (RFC 5869). Sealing is AES-256-GCM with a
random 96-bit nonce in front; the associated data binds what is sealed to where it belongs.
"""

from __future__ import annotations

import secrets
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from edge import durable
from edge.errors import ConfigError
from edge.store.sealing import SEALED, handed_over

KEY_BYTES = 32
_NONCE_BYTES = 12


def load_or_create(path: Path, *, may_create: bool) -> bytes:
    """The key at ``path``. Raises ``ConfigError`` with one line that says what to do.

    ``may_create`` is False once keys exist that were made under it: a new one opens none.
    """
    demand_private(path.parent, 0o700)
    given = handed_over()
    if given is not None:
        return whole(given, path)
    if not path.exists():
        _demand_none(path, may_create=may_create)
        durable.create(path, secrets.token_bytes(KEY_BYTES))
    demand_private(path, 0o600)
    return whole(path.read_bytes(), path)


def whole(key: bytes, path: Path) -> bytes:
    """The key, if it has the length of one. Raises ``ConfigError``."""
    if len(key) != KEY_BYTES:
        raise ConfigError(
            f"{path} holds {len(key)} bytes, not {KEY_BYTES}; put the right file back, "
            f"or remove {path.parent} to start without any face"
        )
    return key


def _demand_none(path: Path, *, may_create: bool) -> None:
    if path.with_name(SEALED).exists():
        raise ConfigError(
            f"{path} is sealed to this machine and was not handed over: run this as root with "
            "sudo regulars …; where that says the same, see regulars doctor"
        )
    if not may_create:
        raise ConfigError(
            f"{path} is missing, and {path.parent} holds keys made under it; bring it back with "
            f"sudo regulars keys import, or remove {path.parent} to start without any face"
        )


def demand_private(path: Path, mode: int) -> None:
    """Refuse a file or folder that others than its owner may open."""
    if path.exists() and path.stat().st_mode & 0o077:
        raise ConfigError(f"others than the gateway may open {path}; run: chmod {mode:o} {path}")


def derive(key: bytes, purpose: str) -> bytes:
    """A 32-byte key for one purpose."""
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=f"regulars/{purpose}/1".encode()).derive(key)


def seal(key: bytes, plain: bytes, *belongs_to: str) -> bytes:
    """Nonce and AES-256-GCM ciphertext of ``plain``, bound to ``belongs_to``."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain, _associated(belongs_to))


def unseal(key: bytes, sealed: bytes, *belongs_to: str) -> bytes:
    """Back from ``seal``. Raises ``cryptography.exceptions.InvalidTag``."""
    nonce, ciphertext = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
    return AESGCM(key).decrypt(nonce, ciphertext, _associated(belongs_to))


def _associated(parts: tuple[str, ...]) -> bytes:
    # Each part carries its length, so that no two lists of parts give the same bytes.
    return b"".join(len(raw := part.encode()).to_bytes(4) + raw for part in parts)
