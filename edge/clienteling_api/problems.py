"""Every failure as ``application/problem+json`` (RFC 9457), in one middleware.

A problem says what happened and what to do. What it must not say (a traceback, a path) goes
to the log under an id, and the problem carries only the id.
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus

import msgspec
import structlog
from aiohttp import hdrs, web

from edge.clienteling_api import wire
from edge.errors import (
    BadRequest,
    EdgeError,
    MethodNotAllowed,
    NotAllowed,
    NotFound,
    TooLarge,
    UnsupportedMedia,
)

log = structlog.get_logger()

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
MEDIA_TYPE = "application/problem+json"

# What a client is told to add to its next try.
HEADERS: Mapping[int, Mapping[str, str]] = {
    401: {hdrs.WWW_AUTHENTICATE: "Bearer"},
    429: {hdrs.RETRY_AFTER: "60"},
    503: {hdrs.RETRY_AFTER: "5"},
}

# aiohttp's own refusals, in the words of our tree.
_OURS: Mapping[int, EdgeError] = {
    403: NotAllowed("This may not be read"),
    404: NotFound("There is nothing under this address"),
    405: MethodNotAllowed("This address does not take this method"),
    413: TooLarge("The body is too large", field="body"),
    415: UnsupportedMedia("This content type is not taken", field="Content-Type"),
}


def problem(error: EdgeError, headers: Mapping[str, str] | None = None) -> web.Response:
    """The response that tells a client about an error."""
    body = wire.Problem(
        type=f"urn:regulars:problem:{error.code}",
        title=HTTPStatus(error.status).phrase,
        status=error.status,
        detail=error.message,
        code=error.code,
        field=error.field,
    )
    return web.Response(
        body=msgspec.json.encode(body),
        status=error.status,
        content_type=MEDIA_TYPE,
        headers={**HEADERS.get(error.status, {}), **(headers or {})},
    )


@web.middleware
async def problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn what a handler raises into a problem."""
    try:
        return await handler(request)
    except EdgeError as error:
        return problem(error) if error.status < 500 or error.code != "internal" else _hide(error)
    except web.HTTPException as refusal:
        if refusal.status < 400:
            raise
        return _translate(refusal)
    except ConnectionResetError:
        raise  # the phone is gone; there is nobody to tell
    except Exception as error:  # noqa: BLE001  the last line: nothing internal reaches a phone
        return _hide(error)


def _translate(refusal: web.HTTPException) -> web.Response:
    error = _OURS.get(refusal.status) or BadRequest("The request cannot be read")
    allow = refusal.headers.get(hdrs.ALLOW)
    return problem(error, {"Allow": allow} if allow else None)


def _hide(error: Exception) -> web.Response:
    """A problem that carries only the id under which the log holds the rest."""
    trouble_id = secrets.token_hex(6)
    log.error("request_failed", trouble_id=trouble_id, exc_info=error)
    return problem(EdgeError(f"Something went wrong here; tell support the id {trouble_id}"))
