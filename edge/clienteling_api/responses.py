"""What every response carries, and the one log line for it."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable

import structlog
from aiohttp import hdrs, web
from aiohttp.typedefs import Middleware

from edge.clienteling_api.routing import PREFIX
from edge.metrics import Metrics

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
        log.info(
            "request",
            method=request.method,
            route=resource.canonical if resource else "unmatched",
            status=status,
            ms=round((time.perf_counter() - began) * 1000, 1),
        )


def measured(metrics: Metrics) -> Middleware:
    """A middleware that measures every request but a WebSocket, which lasts as its phone does."""

    @web.middleware
    async def measure(request: web.Request, handler: Handler) -> web.StreamResponse:
        began = time.perf_counter()
        response = await handler(request)
        if response.status != SOCKET:
            resource = request.match_info.route.resource
            # A made-up method, as a made-up path, would be a series of its own.
            route = f"{request.method} {resource.canonical}" if resource else "unmatched"
            metrics.answered(route, response.status, time.perf_counter() - began)
        return response

    return measure
