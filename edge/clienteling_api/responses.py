"""What every response carries, and the one log line for it."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable

import structlog
from aiohttp import hdrs, web

from edge.clienteling_api.parts import PARTS
from edge.clienteling_api.routing import PREFIX

log = structlog.get_logger()

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

SOCKET = 101

_CONTENT_POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _CONTENT_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    hdrs.SERVER: "regulars",
}


async def set_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Tell the browser to run only our own files, and to keep no answer of the API."""
    response.headers.update(_HEADERS)
    if request.path.startswith((PREFIX, "/metrics")):
        response.headers[hdrs.CACHE_CONTROL] = "no-store"


@web.middleware
async def access_log(request: web.Request, handler: Handler) -> web.StreamResponse:
    """One line a request: the route's template, never the path, whose ids and codes are private."""
    began = time.perf_counter()
    status = 0
    try:
        response = await handler(request)
        status = response.status
        return response
    finally:
        resource = request.match_info.route.resource
        route = resource.canonical if resource else "unmatched"
        seconds = time.perf_counter() - began
        if status != SOCKET:  # which lasts as long as its phone is there
            # A made-up method, as a made-up path, would be a series of its own.
            known = f"{request.method} {route}" if resource else route
            request.app[PARTS].metrics.answered(known, status, seconds)
        log.info(
            "request",
            method=request.method,
            route=route,
            status=status,
            ms=round(seconds * 1000, 1),
        )
