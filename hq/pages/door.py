"""Who may come in: a token in a cookie that no script and no other site can use.

Forms carry a second token that follows from the first, and must come from a page of our own.
"""

from __future__ import annotations

import hmac
from hashlib import sha256
from http.cookies import SimpleCookie

from aiohttp import hdrs, web

COOKIE = "regulars_hq"
COOKIE_MAX_AGE_S = 30 * 24 * 3600
LANGUAGE_COOKIE = "language"
LANGUAGE_MAX_AGE_S = 400 * 24 * 3600

ORIGIN = web.AppKey("origin", str)
"""The address that people's browsers show, e.g. ``https://hq.example.com``."""

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


def token_of(request: web.Request) -> str | None:
    """The session's token, if the browser holds one."""
    return request.cookies.get(_name(request)) or None


def form_token(token: str) -> str:
    """What a form of this session carries; it gives the session away to nobody."""
    return hmac.new(token.encode(), b"form", sha256).hexdigest()


async def check_form(request: web.Request, token: str) -> None:
    """Refuse a form that another site's page sent. Raises ``HTTPForbidden``."""
    check_origin(request)
    given = (await request.post()).get("form_token", "")
    if not hmac.compare_digest(str(given).encode(), form_token(token).encode()):
        raise web.HTTPForbidden(reason="This form is out of date")


def check_origin(request: web.Request) -> None:
    """Refuse what another site's page sends. Raises ``HTTPForbidden``."""
    if request.headers.get(hdrs.ORIGIN, "") != request.app[ORIGIN]:
        raise web.HTTPForbidden(reason="This comes from a page that is not ours")


def keep(response: web.Response, request: web.Request, token: str) -> None:
    """Let the browser keep the session's token."""
    _set(response, request, _name(request), token, COOKIE_MAX_AGE_S)


def forget(response: web.Response, request: web.Request) -> None:
    """Let the browser forget it."""
    _set(response, request, _name(request), "", 0)


def keep_language(response: web.Response, request: web.Request, language: str) -> None:
    """Let the browser keep the language that was chosen."""
    _set(response, request, LANGUAGE_COOKIE, language, LANGUAGE_MAX_AGE_S)


def _secure(request: web.Request) -> bool:
    return request.app[ORIGIN].startswith("https://")


def _name(request: web.Request) -> str:
    """With the prefix, a browser takes the cookie from this host and over HTTPS alone."""
    return f"__Host-{COOKIE}" if _secure(request) else COOKIE


def _set(
    response: web.Response, request: web.Request, name: str, value: str, max_age_s: int
) -> None:
    cookie: SimpleCookie = SimpleCookie({name: value})
    morsel = cookie[name]
    morsel["path"] = "/"
    morsel["max-age"] = str(max_age_s)
    morsel["samesite"] = "Strict"
    morsel["httponly"] = True
    if _secure(request):
        morsel["secure"] = True
    response.headers.add(hdrs.SET_COOKIE, morsel.OutputString())
