"""Any message of the contract, drawn from its own types."""

from __future__ import annotations

import re
from datetime import UTC
from typing import Any

import msgspec
from hypothesis import strategies as st
from msgspec import inspect

WORDS = st.characters(codec="utf-8", exclude_characters="\x00")


def messages(kind: type[msgspec.Struct]) -> st.SearchStrategy[Any]:
    """Messages of one type, their optional fields set or not."""
    return _of(inspect.type_info(kind))


def _of(kind: inspect.Type) -> st.SearchStrategy[Any]:
    match kind:
        case inspect.UnionType(types=kinds):
            return st.one_of([_of(each) for each in kinds])
        case inspect.VarTupleType(item_type=item):
            return st.lists(_of(item), max_size=3).map(tuple)
        case inspect.StructType(cls=cls, fields=fields):
            return _struct(cls, fields)
        case inspect.EnumType(cls=enum):
            return st.sampled_from(enum)
        case inspect.LiteralType(values=values):
            return st.sampled_from(values)
        case _:
            return _plain(kind)


def _plain(kind: inspect.Type) -> st.SearchStrategy[Any]:
    match kind:
        case inspect.StrType(pattern=str(pattern)):
            return st.from_regex(re.compile(pattern, re.ASCII))
        case inspect.StrType(min_length=least, max_length=most):
            return st.text(WORDS, min_size=least or 0, max_size=min(most or 64, 64))
        case inspect.IntType(ge=least, le=most):
            return st.integers(least, most)
        case inspect.BoolType():
            return st.booleans()
        case inspect.DateTimeType():
            return st.datetimes(timezones=st.just(UTC))
        case inspect.NoneType():
            return st.none()
        case _:
            assert kind.cls is msgspec.UnsetType, f"no values for {kind}"
            return st.just(msgspec.UNSET)


def _struct(cls: type, fields: tuple[inspect.Field, ...]) -> st.SearchStrategy[Any]:
    drawn = {field.name: _of(field.type) for field in fields if field.required}
    optional = {field.name: _of(field.type) for field in fields if not field.required}
    return st.fixed_dictionaries(drawn, optional=optional).map(lambda values: cls(**values))
