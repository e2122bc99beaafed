"""Certificates with their keys, as PEM in files and elsewhere."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from edge.errors import ConfigError


class Pair(NamedTuple):
    """A certificate with its key."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate


def load(path: Path) -> Pair:
    """Read a pair back. Raises ``ConfigError`` for a file that cannot be used."""
    try:
        return parse(path.read_bytes(), str(path))
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror})") from error


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


def save(path: Path, pair: Pair) -> None:
    """Write a pair with mode 0600: both in one file, so that no crash can part them."""
    write(path, pem(pair))


def pem(pair: Pair) -> bytes:
    """Key and certificate, one after the other."""
    return pair.key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ) + pair.certificate.public_bytes(serialization.Encoding.PEM)


def blacken(path: Path) -> None:
    """Overwrite what a file holds, if it is there: a key that lies elsewhere now."""
    if path.exists():
        with path.open("r+b", buffering=0) as file:
            file.write(bytes(path.stat().st_size))
            os.fsync(file.fileno())


def write(path: Path, text: bytes) -> None:
    """Put a text in a file's place, whole or not at all, with mode 0600."""
    draft = path.with_suffix(".draft")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
