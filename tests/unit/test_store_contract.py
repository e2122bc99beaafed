"""What crosses to headquarters has no biometric type, and says what was put in."""

from __future__ import annotations

import typing
from collections.abc import Iterator
from datetime import UTC, datetime
from enum import Enum
from types import NoneType

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge import contract
from edge.domain import new_id

MESSAGES: tuple[type[msgspec.Struct], ...] = typing.get_args(contract.Message)
DECIMALS = {"discount", "budget"}
HARMLESS = (str, int, datetime, NoneType, typing.Union)


def leaves(annotation: object) -> Iterator[object]:
    """Every type that a field can hold, at any depth."""
    if typing.get_origin(annotation) is typing.Literal:
        yield from (type(choice) for choice in typing.get_args(annotation))
    elif parts := typing.get_args(annotation):
        yield from (leaf for part in parts for leaf in leaves(part))
        yield typing.get_origin(annotation)
    elif isinstance(annotation, type) and issubclass(annotation, msgspec.Struct):
        for hint in typing.get_type_hints(annotation).values():
            yield from leaves(hint)
    else:
        yield annotation


def holds_no_face(message: type[msgspec.Struct]) -> bool:
    hints = typing.get_type_hints(message)
    version = hints.pop("version", None)
    return version in (None, typing.Literal[1]) and all(
        leaf in HARMLESS or (isinstance(leaf, type) and issubclass(leaf, Enum))
        for hint in hints.values()
        for leaf in leaves(hint)
    )


@pytest.mark.parametrize("message", MESSAGES)
def test_no_message_can_hold_a_face(message: type[msgspec.Struct]) -> None:
    assert holds_no_face(message)
    named = set(typing.get_type_hints(message))
    assert not named & {"vector", "embedding", "score", "template", "photo", "quality"}


@pytest.mark.parametrize("kind", [bytes, float, list[float], tuple[int, ...], dict[str, float]])
def test_a_type_that_could_hold_a_face_is_found(kind: type) -> None:
    hidden = msgspec.defstruct("Hidden", [("inner", kind | None)])
    outer = msgspec.defstruct("Outer", [("harmless", hidden)])
    assert not holds_no_face(outer)


@given(data=st.data(), message=st.sampled_from(MESSAGES))
def test_a_message_reads_as_it_was_written(
    data: st.DataObject, message: type[msgspec.Struct]
) -> None:
    words = st.text(st.characters(codec="utf-8"), min_size=1, max_size=64)
    values: dict[str, object] = {}
    for name, hint in typing.get_type_hints(message).items():
        if isinstance(hint, type) and issubclass(hint, Enum):
            values[name] = data.draw(st.sampled_from(hint))
        elif hint is datetime:
            values[name] = data.draw(st.datetimes(timezones=st.just(UTC)))
        elif hint is int:
            values[name] = data.draw(st.integers(0, 2**53))
        elif hint in (str, str | None):
            short = 32 if name in DECIMALS else 64
            values[name] = data.draw(words.filter(lambda text, most=short: len(text) <= most))
    written = message(**values)
    assert contract.decode(contract.encode(written)) == written


def test_a_later_field_is_passed_over_and_a_later_version_refused() -> None:
    message = contract.MemberChanged(
        message_id=new_id(), store_id="s", at=datetime(2026, 1, 1, tzinfo=UTC), member_id="m"
    )
    plain = msgspec.to_builtins(message)
    assert contract.decode(msgspec.json.encode(plain | {"colour": "green"})) == message
    with pytest.raises(msgspec.ValidationError, match="version"):
        contract.decode(msgspec.json.encode(plain | {"version": 2}))


def test_a_time_without_a_zone_is_refused() -> None:
    text = b'{"type":"MemberChanged","message_id":"1","store_id":"s","member_id":"m","at":"%s"}'
    with pytest.raises(msgspec.ValidationError, match="timezone"):
        contract.decode(text % b"2026-01-01T00:00:00")
