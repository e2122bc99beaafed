"""The certificate of the gateway's public name: renewed in time, and never lost for a failure."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from edge import acme, durable
from edge.config import CertificateConfig
from edge.errors import CertificateFailed, ConfigError
from edge.rules.certificate import is_due

SHOWN = "tls/public.pem"
"""Where a new key with its certificate chain is laid, in one file, so that no crash can part them;
the gateway takes the key out. Below the state folder.
"""
CREDENTIAL = "dns.env"
_KEY = b"PRIVATE KEY"


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewal:
    """The certificate that holds now; ``renewed`` where it is a new one."""

    ends_at: datetime
    renewed: bool


def renew(
    config: CertificateConfig, state_dir: Path, secrets: Mapping[str, str], now: datetime
) -> Renewal:
    """Renew the certificate where it is due. Blocks for minutes.

    Raises ``ConfigError`` without a name, ``CertificateFailed`` where none was obtained.
    """
    if config.name is None:
        raise ConfigError("certificate.name is missing: say which public name the gateway has")
    place = state_dir / SHOWN
    held = shown(place, config.name)
    if held is not None and not is_due(held.not_valid_before_utc, held.not_valid_after_utc, now):
        return Renewal(ends_at=held.not_valid_after_utc, renewed=False)
    order = acme.Order(
        name=config.name,
        email=config.email,
        directory=config.directory,
        provider=config.dns_provider,
        check_dns=config.check_dns,
    )
    pair = acme.obtain(order, state_dir / "acme", secrets)
    certificate = usable(pair, config.name)
    if certificate is None or certificate.not_valid_after_utc <= now:
        raise CertificateFailed(f"what came is no certificate of {config.name} that holds now")
    place.parent.mkdir(mode=0o700, exist_ok=True)
    durable.put(place, pair)
    return Renewal(ends_at=certificate.not_valid_after_utc, renewed=True)


def shown(place: Path, name: str) -> x509.Certificate | None:
    """The certificate of a name that the gateway shows, if it has one of that name."""
    try:
        return usable(place.read_bytes(), name)
    except OSError:
        return None


def secrets_of_dns() -> dict[str, str]:
    """What opens the DNS service, a ``NAME=value`` a line, as systemd handed it over.

    Raises ``ConfigError`` where nothing was handed over.
    """
    folder = os.environ.get("CREDENTIALS_DIRECTORY")
    text = (Path(folder) / CREDENTIAL).read_text(encoding="utf-8") if folder else ""
    pairs = (line.partition("=") for line in text.splitlines() if "=" in line)
    found = {key.strip(): value.strip() for key, _, value in pairs if not key.startswith("#")}
    if not found:
        raise ConfigError(
            "nothing opens the DNS service: sudo regulars keys dns FILE, and then "
            "sudo systemctl start regulars-certificate"
        )
    return found


def usable(pair: bytes, name: str) -> x509.Certificate | None:
    """The certificate of a pair that belongs together and to the name; its key may have been taken
    out already.
    """
    try:
        key = serialization.load_pem_private_key(pair, password=None) if _KEY in pair else None
        certificate = x509.load_pem_x509_certificate(pair)
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (ValueError, TypeError, x509.ExtensionNotFound):
        return None
    together = key is None or key.public_key() == certificate.public_key()
    return certificate if together and name in names.get_values_for_type(x509.DNSName) else None
