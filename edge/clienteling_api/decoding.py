"""From bytes and strings to typed values; whatever does not fit is refused with its field."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import TypeVar

import msgspec
from aiohttp import web
from multidict import MultiMapping

from edge.errors import BadRequest, TooLarge, UnsupportedMedia

T = TypeVar("T")


async def read_body(request: web.Request, *, types: Collection[str], limit_bytes: int) -> bytes:
    """The request's body, never holding more than ``limit_bytes`` of it.

    Raises ``UnsupportedMedia``, ``TooLarge``.
    """
    if request.content_type not in types:
        raise UnsupportedMedia(
            f"Send the body as {' or '.join(types)}, and say so in Content-Type",
            field="Content-Type",
        )
    too_large = TooLarge(f"The body may have {limit_bytes:,} bytes at most", field="body")
    if (request.content_length or 0) > limit_bytes:
        raise too_large
    body = bytearray()
    async for chunk in request.content.iter_any():
        body += chunk
        if len(body) > limit_bytes:
            raise too_large
    return bytes(body)


def decode_json(body: bytes, wanted: type[T]) -> T:
    """Parse and check a JSON body. Raises ``BadRequest`` with the field."""
    try:
        return msgspec.json.decode(body, type=wanted)
    except msgspec.ValidationError as error:
        raise _bad_request(str(error), whole="body") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadRequest(f"The body is not JSON: {error}", field="body") from error


def decode_query(query: MultiMapping[str], wanted: type[T] | None) -> T | None:
    """Parse and check a query string; a key that is unknown or stands twice is refused."""
    for key in query:
        if len(query.getall(key)) > 1:
            raise BadRequest(f"{key} stands twice in the query", field=key)
    if wanted is None:
        if query:
            raise BadRequest("This path takes no query", field=next(iter(query)))
        return None
    return _convert(dict(query), wanted, whole="query")


def decode_path(text: str, wanted: type[T], name: str) -> T:
    """Check one part of the path."""
    return _convert(text, wanted, whole=name)


def _convert(value: object, wanted: type[T], *, whole: str) -> T:
    try:
        return msgspec.convert(value, wanted, strict=False)
    except msgspec.ValidationError as error:
        raise _bad_request(str(error), whole=whole) from error


def _bad_request(message: str, *, whole: str) -> BadRequest:
    """msgspec's message in people's words, with the field it is about."""
    text, _, where = message.partition(" - at `$")
    path = where.rstrip("`").lstrip(".")
    named = re.search(r"(?:missing required|unknown) field `([^`]+)`", text)
    if named:
        path = f"{path}.{named.group(1)}".lstrip(".")
    field = path or whole
    if "matching regex" in text:
        text = "Not of the form that this field takes"
    return BadRequest(f"{field}: {text[0].lower()}{text[1:]}".replace("`", ""), field=field)
