"""The OpenAPI 3.1 document, made from the route table and the types it names."""

from __future__ import annotations

import inspect
from collections import defaultdict
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import msgspec

from edge import __version__
from edge.clienteling_api import wire
from edge.clienteling_api.guard import COOKIE
from edge.clienteling_api.problems import HEADERS, MEDIA_TYPE
from edge.clienteling_api.routing import PHOTO_TYPES, PREFIX, Route
from edge.errors import EdgeError

Json = dict[str, Any]

_REFERENCE = "#/components/schemas/{name}"


def document(routes: Sequence[Route]) -> Json:
    """The whole document as JSON values."""
    schemas = _Schemas(routes)
    paths: defaultdict[str, Json] = defaultdict(dict)
    for route in routes:
        paths[route.path][route.method.lower()] = _operation(route, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Regulars",
            "version": __version__,
            "description": "The in-store gateway, as a guide's phone sees it.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": PREFIX}],
        "paths": dict(paths),
        "components": {
            "schemas": schemas.components,
            "securitySchemes": {
                "cookie": {"type": "apiKey", "in": "cookie", "name": COOKIE},
                "bearer": {"type": "http", "scheme": "bearer"},
            },
        },
    }


class _Schemas:
    """The JSON Schema of every type that the routes name."""

    def __init__(self, routes: Sequence[Route]) -> None:
        self._types: list[object] = [wire.Problem]
        for route in routes:
            named = (route.body, route.query, route.returns, route.messages)
            self._types += [kind for kind in (*named, *route.path_types.values()) if kind]
        schemas, components = msgspec.json.schema_components(self._types, ref_template=_REFERENCE)
        self._schemas: list[Json] = [_portable(schema) for schema in schemas]
        self.components: Json = _portable(components)

    def of(self, kind: object) -> Json:
        """The schema of a type, as a reference where it has a name."""
        return self._schemas[self._types.index(kind)]

    def fields(self, kind: object) -> Json:
        """The component behind a struct's reference."""
        name = self.of(kind)["$ref"].rsplit("/", 1)[-1]
        component: Json = self.components[name]
        return component


def _portable(schema: Any) -> Any:
    r"""Patterns in the dialect of JSON Schema, which has ``$`` for Python's ``\Z``."""
    if isinstance(schema, dict):
        return {
            key: value.replace(r"\Z", "$") if key == "pattern" else _portable(value)
            for key, value in schema.items()
        }
    return [_portable(item) for item in schema] if isinstance(schema, list) else schema


def _operation(route: Route, schemas: _Schemas) -> Json:
    summary, _, description = (inspect.getdoc(route.handler) or "").partition("\n\n")
    operation: Json = {
        "operationId": route.name,
        "summary": summary.rstrip("."),
        "tags": [route.path.split("/")[1]],
        "security": [{"cookie": []}, {"bearer": []}] if route.role else [],
        "parameters": _parameters(route, schemas),
        "responses": _successes(route, schemas) | _problems(route.errors, schemas),
    }
    if description:
        operation["description"] = description
    if route.takes_photo:
        binary = {"schema": {"contentMediaType": "application/octet-stream"}}
        operation["requestBody"] = _body(dict.fromkeys(PHOTO_TYPES, binary))
    elif route.body is not None:
        operation["requestBody"] = _body({"application/json": {"schema": schemas.of(route.body)}})
    return operation


def _body(content: Json) -> Json:
    return {"required": True, "content": content}


def _parameters(route: Route, schemas: _Schemas) -> list[Json]:
    found = [
        {"name": name, "in": "path", "required": True, "schema": schemas.of(kind)}
        for name, kind in route.path_types.items()
    ]
    if route.query is not None:
        fields = schemas.fields(route.query)
        found += [
            {"name": name, "in": "query", "required": name in fields["required"], "schema": schema}
            for name, schema in fields["properties"].items()
        ]
    return found


def _successes(route: Route, schemas: _Schemas) -> Json:
    found: Json = {}
    for status in route.status:
        found[str(status)] = {"description": HTTPStatus(status).phrase}
        if route.returns is not None:
            content = {"schema": schemas.of(route.returns)}
            found[str(status)]["content"] = {"application/json": content}
    if route.messages is not None:
        content = {"schema": schemas.of(route.messages)}
        found["101"] = {
            "description": "A WebSocket; each text frame is one message",
            "content": {"application/json": content},
        }
    return found


def _problems(errors: Sequence[type[EdgeError]], schemas: _Schemas) -> Json:
    """One response a status, which tells the codes that can stand in it."""
    codes: defaultdict[int, list[str]] = defaultdict(list)
    for error in errors:
        codes[error.status].append(error.code)
    return {str(status): _problem(status, codes[status], schemas) for status in sorted(codes)}


def _problem(status: int, codes: list[str], schemas: _Schemas) -> Json:
    only_these = {"properties": {"code": {"enum": codes}}}
    response: Json = {
        "description": ", ".join(codes),
        "content": {MEDIA_TYPE: {"schema": {"allOf": [schemas.of(wire.Problem), only_these]}}},
    }
    headers: Mapping[str, str] = HEADERS.get(status, {})
    if headers:
        response["headers"] = {
            name: {"required": True, "schema": {"type": "string"}} for name in headers
        }
    return response
