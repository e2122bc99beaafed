"""Every key of a configuration struct, with what it takes; and the same as Markdown.

Knows no particular key: what it says is read from the struct's own types and descriptions.
"""

from __future__ import annotations

import inspect as introspection
from collections.abc import Iterator
from dataclasses import dataclass

import msgspec
from msgspec import inspect


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One key. ``table`` is its TOML header, e.g. ``[store]`` or ``[[cameras]]``."""

    name: str
    table: str
    about: str
    values: str
    default: str
    description: str


def keys(struct: type[msgspec.Struct]) -> Iterator[Key]:
    """The keys of a struct of structs, dotted, in the order in which they are declared."""
    kind = inspect.type_info(struct)
    assert isinstance(kind, inspect.StructType)
    for field in kind.fields:
        yield from _of_table(field, field.encode_name)


def markdown(struct: type[msgspec.Struct]) -> str:
    """A section for each table, a row for each key."""
    lines: list[str] = []
    table = ""
    for key in keys(struct):
        if key.table != table:
            table = key.table
            lines += ["", f"## `{table}`", "", key.about, ""]
            lines += ["| key | takes | default | what it is |", "|---|---|---|---|"]
        last = key.name.rsplit(".", 1)[-1]
        lines.append(f"| `{last}` | {key.values} | {key.default} | {key.description} |")
    return "\n".join(lines[1:]) + "\n"


def _of_table(field: inspect.Field, name: str) -> Iterator[Key]:
    """The keys of the table a field holds, tables inside it last."""
    kind, _ = _unwrap(field.type)
    table = f"[{name}]"
    if isinstance(kind, inspect.ListType):
        kind, _ = _unwrap(kind.item_type)
        table, name = f"[[{name}]]", f"{name}[]"
    assert isinstance(kind, inspect.StructType), f"{name} is not a table"
    about = introspection.getdoc(kind.cls) or ""
    inner = [f for f in kind.fields if isinstance(_unwrap(f.type)[0], inspect.StructType)]
    for item in kind.fields:
        if item not in inner:
            takes, description = _unwrap(item.type)
            yield Key(
                name=f"{name}.{item.encode_name}",
                table=table,
                about=about,
                values=_spell(takes),
                default=_default(item),
                description=description,
            )
    for item in inner:
        yield from _of_table(item, f"{name}.{item.encode_name}")


def _unwrap(kind: inspect.Type) -> tuple[inspect.Type, str]:
    """The type itself, without "or nothing", and its description."""
    description = ""
    if isinstance(kind, inspect.Metadata):
        description = str((kind.extra_json_schema or {}).get("description", ""))
        kind = kind.type
    if isinstance(kind, inspect.UnionType):
        (kind,) = (part for part in kind.types if not isinstance(part, inspect.NoneType))
    return kind, description


def _spell(kind: inspect.Type) -> str:
    """What a key takes, in the words of the person who writes the file."""
    match kind:
        case inspect.BoolType():
            return "`true` or `false`"
        case inspect.IntType():
            return f"whole number{_range(kind)}"
        case inspect.FloatType():
            return f"number{_range(kind)}"
        case inspect.DateType():
            return "date, `YYYY-MM-DD`"
        case inspect.LiteralType(values=values):
            return ", ".join(f"`{value}`" for value in values)
        case inspect.EnumType(cls=enum):
            return ", ".join(f"`{member.value}`" for member in enum)
        case inspect.ListType(item_type=item):
            inner, description = _unwrap(item)
            return f"list of {description or _spell(inner)}"
        case _:
            return "text"


def _range(kind: inspect.IntType | inspect.FloatType) -> str:
    if kind.ge is None:
        return ""
    return f" from {kind.ge:g}" + ("" if kind.le is None else f" to {kind.le:g}")


def _default(field: inspect.Field) -> str:
    if field.required:
        return "required"
    value = field.default
    if field.default_factory is not msgspec.NODEFAULT:
        value = field.default_factory()
    return "none" if value is None else f"`{msgspec.json.encode(value).decode()}`"
