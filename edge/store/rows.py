"""A frozen dataclass as a row, and back: the one place that knows how values become columns.

A field is a column of the same name. Text, whole numbers, floats and bytes stay as they are;
a time becomes RFC 3339 text of fixed width, so that text order is time order; a tuple, a dict
or a value of several fields becomes JSON; everything else (enums, decimals) becomes its text.
Types come back by the dataclass's own annotations, through msgspec.
"""

from __future__ import annotations

import typing
from collections.abc import Callable, Hashable, Iterator
from dataclasses import is_dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any, Generic, TypeVar, cast

import msgspec
import msgspec.inspect

from edge.store.connection import Connection

T = TypeVar("T")


def moment(at: datetime) -> str:
    """``2026-11-23T15:17:41.000000Z``: always 27 characters in UTC.

    Raises ``ValueError`` for a time without a zone, which would be guessed otherwise.
    """
    if at.tzinfo is None:
        raise ValueError("a time to store has no time zone")
    return at.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


class Table(Generic[T]):
    """The rows of one table as values of one dataclass; ``key`` is the primary key."""

    def __init__(
        self, connection: Connection, kind: type[T], name: str, *, key: str = "id"
    ) -> None:
        self._connection = connection
        self._kind = kind
        self._name = name
        self._key = key
        self._readers = _readers(cast(Hashable, kind))  # a class is; mypy doubts it

    def each(self, clause: str = "", *parameters: object) -> Iterator[T]:
        """The values whose rows match ``clause``, everything after FROM and the table."""
        columns = ", ".join(self._readers)
        rows = self._connection.execute(
            f"SELECT {columns} FROM {self._name} {clause}", *map(_column, parameters)
        )
        return map(self._value, rows)

    def all(self, clause: str = "", *parameters: object) -> list[T]:
        return list(self.each(clause, *parameters))

    def first(self, clause: str, *parameters: object) -> T | None:
        return next(self.each(f"{clause} LIMIT 1", *parameters), None)

    def get(self, key: object) -> T | None:
        return self.first(f"WHERE {self._key} = ?", key)

    def count(self, clause: str = "", *parameters: object) -> int:
        return int(self.pluck("count(*)", clause, *parameters)[0])

    def pluck(self, expression: str, clause: str = "", *parameters: object) -> list[Any]:
        """One column or expression of the rows that match ``clause``."""
        rows = self._connection.execute(
            f"SELECT {expression} FROM {self._name} {clause}", *map(_column, parameters)
        )
        return [row[0] for row in rows]

    def put(self, value: T, **derived: object) -> None:
        """Insert, or replace the row of the same key. ``derived`` are columns beside the fields.

        Written out here because sqlite-utils' ``upsert`` asks for the schema each time, which
        makes it thirty times slower.
        """
        row = {name: _column(getattr(value, name)) for name in self._readers} | derived
        changes = ", ".join(f"{name} = excluded.{name}" for name in row if name != self._key)
        self._connection.execute(
            f"INSERT INTO {self._name} ({', '.join(row)}) VALUES ({', '.join('?' * len(row))}) "
            f"ON CONFLICT ({self._key}) DO UPDATE SET {changes}",
            *row.values(),
        )

    def remove(self, clause: str, *parameters: object) -> list[T]:
        """Delete the rows that match ``clause`` and return what they held."""
        columns = ", ".join(self._readers)
        rows = self._connection.execute(
            f"DELETE FROM {self._name} {clause} RETURNING {columns}", *map(_column, parameters)
        )
        return [self._value(row) for row in rows]

    def _value(self, row: Any) -> T:
        plain = {name: read(row[name]) for name, read in self._readers.items()}
        return msgspec.convert(plain, self._kind)


def _column(value: object) -> object:
    if isinstance(value, datetime):
        return moment(value)
    if value is None or isinstance(value, str | int | float | bytes):
        return value  # an enum of ours is a str
    plain = msgspec.to_builtins(value)
    return plain if isinstance(plain, str) else msgspec.json.encode(plain).decode()


@cache
def _readers(kind: type[Any]) -> dict[str, Callable[[Any], object]]:
    """For each field, how a column's value becomes what ``msgspec.convert`` takes."""
    return {name: _reader(hint) for name, hint in typing.get_type_hints(kind).items()}


def _reader(hint: Any) -> Callable[[Any], object]:
    if hint is bool:
        return bool
    return _from_json if any(map(_is_json, (hint, *typing.get_args(hint)))) else _as_it_is


def _is_json(hint: Any) -> bool:
    """Whether values of this type have parts, and stand in their column as JSON."""
    kind = typing.get_origin(hint) or hint
    return kind in (tuple, dict) or is_dataclass(kind) or msgspec.inspect.is_struct_type(kind)


def _from_json(column: str | None) -> object:
    return None if column is None else msgspec.json.decode(column)


def _as_it_is(column: object) -> object:
    return column
