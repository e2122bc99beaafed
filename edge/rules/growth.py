"""Whether a program can go on with tables that a later one has changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

Column = tuple[str, bool, bool, int]
"""Declared type, whether it refuses NULL, whether it has a default, its place in the key or 0."""


class Shape(msgspec.Struct, frozen=True, kw_only=True):
    """A table, as far as whoever writes to it depends on it.

    ``refusals`` holds what may refuse a row besides its columns: unique indexes, foreign keys,
    checks and triggers, each as text.
    """

    columns: dict[str, Column]
    refusals: frozenset[str]


def breaks(before: Mapping[str, Shape], after: Mapping[str, Shape]) -> list[str]:
    """What a program that knows the tables ``before`` cannot do with those ``after``; nothing where
    it can read and write on.

    Tables, columns and indexes may come as long as rows can be inserted without naming them. What
    is there may not go or become another, and no new rule may refuse a row that was taken before.
    """
    return [reason for name in before for reason in _of_table(name, before[name], after.get(name))]


def _of_table(name: str, before: Shape, after: Shape | None) -> Iterator[str]:
    if after is None:
        yield f"table {name} is gone"
        return
    for column, kind in before.columns.items():
        if after.columns.get(column) != kind:
            yield f"{name}.{column} is gone or another"
    for column, (_, refuses_null, has_default, key) in after.columns.items():
        if column not in before.columns and (key or (refuses_null and not has_default)):
            yield f"{name}.{column} has to be given"
    if after.refusals != before.refusals:
        yield f"{name} takes other rows"
