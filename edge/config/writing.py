"""Settings written into the configuration's text, with every comment and blank line kept.

Knows no particular key. What comes out is not checked here: ``parse`` does that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import tomlkit
from tomlkit.items import AoT, Item, Key, Table

Value = str | int | float | bool | date | list[Any] | Mapping[str, Any]
Settings = Mapping[str, Value | None]
"""Keys of one table; None takes a key out, and what is not named stays."""
Tables = Mapping[str, Settings | Sequence[Settings]]
"""A sequence is the whole of an array of tables, told apart by their ``id``."""


def rewritten(text: str, tables: Tables) -> str:
    """The text with these settings. ``text`` must be valid TOML."""
    document = tomlkit.parse(text)
    for name, settings in tables.items():
        if isinstance(settings, Mapping):
            if name not in document:
                document.add(name, tomlkit.table())
            _settle(document[name], settings)
        else:
            _settle_list(document, name, settings)
    return tomlkit.dumps(document)


def _settle_list(document: tomlkit.TOMLDocument, name: str, wanted: Sequence[Settings]) -> None:
    """Tables with a known ``id`` are changed, the others added behind.

    Of a table that goes the comments stay that stand behind it: they lead to what follows.
    """
    old = document.get(name)
    gone = {table["id"]: table for table in old} if isinstance(old, AoT) else {}
    tables = tomlkit.aot()
    for settings in wanted:
        table = gone.pop(settings["id"], None) or tomlkit.table()
        _settle(table, settings)
        tables.append(table)
    behind = [item for table in gone.values() for item in _take_behind(table)]
    if tables.body:
        document[name] = tables
        tables.body[-1].value.body.extend(behind)
    else:
        document.pop(name, None)
        for _, comment in behind:
            document.add(comment)


def _settle(table: Any, settings: Settings) -> None:
    for key, value in settings.items():
        if value is None:
            table.pop(key, None)
        elif isinstance(value, Mapping):
            if key not in table:
                _add(table, key, tomlkit.inline_table())
            _settle(table[key], value)
        elif table.get(key) != value:
            _add(table, key, value)


def _add(table: Any, key: str, value: Any) -> None:
    """A new key follows the last one, ahead of the comments that lead to the next table."""
    behind = _take_behind(table) if isinstance(table, Table) and key not in table else []
    table[key] = value
    if behind:
        table.value.body.extend(behind)


def _take_behind(table: Table) -> list[tuple[Key | None, Item]]:
    """Take out the blank lines and comments behind the last key."""
    body = table.value.body
    at = len(body)
    while at and body[at - 1][0] is None:
        at -= 1
    behind = body[at:]
    del body[at:]
    return behind
