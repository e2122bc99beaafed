"""What a phone is given so that it trusts the shop's own authority: a certificate, or a profile.

Both are for phones that nobody paired yet, so they come without a session. They say nothing that
the certificate of the server does not say to whoever connects.
"""

from __future__ import annotations

import hashlib
import plistlib
import uuid

from aiohttp import hdrs, web
from cryptography import x509

from edge.clienteling_api import wire
from edge.clienteling_api.parts import PARTS, Parts
from edge.domain import Language

_ABOUT = {
    Language.ENGLISH: "Lets this device open the gateway of {shop}. It can vouch for addresses of "
    "the shop's own network, and for no other site.",
    Language.CHINESE: "让本设备信任{shop}的网关。"
    "它只能证明本店网络内的地址，不能证明其他任何网站。",
}
_CALLED = {
    Language.ENGLISH: "{shop}: in-store gateway",
    Language.CHINESE: "{shop}：店内网关",
}


def routes() -> list[web.RouteDef]:
    """``/ca.crt`` for Android and computers, ``/ca.mobileconfig`` for iPhone, iPad and Mac."""
    return [web.get("/ca.crt", ca_certificate), web.get("/ca.mobileconfig", ca_profile)]


async def ca_certificate(request: web.Request) -> web.Response:
    """The certificate that a phone is asked to trust, once (DER)."""
    return _file(request.app[PARTS].ca_certificate, "application/x-x509-ca-cert", "regulars-ca.crt")


async def ca_profile(request: web.Request) -> web.Response:
    """The same as a configuration profile of Apple's."""
    parts = request.app[PARTS]
    made = profile(parts.ca_certificate, parts.shop.name, parts.shop.language)
    return _file(made, "application/x-apple-aspen-config", "regulars-ca.mobileconfig")


async def get_authority(parts: Parts) -> wire.AuthorityView:
    """The authority that phones trust. Compare the fingerprint before you trust a file of it."""
    certificate = x509.load_der_x509_certificate(parts.ca_certificate)
    return wire.AuthorityView(
        fingerprint_sha256=fingerprint(parts.ca_certificate),
        ends_at=certificate.not_valid_after_utc,
    )


def fingerprint(certificate: bytes) -> str:
    """SHA-256 of a certificate (DER) as phones show it: pairs of digits between colons."""
    return hashlib.sha256(certificate).digest().hex(":").upper()


def profile(certificate: bytes, shop: str, language: Language) -> bytes:
    """A configuration profile with one root certificate (``com.apple.security.root``).

    Its names follow from the certificate, so that installing it again replaces it.
    """
    mark = hashlib.sha256(certificate).hexdigest()
    inner, outer = (
        str(uuid.uuid5(uuid.NAMESPACE_OID, f"regulars/{part}/{mark}")).upper()
        for part in ("certificate", "profile")
    )
    called, about = (text[language].format(shop=shop) for text in (_CALLED, _ABOUT))
    return plistlib.dumps(
        {
            "PayloadType": "Configuration",
            "PayloadVersion": 1,
            "PayloadIdentifier": f"regulars.authority.{mark[:16]}",
            "PayloadUUID": outer,
            "PayloadDisplayName": called,
            "PayloadDescription": about,
            "PayloadOrganization": shop,
            "PayloadRemovalDisallowed": False,
            "PayloadContent": [
                {
                    "PayloadType": "com.apple.security.root",
                    "PayloadVersion": 1,
                    "PayloadIdentifier": f"regulars.authority.{mark[:16]}.certificate",
                    "PayloadUUID": inner,
                    "PayloadDisplayName": called,
                    "PayloadDescription": about,
                    "PayloadCertificateFileName": "regulars-ca.crt",
                    "PayloadContent": certificate,
                }
            ],
        }
    )


def _file(content: bytes, content_type: str, name: str) -> web.Response:
    return web.Response(
        body=content,
        content_type=content_type,
        headers={hdrs.CONTENT_DISPOSITION: f'attachment; filename="{name}"'},
    )
