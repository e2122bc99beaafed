"""The route table, the document made from it, and the pages that people read agree."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import get_args

import msgspec
import pytest

from edge import errors
from edge.clienteling_api import live, wire
from edge.clienteling_api.openapi import document
from edge.clienteling_api.parts import Parts
from edge.clienteling_api.requests import Id, NoteRequest
from edge.clienteling_api.routing import Route, route
from edge.clienteling_api.table import ROUTES
from edge.domain import Role, Session
from edge.errors import EdgeError

DOCS = Path(__file__).parents[2] / "docs"
API_PAGE = (DOCS / "api.md").read_text(encoding="utf-8")
CODES_PAGE = (DOCS / "operations.md").read_text(encoding="utf-8")
DOCUMENT = document(ROUTES)


def name_of(declared: Route) -> str:
    return f"{declared.method} {declared.path}"


def rows(page: str) -> dict[str, list[str]]:
    """Every table row of a page, by its first cell."""
    cells = [
        [cell.strip() for cell in line.strip("|").split(" | ")]
        for line in page.splitlines()
        if line.startswith("| ")
    ]
    return {row[0].strip("`"): row[1:] for row in cells}


def every_error(root: type[EdgeError] = EdgeError) -> list[type[EdgeError]]:
    return [root, *(error for child in root.__subclasses__() for error in every_error(child))]


@pytest.mark.parametrize("declared", ROUTES, ids=name_of)
def test_every_route_stands_on_the_page_with_its_role(declared: Route) -> None:
    role, summary = rows(API_PAGE)[name_of(declared)]
    assert role == (declared.role or "public")
    said = (inspect.getdoc(declared.handler) or "").splitlines()[0]
    assert summary == said.rstrip(".")


def test_the_page_names_no_route_that_is_not_there() -> None:
    written = set(re.findall(r"^\| `((?:GET|POST|PATCH|PUT|DELETE) [^`]+)`", API_PAGE, re.M))
    assert written == set(map(name_of, ROUTES))


@pytest.mark.parametrize("error", every_error(), ids=lambda error: error.code)
def test_every_code_stands_on_the_page_with_its_status(error: type[EdgeError]) -> None:
    status = rows(CODES_PAGE)[error.code][0]
    never_over_http = (
        errors.ConfigError,
        errors.ModelError,
        errors.BackupFailed,
        errors.ClaimRefused,
        errors.SealingFailed,
        errors.CertificateFailed,
        errors.UpdateFailed,
    )
    assert status == ("–" if issubclass(error, never_over_http) else str(error.status))


def test_every_message_and_every_goodbye_of_the_feed_is_explained() -> None:
    kinds = [message.__struct_config__.tag for message in get_args(wire.FeedMessage)]
    goodbyes = [str(live.REVOKED), str(live.TOO_SLOW)]
    for word in kinds + goodbyes:
        assert word in rows(API_PAGE), word


@pytest.mark.parametrize("declared", ROUTES, ids=name_of)
def test_the_document_promises_exactly_what_the_route_declares(declared: Route) -> None:
    operation = DOCUMENT["paths"][declared.path][declared.method.lower()]
    statuses = {*declared.status, *(error.status for error in declared.errors)}
    if declared.messages is not None:
        statuses.add(101)
    assert set(operation["responses"]) == set(map(str, statuses))
    assert bool(operation["security"]) == (declared.role is not None)
    assert ("requestBody" in operation) == (declared.takes_photo or declared.body is not None)


def test_every_reference_in_the_document_leads_somewhere() -> None:
    text = msgspec.json.encode(DOCUMENT).decode()
    names = set(re.findall(r'"#/components/schemas/([^"]+)"', text))
    assert names <= set(DOCUMENT["components"]["schemas"])


def test_operations_have_names_of_their_own() -> None:
    assert len({declared.name for declared in ROUTES}) == len(ROUTES)


async def note(parts: Parts, guide: Session, member_id: Id, body: NoteRequest) -> wire.Card:
    """Stands for any handler."""
    raise NotImplementedError


@pytest.mark.parametrize(
    ("path", "role"),
    [
        ("/members/{id}/notes", Role.GUIDE),  # the path names another part than the handler
        ("/notes", Role.GUIDE),  # the handler wants a part that the path lacks
        ("/members/{member_id}/notes", None),  # a public route has no guide
    ],
)
def test_a_route_that_does_not_fit_its_handler_is_refused(path: str, role: Role | None) -> None:
    with pytest.raises(TypeError, match="note asks for"):
        route("POST", path, note, role=role)
