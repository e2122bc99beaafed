"""One declaration for each route, from which serving, checking and documentation all follow.

A handler is a coroutine function ``(parts, …)`` whose signature is the contract. It asks
for what it needs by name:

    guide        the session behind the request
    secure       whether it came over HTTPS
    body         the decoded JSON body, of the annotated struct
    photo        the bytes of an uploaded picture
    query        the decoded query string, of the annotated struct
    anything else    the part of the path with that name, of the annotated type

Its return annotation is the response's body, its docstring the documentation.
"""

from __future__ import annotations

import inspect
import re
import typing
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import msgspec
from aiohttp import web

from edge.domain import Role, Session
from edge.errors import (
    BadRequest,
    EdgeError,
    NotAllowed,
    NotPaired,
    StoreUnavailable,
    TooLarge,
    UnsupportedMedia,
)

T = TypeVar("T")
Handler = Callable[..., Awaitable[object]]
Upgrade = Callable[[web.Request, Session, typing.Any], Awaitable[web.StreamResponse]]

PREFIX = "/api/v1"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
PHOTO_TYPES = ("image/jpeg", "image/png", "image/webp")
PHOTO_LIMIT_BYTES = 12 * 1024 * 1024
JSON_LIMIT_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Reply(Generic[T]):
    """A body with a status other than the route's first, or with headers."""

    body: T
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A method and a path with all that is promised about them.

    ``role`` None is public. ``status`` lists the successes, the usual one first.
    ``returns`` None is a response without a body. ``upgrade`` serves the same path as a
    WebSocket that sends ``messages``.
    """

    method: str
    path: str
    handler: Handler
    role: Role | None
    status: tuple[int, ...]
    errors: tuple[type[EdgeError], ...]
    wants: frozenset[str]
    path_types: Mapping[str, object]
    query: object | None
    body: object | None
    returns: object | None
    upgrade: Upgrade | None = None
    messages: object | None = None

    @property
    def name(self) -> str:
        """The handler's name, which is also the OpenAPI operation id."""
        return self.handler.__name__

    @property
    def takes_photo(self) -> bool:
        return "photo" in self.wants


def route(
    method: str,
    path: str,
    handler: Handler,
    *raises: type[EdgeError],
    role: Role | None = Role.GUIDE,
    status: tuple[int, ...] = (200,),
    upgrade: Upgrade | None = None,
    messages: object | None = None,
) -> Route:
    """Declare a route; ``raises`` are the errors of its flow. Raises ``TypeError`` on a misfit."""
    hints = typing.get_type_hints(handler, include_extras=True)
    wants = frozenset(inspect.signature(handler).parameters) - {"parts"}
    in_path = frozenset(re.findall(r"{(\w+)}", path))
    given = in_path | {"guide", "secure", "body", "photo", "query"}
    if in_path - wants or wants - given or ("guide" in wants and role is None):
        raise TypeError(f"{method} {path}: {handler.__name__} asks for {sorted(wants)}")
    return Route(
        method=method,
        path=path,
        handler=handler,
        role=role,
        status=status,
        errors=_errors(method, role, wants, raises, socket=upgrade is not None),
        wants=wants,
        path_types={name: hints[name] for name in in_path},
        query=hints.get("query"),
        body=hints.get("body"),
        returns=_body_type(hints["return"]),
        upgrade=upgrade,
        messages=messages,
    )


def _errors(
    method: str,
    role: Role | None,
    wants: frozenset[str],
    raises: tuple[type[EdgeError], ...],
    *,
    socket: bool,
) -> tuple[type[EdgeError], ...]:
    """The flow's errors and those that every route of this kind can end in."""
    found: list[type[EdgeError]] = [BadRequest, StoreUnavailable, *raises]
    if role is not None:
        found += [NotPaired, NotAllowed]
    if method not in SAFE_METHODS or socket:
        found.append(NotAllowed)
    if wants & {"body", "photo"}:
        found += [TooLarge, UnsupportedMedia]
    return tuple(sorted(set(found), key=lambda error: (error.status, error.code)))


def _body_type(annotation: object) -> object | None:
    """What stands inside ``Reply[…]``, or the annotation itself; None for no body."""
    if typing.get_origin(annotation) is Reply:
        (annotation,) = typing.get_args(annotation)
    return None if annotation is type(None) else annotation


def respond(declared: Route, answer: object) -> web.Response:
    """The HTTP response to what a handler returned."""
    reply = answer if isinstance(answer, Reply) else Reply(answer)
    status = reply.status or declared.status[0]
    if declared.returns is None:
        return web.Response(status=status, headers=reply.headers)
    return web.Response(
        body=msgspec.json.encode(reply.body),
        status=status,
        headers=reply.headers,
        content_type="application/json",
    )
