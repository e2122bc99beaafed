"""Certificates with their keys: the keys lie sealed, the certificates in files for all to see.

Whoever makes a pair without knowing the gateway's key, as lego does, lays both into the file; the
gateway takes the key out of it.
"""

from __future__ import annotations

import os
import re
import ssl
from pathlib import Path
from typing import NamedTuple, Protocol

import structlog
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from edge import durable
from edge.errors import ConfigError

log = structlog.get_logger()

_KEY = b"PRIVATE KEY"
_CERTIFICATE = re.compile(rb"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----\n?", re.DOTALL)


class Pair(NamedTuple):
    """A certificate with its key."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate


class Keys(Protocol):
    """Where keys with their certificates (PEM) are kept; ``edge.store.Store`` does it."""

    def pair(self, name: str) -> bytes | None: ...
    def keep_pair(self, name: str, pem: bytes) -> None: ...


class KeptPair:
    """A pair among the keys, named as the file that shows its certificates. Blocks."""

    def __init__(self, keys: Keys, file: Path) -> None:
        self._keys = keys
        self._file = file

    def load(self) -> bytes | None:
        """The pair (PEM). One that lies in the file is taken in first, if it can be used."""
        self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with durable.alone(self._file) as put:
            text = self._file.read_bytes() if self._file.exists() else b""
            if _KEY in text and self._usable(text):
                self._keys.keep_pair(self._file.stem, text)
            held = self._keys.pair(self._file.stem)
            if held is not None and text != (shown := _certificates(held)):
                durable.erase(self._file)
                put(shown, durable.PRIVATE)
            return held

    def keep(self, pem: bytes) -> None:
        """Put a pair in the place of the one there was."""
        self._keys.keep_pair(self._file.stem, pem)
        durable.put(self._file, _certificates(pem))

    def _usable(self, pem: bytes) -> bool:
        try:
            show(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), pem)
        except ssl.SSLError as error:
            log.error("certificate_not_used", file=self._file.name, reason=str(error))
            return False
        return True


def show(context: ssl.SSLContext, pem: bytes) -> None:
    """Let a server of this context show a pair. Raises ``ssl.SSLError``, and nothing has changed.

    The library reads files only: this one is in memory, and nobody else can open it.
    """
    with os.fdopen(os.memfd_create("pair"), "wb") as file:
        file.write(pem)
        file.flush()
        context.load_cert_chain(f"/proc/self/fd/{file.fileno()}")


def parse(text: bytes, origin: str) -> Pair:
    """A pair out of PEM; ``origin`` opens the message. Raises ``ConfigError``."""
    try:
        key = serialization.load_pem_private_key(text, password=None)
        certificate = x509.load_pem_x509_certificate(text)
    except ValueError as error:
        raise ConfigError(
            f"{origin}: cannot be read; restore it from a backup, or remove it and let phones "
            "trust the new authority"
        ) from error
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise ConfigError(f"{origin}: does not hold a key of ours; remove it")
    return Pair(key, certificate)


def pem(pair: Pair) -> bytes:
    """Key and certificate, one after the other."""
    return pair.key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ) + pair.certificate.public_bytes(serialization.Encoding.PEM)


def _certificates(text: bytes) -> bytes:
    return b"".join(_CERTIFICATE.findall(text))
