"""A question to a camera and its answer: SOAP 1.2 over HTTP.

Who asks is said twice over, as cameras differ in what they want: with a WS-UsernameToken (OASIS
1.0) in the header, its digest being Base64(SHA-1(nonce + created + password)), and, where the
camera answers 401, with HTTP Digest (RFC 7616). The password itself never travels, so nothing hangs
on a camera's certificate, which is its maker's and proves nothing. The token's time is the camera's
own: a camera refuses what seems old to it, and few have a clock that is right.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import os
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from xml.etree.ElementTree import Element
from xml.sax.saxutils import escape

from aiohttp import ClientError, ClientSession, ClientTimeout, DigestAuthMiddleware

from edge.errors import BadRequest, CameraUnavailable
from edge.onvif.xml import Unreadable, every, first, read, text

PATIENCE_S = 5.0
ANSWER_MAX_BYTES = 1 << 20
"""Thirty profiles take some 100 kB."""

_REFUSED = ("NotAuthorized", "FailedAuthentication", "InvalidSecurityToken")
_SECURITY = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-"
_ENVELOPE = """\
<?xml version="1.0" encoding="UTF-8"?>
<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Header>{header}</s:Header>\
<s:Body>{body}</s:Body></s:Envelope>"""
_TOKEN = """\
<o:Security s:mustUnderstand="1" xmlns:o="{wss}wssecurity-secext-1.0.xsd"\
 xmlns:u="{wss}wssecurity-utility-1.0.xsd"><o:UsernameToken><o:Username>{user}</o:Username>\
<o:Password Type="{wss}username-token-profile-1.0#PasswordDigest">{digest}</o:Password>\
<o:Nonce EncodingType="{wss}soap-message-security-1.0#Base64Binary">{nonce}</o:Nonce>\
<u:Created>{created}</u:Created></o:UsernameToken></o:Security>"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """A user of a camera."""

    user: str
    password: str = field(repr=False)


class Caller:
    """Asks one camera. ``skew`` is the camera's clock minus ours."""

    def __init__(self, http: ClientSession, credentials: Credentials | None) -> None:
        self.skew = timedelta()
        self._http = http
        self._credentials = credentials

    async def ask(self, address: str, body: str, *, openly: bool = False) -> Element:
        """The answer's body; ``openly`` asks without saying who.

        Raises ``CameraUnavailable``, or ``BadRequest`` naming the password where the camera wants
        another one.
        """
        known = None if openly else self._credentials
        header = "" if known is None else _token(known, datetime.now(UTC) + self.skew)
        status, data = await self._post(address, _ENVELOPE.format(header=header, body=body), known)
        try:
            answer = read(data)
        except Unreadable:
            if status == 401:
                raise _refused(self._credentials) from None
            raise CameraUnavailable(
                "what answers there is no camera that speaks ONVIF; check the address"
            ) from None
        fault = first(answer, "Fault")
        if status == 401 or (fault is not None and _denies(fault)):
            raise _refused(self._credentials)
        if fault is not None or status >= 400:
            raise CameraUnavailable(
                "the camera refuses the question; switch ONVIF on in its own settings"
            )
        return answer

    async def _post(
        self, address: str, envelope: str, credentials: Credentials | None
    ) -> tuple[int, bytes]:
        proof = credentials and DigestAuthMiddleware(credentials.user, credentials.password)
        try:
            async with (
                asyncio.timeout(PATIENCE_S),
                self._http.post(
                    address,
                    data=envelope.encode(),
                    headers={"Content-Type": "application/soap+xml; charset=utf-8"},
                    allow_redirects=False,
                    ssl=False,
                    middlewares=(proof,) if proof else (),
                ) as response,
            ):
                data = bytearray()
                async for part in response.content.iter_any():
                    data += part
                    if len(data) > ANSWER_MAX_BYTES:
                        break
                return response.status, bytes(data)
        except (ClientError, TimeoutError, OSError, ValueError):
            raise CameraUnavailable(
                "the camera does not answer; check its power, its network and the address"
            ) from None


def client() -> ClientSession:
    """An HTTP client for cameras: no cookies kept, nothing of the environment's proxies."""
    return ClientSession(timeout=ClientTimeout(total=PATIENCE_S), trust_env=False)


def _token(credentials: Credentials, created_at: datetime) -> str:
    nonce, created = os.urandom(16), created_at.strftime("%Y-%m-%dT%H:%M:%SZ")
    secret = nonce + created.encode() + credentials.password.encode()
    digest = hashlib.sha1(secret, usedforsecurity=False).digest()  # the protocol names SHA-1
    return _TOKEN.format(
        wss=_SECURITY,
        user=escape(credentials.user),
        digest=base64.b64encode(digest).decode(),
        nonce=base64.b64encode(nonce).decode(),
        created=created,
    )


def _denies(fault: Element) -> bool:
    codes = " ".join(text(value) for value in every(fault, "Value"))
    return any(word in codes for word in _REFUSED)


def _refused(credentials: Credentials | None) -> BadRequest:
    if credentials is None:
        return BadRequest("the camera asks for a user name and password", field="password")
    return BadRequest("the camera refuses this user name or password", field="password")
