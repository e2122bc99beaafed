"""The chain's certificate authority: one certificate for headquarters, one for each store.

Both sides show theirs, so no password crosses the wire, a store cannot speak as another, and a
stolen one is ended by its fingerprint in the database at the next request, without lists. Each
client's certificate carries a name of its own, random, by which a NATS server knows it.
"""

from __future__ import annotations

import os
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from edge import durable
from edge.contract.subjects import CERTIFICATE_URI, HEADQUARTERS_NAME

LIFE = timedelta(days=3652)
AUTHORITY, PAIR = "authority.pem", "pair.pem"
READABLE = 0o644
"""The mode of what is no secret."""
_CALLS, _ANSWERS = ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """What the books hold of a store's certificate: its SHA-256, and the name that it carries."""

    fingerprint: str
    name: str


def make_authority(folder: Path, host: str) -> None:
    """Write the authority and headquarters' own certificate for ``host`` into a new folder."""
    folder.mkdir(mode=0o700, parents=True)
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name("Regulars headquarters authority")
    certificate = (
        _builder(name, name, key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs=True), critical=True)
        .sign(key, hashes.SHA256())
    )
    durable.put(folder / AUTHORITY, certificate.public_bytes(serialization.Encoding.PEM), READABLE)
    durable.put(folder / "authority-key.pem", _pem(key, certificate))
    durable.put(folder / PAIR, _pair(folder, host, [_ANSWERS])[0])


def issue_store(folder: Path, out: Path, store_id: str) -> Issued:
    """Write what a store needs into a new folder: it calls, and answers when it is pulled from."""
    out.mkdir(mode=0o700, parents=True)
    durable.put(out / AUTHORITY, (folder / AUTHORITY).read_bytes(), READABLE)
    name = os.urandom(16).hex()
    pair, certificate = _pair(folder, store_id, [_CALLS, _ANSWERS], name)
    durable.put(out / PAIR, pair)
    return Issued(fingerprint=_fingerprint(certificate), name=name)


def issue_admission(folder: Path) -> tuple[str, str]:
    """A key with a certificate in PEM that opens the door for admissions and no other, and the
    certificate's SHA-256, by which the claim is known that it travels in.
    """
    pair, certificate = _pair(folder, "admission", [_CALLS])
    return pair.decode(), _fingerprint(certificate)


def certify_store(folder: Path, request: str, store_id: str) -> tuple[str, Issued]:
    """The certificate in PEM of a store that made its own key and shows a signing request for it.

    Raises ``ValueError`` for a request that is none, or for a key of another kind.
    """
    asked = requested(request)
    name = os.urandom(16).hex()
    certificate = _certify(folder, asked, store_id, [_CALLS, _ANSWERS], name)
    pem = certificate.public_bytes(serialization.Encoding.PEM).decode()
    return pem, Issued(fingerprint=_fingerprint(certificate), name=name)


def requested(request: str) -> ec.EllipticCurvePublicKey:
    """The key in a signing request in PEM, which whoever asks has shown to hold.

    Raises ``ValueError``.
    """
    asked = x509.load_pem_x509_csr(request.encode())
    key = asked.public_key()
    if not isinstance(key, ec.EllipticCurvePublicKey) or key.curve.name != "secp256r1":
        raise ValueError("a key of another kind than P-256")
    if not asked.is_signature_valid:
        raise ValueError("the request is not signed with its own key")
    return key


def sign(folder: Path, text: bytes) -> bytes:
    """ECDSA with SHA-256, by the authority's own key."""
    return _signer(folder)[0].sign(text, ec.ECDSA(hashes.SHA256()))


def certificate_of(folder: Path) -> str:
    """The authority's certificate in PEM."""
    return (folder / AUTHORITY).read_text(encoding="ascii")


def fingerprint_of(folder: Path) -> str:
    """SHA-256 of the authority's certificate: what a machine needs to know of its headquarters."""
    return _fingerprint(x509.load_pem_x509_certificate(certificate_of(folder).encode()))


def issue_broker(folder: Path, out: Path, host: str) -> None:
    """Write what a NATS server needs to serve under ``host`` into a folder."""
    durable.put(out / AUTHORITY, (folder / AUTHORITY).read_bytes(), READABLE)
    durable.put(out / PAIR, _pair(folder, host, [_ANSWERS])[0])


def client_context(folder: Path) -> ssl.SSLContext:
    """TLS with which headquarters calls: a NATS server, or stores that it pulls from. Its
    certificate says that it is headquarters; it is made when missing, by whichever instance
    comes first.
    """
    pair = folder / "headquarters.pem"
    with durable.alone(pair) as place:
        if not pair.exists():
            made, _ = _pair(folder, HEADQUARTERS_NAME, [_CALLS], HEADQUARTERS_NAME)
            place(made, durable.PRIVATE)
    context = ssl.create_default_context(cafile=str(folder / AUTHORITY))
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.load_cert_chain(pair)
    return context


def server_context(folder: Path) -> ssl.SSLContext:
    """TLS that admits nobody without a certificate of this authority."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.load_cert_chain(folder / PAIR)
    context.load_verify_locations(folder / AUTHORITY)
    context.verify_mode = ssl.CERT_REQUIRED
    return context


def _pair(
    folder: Path,
    name: str,
    usages: list[x509.ObjectIdentifier],
    known_as: str | None = None,
) -> tuple[bytes, x509.Certificate]:
    """A new key with its certificate, as TLS loads them, and the certificate again."""
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = _certify(folder, key.public_key(), name, usages, known_as)
    return _pem(key, certificate), certificate


def _certify(
    folder: Path,
    key: ec.EllipticCurvePublicKey,
    name: str,
    usages: list[x509.ObjectIdentifier],
    known_as: str | None = None,
) -> x509.Certificate:
    signer, authority = _signer(folder)
    names = [_general(name)]
    if known_as is not None:
        names.append(x509.UniformResourceIdentifier(CERTIFICATE_URI + known_as))
    return (
        _builder(_name(name), authority.subject, key)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage(usages), critical=False)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False
        )
        .sign(signer, hashes.SHA256())
    )


def _signer(folder: Path) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
    text = (folder / "authority-key.pem").read_bytes()
    signer = serialization.load_pem_private_key(text, password=None)
    assert isinstance(signer, ec.EllipticCurvePrivateKey)
    return signer, x509.load_pem_x509_certificate(text)


def _fingerprint(certificate: x509.Certificate) -> str:
    return sha256(certificate.public_bytes(serialization.Encoding.DER)).hexdigest()


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _builder(
    subject: x509.Name, issuer: x509.Name, public_key: ec.EllipticCurvePublicKey
) -> x509.CertificateBuilder:
    now = datetime.now(UTC) - timedelta(hours=1)  # a store's clock may be behind
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + LIFE)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
    )


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs,
        crl_sign=signs,
        encipher_only=False,
        decipher_only=False,
    )


def _pem(key: ec.EllipticCurvePrivateKey, certificate: x509.Certificate) -> bytes:
    """Key and certificate, as TLS loads them."""
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ) + certificate.public_bytes(serialization.Encoding.PEM)
