"""What headquarters gave this store when it was admitted: a certificate, and whom to trust."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.x509.oid import NameOID

from edge.contract.subjects import CERTIFICATE_URI
from edge.errors import ConfigError


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who a certificate says its holder is: the store, and the certificate's own name."""

    store_id: str
    certificate: str


def client_context(folder: Path) -> ssl.SSLContext:
    """TLS with the credentials in a folder. Blocks. Raises ``ConfigError``."""
    with _usable(folder):
        context = ssl.create_default_context(cafile=str(folder / "authority.pem"))
        context.load_cert_chain(folder / "pair.pem")
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    return context


def server_context(folder: Path) -> ssl.SSLContext:
    """TLS that admits certificates of the chain's authority. Blocks. Raises ``ConfigError``."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    with _usable(folder):
        context.load_cert_chain(folder / "pair.pem")
        context.load_verify_locations(folder / "authority.pem")
    context.verify_mode = ssl.CERT_REQUIRED
    return context


def claim_context(authority: str, admission: Path) -> ssl.SSLContext:
    """TLS with what a claim holds: ``authority`` in PEM, and the file of its admission pair.

    Blocks. Raises ``OSError`` or ``ValueError`` where they cannot be used.
    """
    context = ssl.create_default_context(cadata=authority)
    context.load_cert_chain(admission)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    return context


@contextmanager
def _usable(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ConfigError(
            f"headquarters.credentials: {folder} cannot be used; put there the folder that "
            "headquarters made when it admitted this store"
        ) from error


def identity(folder: Path) -> Identity:
    """Who the certificate in a folder says we are. Blocks. Raises ``ConfigError``."""
    try:
        certificate = x509.load_pem_x509_certificate((folder / "pair.pem").read_bytes())
        (store,) = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        (uri,) = names.get_values_for_type(x509.UniformResourceIdentifier)
    except (OSError, ValueError, x509.ExtensionNotFound) as error:
        raise ConfigError(
            f"headquarters.credentials: the certificate in {folder} cannot go through NATS; ask "
            "headquarters to admit this store again and put the new folder there"
        ) from error
    return Identity(store_id=str(store.value), certificate=uri.removeprefix(CERTIFICATE_URI))
