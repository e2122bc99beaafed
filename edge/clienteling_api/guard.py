"""Who may come in: the token in a cookie or header, the role, the origin."""

from __future__ import annotations

from http.cookies import SimpleCookie

from aiohttp import hdrs, web

from edge.clienteling_api.routing import SAFE_METHODS
from edge.domain import Role, Session
from edge.errors import NotAllowed, NotPaired
from edge.flows.pairing import Pairing

COOKIE = "regulars_session"
COOKIE_MAX_AGE_S = 180 * 24 * 3600

_MAY = {
    Role.GUIDE: frozenset({Role.GUIDE, Role.MANAGER}),
    Role.MANAGER: frozenset({Role.MANAGER}),
    Role.TECHNICIAN: frozenset({Role.TECHNICIAN, Role.MANAGER}),
}
"""Who may use what is for a role. A technician sets the shop up, and meets none of its members."""
_WHO = {
    Role.GUIDE: "Setting up ends at the shop's door: pair a guide's or manager's phone",
    Role.MANAGER: "Only a manager may do this",
    Role.TECHNICIAN: "Only a manager, or whoever sets the shop up, may do this",
}


def bearer(request: web.Request) -> str | None:
    """The token of the ``Authorization`` header, or None where there is no such header."""
    header = request.headers.get(hdrs.AUTHORIZATION)
    if header is None:
        return None
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise NotPaired("Send the token as Authorization: Bearer …", field="Authorization")
    return token.strip()


async def admit(request: web.Request, pairing: Pairing, role: Role) -> Session:
    """The session behind a request. Raises ``NotPaired``, ``NotAllowed``."""
    tokens = {bearer(request), request.cookies.get(COOKIE)} - {None}
    if not tokens:
        raise NotPaired("Pair this phone first: scan the code that a manager shows")
    if len(tokens) > 1:
        raise NotPaired("Cookie and Authorization hold different tokens; send one")
    session = await pairing.session(tokens.pop() or "")
    if session.role not in _MAY[role]:
        raise NotAllowed(_WHO[role])
    return session


def check_origin(request: web.Request, *, required: bool = False) -> None:
    """Refuse what another site's page sends in this phone's name. Raises ``NotAllowed``.

    Reading needs no check, because the browser keeps the answer from the other page. A
    WebSocket is not kept from it: there an origin is ``required`` of all who use the cookie.
    """
    origin = request.headers.get(hdrs.ORIGIN)
    if origin is None:
        if required and bearer(request) is None:
            raise NotAllowed("Send the Origin header, or a bearer token", field="Origin")
        return
    exempt = request.method in SAFE_METHODS and not required
    if not exempt and origin != f"{request.scheme}://{request.host}":
        raise NotAllowed("This comes from a page that is not ours", field="Origin")


def set_cookie(token: str, *, secure: bool) -> dict[str, str]:
    """The header that keeps the token in the phone's browser, out of reach of scripts."""
    return _cookie(token, COOKIE_MAX_AGE_S, secure=secure)


def drop_cookie(*, secure: bool) -> dict[str, str]:
    """The header that makes the browser forget the token."""
    return _cookie("", 0, secure=secure)


def _cookie(value: str, max_age_s: int, *, secure: bool) -> dict[str, str]:
    cookie: SimpleCookie = SimpleCookie({COOKIE: value})
    morsel = cookie[COOKIE]
    morsel["path"] = "/"
    morsel["max-age"] = str(max_age_s)
    morsel["samesite"] = "Strict"
    morsel["httponly"] = True
    if secure:
        morsel["secure"] = True
    return {hdrs.SET_COOKIE: morsel.OutputString()}
