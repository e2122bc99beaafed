"""From a declared route to what aiohttp calls: admit, decode, call, answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, cast

from aiohttp import hdrs, web

from edge.clienteling_api import guard
from edge.clienteling_api.decoding import decode_json, decode_path, decode_query, read_body
from edge.clienteling_api.parts import PARTS
from edge.clienteling_api.routing import (
    JSON_LIMIT_BYTES,
    PHOTO_LIMIT_BYTES,
    PHOTO_TYPES,
    Route,
    respond,
)
from edge.domain import Session


def endpoint(route: Route) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """The aiohttp handler of a route. A stranger learns 401 before anything about the input."""

    async def serve(request: web.Request) -> web.StreamResponse:
        upgrading = route.upgrade is not None and _asks_for_websocket(request)
        guard.check_origin(request, required=upgrading)
        parts = request.app[PARTS]
        guide = await guard.admit(request, parts.pairing, route.role) if route.role else None
        arguments = await _arguments(route, request, guide)
        if upgrading and route.upgrade and guide:
            return await route.upgrade(request, guide, arguments["query"])
        wanted = {name: arguments[name] for name in route.wants}
        return respond(route, await route.handler(parts, **wanted))

    return serve


def _asks_for_websocket(request: web.Request) -> bool:
    return request.headers.get(hdrs.UPGRADE, "").lower() == "websocket"


async def _arguments(
    route: Route, request: web.Request, guide: Session | None
) -> dict[str, object]:
    """All that a handler may ask for by name."""
    found: dict[str, object] = {
        "guide": guide,
        "secure": request.secure,
        "query": decode_query(request.query, cast("type[Any] | None", route.query)),
    }
    for name, wanted in route.path_types.items():
        found[name] = decode_path(request.match_info[name], cast("type[Any]", wanted), name)
    if route.takes_photo:
        found["photo"] = await read_body(request, types=PHOTO_TYPES, limit_bytes=PHOTO_LIMIT_BYTES)
    elif route.body is not None:
        raw = await read_body(request, types=("application/json",), limit_bytes=JSON_LIMIT_BYTES)
        found["body"] = decode_json(raw, cast("type[Any]", route.body))
    return found
