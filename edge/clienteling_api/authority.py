"""The shop's own certificate authority, so that phones talk HTTPS on the LAN.

Made at first start. Its name constraints let it vouch for this machine's names and for
addresses of LANs only: a phone that trusts it cannot be lied to about any other site.
The leaf certificate is renewed under the same authority, in place, without a restart. Both keys
lie among the keys, under the gateway's own; the folder holds the certificates.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from ipaddress import ip_network
from pathlib import Path

import structlog
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from edge.clienteling_api.addresses import Address, Names
from edge.clienteling_api.pairs import KeptPair, Keys, Pair, parse, pem, show
from edge.clienteling_api.public_name import PublicName, server_context

log = structlog.get_logger()

AUTHORITY_LIFE = timedelta(days=3652)
LEAF_LIFE = timedelta(days=397)  # browsers take no longer ones from public authorities
RENEW_BEFORE = timedelta(days=30)
BACKDATED = timedelta(hours=1)  # a phone's clock may be behind

# Addresses of LANs: RFC 1918, RFC 6598 (carrier grade, overlay networks), loopback, RFC 4193.
LAN_NETWORKS = tuple(
    ip_network(network)
    for network in (
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "fc00::/7",
        "::1/128",
    )
)


class Authority:
    """Keeps the certificates ``authority.pem`` and ``gateway.pem`` in a directory, and what belongs
    to them in ``keys``.

    ``names`` is asked at each ``refresh``, because a LAN may hand out another address.
    """

    def __init__(
        self,
        directory: Path,
        keys: Keys,
        clock: Callable[[], datetime],
        names: Callable[[], Names],
        public: PublicName | None = None,
    ) -> None:
        self._directory = directory
        self._kept = KeptPair(keys, directory / "authority.pem")
        self._leaf = KeptPair(keys, directory / "gateway.pem")
        self._clock = clock
        self._names = names
        self._public = public
        self._context: ssl.SSLContext | None = None

    def certificate(self) -> bytes:
        """The authority's certificate (DER), which phones are asked to trust. Blocks."""
        return self._authority().certificate.public_bytes(serialization.Encoding.DER)

    def context(self) -> ssl.SSLContext:
        """The TLS context of the server; stays the same object when the leaf is renewed. Blocks."""
        if self._context is None:
            context = server_context()
            if self._public is not None:
                self._public.answer_on(context)
            pair, _ = self._renewed()
            show(context, pair)
            self._context = context
        return self._context

    def refresh(self) -> bool:
        """Renew the leaf where names changed or its end is near; True if it was. Blocks.

        A new certificate of the ``public`` name is taken up as well.

        Connections that are open stay open; new ones meet the new certificate.
        """
        if self._public is not None:
            self._public.refresh()
        pair, renewed = self._renewed()
        if renewed and self._context is not None:
            show(self._context, pair)
        return renewed

    def _renewed(self) -> tuple[bytes, bool]:
        """The leaf with its key (PEM), and whether it is a new one."""
        authority = self._authority()
        names = _vouched_for(self._names(), authority.certificate)
        with suppress(FileNotFoundError):  # an earlier release called it so
            (self._directory / "leaf.pem").replace(self._directory / "gateway.pem")
        held = self._leaf.load()
        if held is not None:
            leaf = parse(held, "the certificate among the keys").certificate
            if _still_good(leaf, authority.certificate, names, self._clock()):
                return held, False
        made = pem(make_leaf(authority, names, self._clock()))
        self._leaf.keep(made)
        log.info("certificate_renewed", names=len(names))
        return made, True

    def _authority(self) -> Pair:
        held = self._kept.load()
        if held is not None:
            return parse(held, "the authority among the keys")
        path = self._directory / "authority.pem"
        if path.exists():
            return parse(path.read_bytes(), str(path))  # says what to do: its key is nowhere
        made = make_authority(self._names(), self._clock())
        self._kept.keep(pem(made))
        log.info("certificate_authority_made")
        return made


def make_authority(names: Names, now: datetime) -> Pair:
    """A new authority (ECDSA P-256) that may vouch for ``names`` and for any LAN address."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = _name("Regulars in-store authority")
    permitted = [
        *(x509.DNSName(host) for host in sorted(names.hosts)),
        *(x509.IPAddress(network) for network in LAN_NETWORKS),
        *(x509.IPAddress(ip_network(address)) for address in _outside_lans(names)),
    ]
    builder = (
        _builder(subject, subject, key.public_key(), now, AUTHORITY_LIFE)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(signs_certificates=True), critical=True)
        .add_extension(x509.NameConstraints(permitted, None), critical=True)
    )
    return Pair(key, builder.sign(key, hashes.SHA256()))


def _outside_lans(names: Names) -> list[Address]:
    return sorted(
        (a for a in names.addresses if not any(a in network for network in LAN_NETWORKS)), key=repr
    )


def make_leaf(authority: Pair, names: frozenset[x509.GeneralName], now: datetime) -> Pair:
    """A new server certificate (ECDSA P-256) for ``names``."""
    key = ec.generate_private_key(ec.SECP256R1())
    issuer = authority.certificate
    builder = (
        _builder(_name("Regulars gateway"), issuer.subject, key.public_key(), now, LEAF_LIFE)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(sorted(names, key=repr)), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key()),
            critical=False,
        )
    )
    return Pair(key, builder.sign(authority.key, hashes.SHA256()))


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    public_key: ec.EllipticCurvePublicKey,
    now: datetime,
    life: timedelta,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BACKDATED)
        .not_valid_after(now - BACKDATED + life)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
    )


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _vouched_for(names: Names, authority: x509.Certificate) -> frozenset[x509.GeneralName]:
    """Those of our names that the authority's constraints let it vouch for."""
    constraints = authority.extensions.get_extension_for_class(x509.NameConstraints).value
    permitted = constraints.permitted_subtrees or []
    hosts = {name.value for name in permitted if isinstance(name, x509.DNSName)}
    networks = [name.value for name in permitted if isinstance(name, x509.IPAddress)]

    def on_a_lan(address: Address) -> bool:
        return any(not isinstance(n, Address) and address in n for n in networks)

    return frozenset(
        [x509.DNSName(host) for host in names.hosts & hosts]
        + [x509.IPAddress(address) for address in names.addresses if on_a_lan(address)]
    )


def _issued(authority: x509.Certificate, leaf: x509.Certificate) -> bool:
    try:
        leaf.verify_directly_issued_by(authority)
    except (InvalidSignature, ValueError, TypeError):
        return False
    return True


def _still_good(
    leaf: x509.Certificate,
    authority: x509.Certificate,
    names: frozenset[x509.GeneralName],
    now: datetime,
) -> bool:
    held = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return (
        _issued(authority, leaf)
        and now < leaf.not_valid_after_utc - RENEW_BEFORE
        and frozenset(held) == names
    )
