"""The claim file: how a store that headquarters expects becomes a gateway, without a screen.

Text that people can read: TOML, and behind it, as a comment, headquarters' signature over every
byte before it. The signature is that of the authority whose certificate stands in the file, which
the gateway will trust on the line as well: one fingerprint vouches for both.
"""

from __future__ import annotations

import base64
import binascii
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from edge.contract.fields import Identifier, Moment, Text
from edge.domain import Language, ScannerKind

CLAIM_BYTES = 64 * 2**10
CLAIM_NAME = "regulars-claim"
"""What the name of every claim file begins with."""
LOCAL_NAME = "regulars.local"
"""How a gateway is called on its own network (mDNS), whatever its address and its store are."""
_MARK = b"# signature: "

StoreId = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,39}\Z")]
Line = Annotated[str, Meta(min_length=1, max_length=300, pattern=r"^[^\r\n]*\Z")]
Pem = Annotated[str, Meta(max_length=4096)]
Sha256 = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z")]


class _Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Unknown keys are refused: a claim that is applied by half is none."""


class ClaimedCamera(_Part, frozen=True, kw_only=True):
    """A camera of the shop; what it may look at is drawn in the shop, on the setup page."""

    id: StoreId
    source: Annotated[str, Meta(max_length=300, pattern=r"^((rtsps?|https?)://\S+|/dev/\S+)\Z")]
    place: Text = ""
    counts: Literal["in", "out"] | None = None


class ClaimedScanner(_Part, frozen=True, kw_only=True):
    """A scanner of the shop."""

    id: StoreId
    kind: ScannerKind
    source: Line
    place: Text = ""


class ClaimedController(_Part, frozen=True, kw_only=True):
    """Who answers for the data."""

    name: Line
    address: Line
    contact: Line


class ClaimedStore(_Part, frozen=True, kw_only=True):
    """What is decided of a shop before anybody is there.

    The day on which the sign at the door was seen in place is not: a person has to see it.
    """

    id: StoreId
    name: Annotated[str, Meta(min_length=1, max_length=80, pattern=r"^[^\r\n]*\Z")]
    timezone: Line = "UTC"
    language: Language = Language.ENGLISH
    profile: Literal["off", "eu", "uk", "cn", "us"] | None = None
    assessment: Line | None = None
    retention_months: Annotated[int, Meta(ge=1, le=36)] | None = None
    notice_url: Annotated[str, Meta(max_length=300, pattern=r"^https?://\S+\Z")] | None = None
    controller: ClaimedController | None = None
    cameras: Annotated[tuple[ClaimedCamera, ...], Meta(max_length=32)] = ()
    scanners: Annotated[tuple[ClaimedScanner, ...], Meta(max_length=32)] = ()


class StoreClaim(_Part, frozen=True, kw_only=True):
    """The whole file. ``admissions`` is where headquarters admits, ``url`` where the store's line
    goes afterwards. ``admission`` is a key and a certificate that open that door once: not
    the store's own, which the gateway makes and keeps. ``first_manager`` is the SHA-256 of a code
    on paper that pairs the first manager's phone, as ``POST /api/v1/pair`` takes it, in capitals.
    """

    version: Literal[1] = 1
    claim_id: Identifier
    expires_at: Moment
    admissions: Annotated[str, Meta(max_length=300, pattern=r"^https://[^/@\s]+\Z")]
    url: Annotated[str, Meta(max_length=300, pattern=r"^(https|nats)://[^/@\s]+\Z")]
    authority: Pem
    admission: Pem
    first_manager: Sha256 | None = None
    store: ClaimedStore


class AdmissionAsked(msgspec.Struct, frozen=True, kw_only=True):
    """``POST /v1/admissions``: a signing request in PEM, for a key that stays where it was made."""

    request: Pem


class Admitted(msgspec.Struct, frozen=True, kw_only=True):
    """The store's certificate in PEM. The same key is given the same one again."""

    store_id: StoreId
    certificate: Pem


def with_signature(body: bytes, signature: bytes) -> bytes:
    """The file; ``body`` ends with a line end."""
    return body + _MARK + base64.b64encode(signature) + b"\n"


def split(file: bytes) -> tuple[bytes, bytes]:
    """What was signed, and the signature. Raises ``ValueError`` for what is no claim file."""
    body, mark, text = file.rpartition(_MARK)
    try:
        signature = base64.b64decode(text[:-1], validate=True)
    except binascii.Error as error:
        raise ValueError("no signature at its end") from error
    # Base64 has several ways to write one thing; a claim has one.
    if not mark or len(file) > CLAIM_BYTES or with_signature(body, signature) != file:
        raise ValueError("no signature at its end")
    return body, signature
