"""Templates of faces, each sealed under the key of the consent it rests on.

What cannot be opened (its key was destroyed, it was moved to another row, it was altered) is
no template: it is passed over with a line in the log, and nobody is recognised by it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from itertools import islice

import structlog
from cryptography.exceptions import InvalidTag

from edge.domain import Template
from edge.errors import Conflict
from edge.store.connection import Connection
from edge.store.gateway_key import seal, unseal
from edge.store.keyring import ROTATION, Keyring
from edge.store.rows import Table

log = structlog.get_logger(__name__)

_PAGE = 1000
"""Rows whose keys are asked for at once: a transaction for each would take half the time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sealed:
    """A template as it lies in the table. ``rotation`` names the secret it was rotated by."""

    id: str
    member_id: str
    consent_id: str
    model: str
    rotation: str
    sealed: bytes
    quality: float
    made_at: datetime

    @property
    def belongs_to(self) -> tuple[str, ...]:
        return self.id, self.member_id, self.consent_id, self.model, self.rotation


def rotation_name(secret: bytes) -> str:
    """A public name for a rotation secret."""
    return sha256(b"regulars/rotation-name/1" + secret).hexdigest()[:16]


class Templates:
    """Templates, opened as they are read."""

    def __init__(self, connection: Connection, keyring: Keyring) -> None:
        self._rows = Table(connection, _Sealed, "templates")
        self._keyring = keyring

    def of(self, member_id: str) -> list[Template]:
        """The oldest first."""
        rows = self._rows.each("WHERE member_id = ? ORDER BY made_at, rowid", member_id)
        return list(self._opened(rows))

    def count_of(self, member_id: str) -> int:
        return self._rows.count("WHERE member_id = ?", member_id)

    def all(self, model: str) -> Iterator[Template]:
        """Every template of one embedding model, member by member."""
        return self._opened(
            self._rows.each("WHERE model = ? ORDER BY member_id, made_at, rowid", model)
        )

    def extent(self) -> int:
        """Every template lies in a place from 1 to this, not every place holds one."""
        return int(self._rows.pluck("coalesce(max(rowid), 0)")[0])

    def stretch(self, model: str, after: int, up_to: int) -> list[Template]:
        """The templates of one model in the places after one and up to another."""
        clause = "WHERE model = ? AND rowid > ? AND rowid <= ?"
        return list(self._opened(self._rows.each(clause, model, after, up_to)))

    def members_of_other_models(self, model: str) -> int:
        """How many members have templates, but none that this model can use."""
        members = self._rows.pluck(
            "DISTINCT member_id",
            "WHERE member_id NOT IN (SELECT member_id FROM templates WHERE model = ?)",
            model,
        )
        return len(members)

    def rotations(self) -> set[str]:
        """The names of the rotations that stored templates carry."""
        return set(self._rows.pluck("DISTINCT rotation"))

    def _opened(self, rows: Iterator[_Sealed]) -> Iterator[Template]:
        while page := list(islice(rows, _PAGE)):
            keys = self._keyring.keys({(row.member_id, row.consent_id) for row in page})
            for row in page:
                template = _open(row, keys.get((row.member_id, row.consent_id)))
                if template is None:
                    log.warning("template_unreadable", template_id=row.id)
                else:
                    yield template


def _open(row: _Sealed, key: bytes | None) -> Template | None:
    if key is None:
        return None
    try:
        vector = unseal(key, row.sealed, *row.belongs_to)
    except InvalidTag:
        return None
    return Template(
        id=row.id,
        member_id=row.member_id,
        consent_id=row.consent_id,
        model=row.model,
        vector=vector,
        quality=row.quality,
        made_at=row.made_at,
    )


class WritableTemplates(Templates):
    def add(self, template: Template) -> None:
        """Raises ``Conflict`` when the consent it rests on has no key, hence has ended."""
        self._put(template, self._keyring.secret(ROTATION))

    def erase(self, member_id: str) -> int:
        """Destroy the member's keys, durably, then remove the rows; returns how many.

        Should the transaction fail after that, the rows that stay can never be opened.
        """
        self._keyring.destroy_all_of(member_id)
        return len(self._rows.remove("WHERE member_id = ?", member_id))

    def drop_unusable(self) -> Counter[str]:
        """Remove what no consent in force bears, or an earlier rotation; counts by member."""
        dropped = self._rows.remove(
            "WHERE rotation <> ? OR consent_id NOT IN "
            "(SELECT id FROM consents WHERE withdrawn_at IS NULL)",
            rotation_name(self._keyring.secret(ROTATION)),
        )
        return Counter(row.member_id for row in dropped)

    def rotate(self, turn: Callable[[bytes], bytes], secret: bytes) -> int:
        """Replace every vector by ``turn`` of it, under a new rotation secret."""
        templates = list(self._opened(self._rows.each()))
        self._rows.remove("")
        for template in templates:
            self._put(replace(template, vector=turn(template.vector)), secret)
        return len(templates)

    def _put(self, template: Template, secret: bytes) -> None:
        key = self._keyring.key(template.member_id, template.consent_id)
        if key is None:
            raise Conflict("this consent has ended; ask the member for consent again")
        row = _Sealed(
            id=template.id,
            member_id=template.member_id,
            consent_id=template.consent_id,
            model=template.model,
            rotation=rotation_name(secret),
            sealed=b"",
            quality=template.quality,
            made_at=template.made_at,
        )
        self._rows.put(replace(row, sealed=seal(key, template.vector, *row.belongs_to)))
