"""Whether a claim file is what headquarters signed, and what it makes of the shop."""

from __future__ import annotations

import tomllib
from datetime import datetime
from hashlib import sha256

import msgspec
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from cryptography.x509.oid import NameOID

from edge.contract import ClaimedStore, StoreClaim
from edge.contract.store_claim import split
from edge.domain import ClaimFault, Setup, SetupCamera, SetupController, SetupScanner
from edge.errors import ClaimRefused

_ANEW = "ask headquarters for a new one"
_UNSOUND = (
    InvalidSignature,
    UnsupportedAlgorithm,
    x509.InvalidVersion,
    ValueError,
    TypeError,
)
"""How a certificate or a signature can be wrong; one changed byte may name a curve that is none."""


def open_claim(file: bytes, now: datetime) -> StoreClaim:
    """The claim that headquarters signed. Whose headquarters: see ``authority_of``.

    Raises ``ClaimRefused`` for what was changed, is over or is no claim.
    """
    try:
        body, signature = split(file)
        claim = msgspec.convert(tomllib.loads(body.decode()), StoreClaim)
        certificate = x509.load_pem_x509_certificate(claim.authority.encode())
        load_pem_private_key(claim.admission.encode(), password=None)
    except _UNSOUND as error:  # ValueError and TypeError of TOML, UTF-8 and msgspec too
        raise ClaimRefused(
            f"this is no claim file of use: {_why(error)}; {_ANEW}", fault=ClaimFault.UNREADABLE
        ) from error
    try:
        key = certificate.public_key()
        if not isinstance(key, ec.EllipticCurvePublicKey):
            raise InvalidSignature
        certificate.verify_directly_issued_by(certificate)
        key.verify(signature, body, ec.ECDSA(hashes.SHA256()))
    except _UNSOUND as error:
        raise ClaimRefused(
            f"this claim file was changed after headquarters signed it; {_ANEW}",
            fault=ClaimFault.CHANGED,
        ) from error
    if claim.expires_at <= now:
        raise ClaimRefused(
            f"this claim is over since {claim.expires_at:%Y-%m-%d %H:%M} UTC; {_ANEW}, or set "
            "this machine's clock if it is wrong",
            fault=ClaimFault.EXPIRED,
        )
    return claim


def authority_of(claim: StoreClaim) -> str:
    """The SHA-256, in 64 hexadecimal digits, by which a machine knows its headquarters."""
    certificate = x509.load_pem_x509_certificate(claim.authority.encode())
    return sha256(certificate.public_bytes(Encoding.DER)).hexdigest()


def check_shop(claim: StoreClaim, store_id: str, members: int) -> None:
    """Refuse to make a shop that has members another store of the chain: what it knows of them was
    agreed with, signed and counted under the id that it has.

    The same id is fine: a machine that was replaced, or one that worked alone until now. Raises
    ``ClaimRefused``.
    """
    if members and claim.store.id != store_id:
        raise ClaimRefused(
            f"this shop is {store_id} and has members, and the claim is that of {claim.store.id}; "
            f"ask headquarters for a claim of {store_id}, or install the machine anew for "
            f"{claim.store.id}",
            fault=ClaimFault.OTHER_STORE,
        )


def check_certificate(pem: str, key: ec.EllipticCurvePublicKey, claim: StoreClaim) -> None:
    """Refuse a certificate that is not this machine's as this store, from this authority.

    Raises ``ClaimRefused``.
    """
    try:
        certificate = x509.load_pem_x509_certificate(pem.encode())
        authority = x509.load_pem_x509_certificate(claim.authority.encode())
        certificate.verify_directly_issued_by(authority)
        (name,) = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    except _UNSOUND as error:
        raise ClaimRefused(
            f"headquarters gave a certificate that is not its own; {_ANEW}",
            fault=ClaimFault.MISGIVEN,
        ) from error
    if certificate.public_key() != key or name.value != claim.store.id:
        raise ClaimRefused(
            f"headquarters gave the certificate of another store; {_ANEW}",
            fault=ClaimFault.MISGIVEN,
        )


def settings_of(claim: StoreClaim, credentials: str) -> Setup:
    """What the claim decides; ``credentials`` is the folder of what headquarters gives."""
    store = claim.store
    return Setup(
        store_id=store.id,
        store_name=store.name,
        time_zone=store.timezone,
        language=store.language,
        cameras=_cameras(store),
        scanners=_scanners(store),
        privacy_profile=store.profile,
        assessment=store.assessment,
        retention_months=store.retention_months,
        notice_url=store.notice_url,
        controller=_controller(store),
        headquarters_url=claim.url,
        headquarters_credentials=credentials,
    )


def _cameras(store: ClaimedStore) -> tuple[SetupCamera, ...] | None:
    """None where the claim names none: those in the file stay."""
    return (
        tuple(
            SetupCamera(
                id=camera.id, source=camera.source, place=camera.place, counts=camera.counts
            )
            for camera in store.cameras
        )
        or None
    )


def _scanners(store: ClaimedStore) -> tuple[SetupScanner, ...] | None:
    return (
        tuple(
            SetupScanner(
                id=scanner.id, kind=scanner.kind, source=scanner.source, place=scanner.place
            )
            for scanner in store.scanners
        )
        or None
    )


def _controller(store: ClaimedStore) -> SetupController | None:
    if store.controller is None:
        return None
    return SetupController(
        name=store.controller.name,
        address=store.controller.address,
        contact=store.controller.contact,
    )


def _why(error: Exception) -> str:
    text = str(error).splitlines()[0] if str(error) else type(error).__name__
    return text if len(text) <= 120 else f"{text[:119]}…"
