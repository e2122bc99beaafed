"""What crosses to headquarters has no biometric type, and says what was put in."""

from __future__ import annotations

import typing
from collections.abc import Iterator
from datetime import UTC, datetime
from enum import Enum, StrEnum
from pathlib import Path
from types import NoneType, UnionType

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import inspect
from unit.contract_values import messages

from edge import contract
from edge.contract import examples
from edge.domain import new_id

UP: tuple[type[msgspec.Struct], ...] = typing.get_args(contract.Message)
MESSAGES = UP + typing.get_args(contract.Down)
TOLD = (*MESSAGES, contract.FootfallRow)
SHORT = 100  # characters; a face's 128 numbers take 512 bytes
LONG = {"receipt"}
HARMLESS = (str, int, bool, datetime, NoneType, msgspec.UnsetType, typing.Union, UnionType)


def leaves(annotation: object) -> Iterator[object]:
    """Every type that a field can hold, at any depth."""
    if typing.get_origin(annotation) is typing.Literal:
        yield from (type(choice) for choice in typing.get_args(annotation))
    elif typing.get_origin(annotation) is tuple and harmless_parts(annotation):
        yield str
    elif parts := typing.get_args(annotation):
        yield from (leaf for part in parts for leaf in leaves(part))
        yield typing.get_origin(annotation)
    elif isinstance(annotation, type) and issubclass(annotation, msgspec.Struct):
        for hint in typing.get_type_hints(annotation).values():
            yield from leaves(hint)
    else:
        yield annotation


def harmless_parts(annotation: object) -> bool:
    """Whether a sequence holds texts, words, or structs without a number, and nothing else."""
    kind = typing.get_args(annotation)[0]
    held = set(leaves(kind))
    is_struct = isinstance(kind, type) and issubclass(kind, msgspec.Struct)
    is_word = isinstance(kind, type) and issubclass(kind, StrEnum)
    return kind is str or is_word or (is_struct and int not in held and float not in held)


def texts(kind: inspect.Type, field: str) -> Iterator[tuple[str, int | None]]:
    """Every text that a value of this type can hold, with the most characters it takes."""
    match kind:
        case inspect.StrType(max_length=most):
            yield field, most
        case inspect.UnionType(types=kinds):
            for each in kinds:
                yield from texts(each, field)
        case inspect.VarTupleType(item_type=item, max_length=most):
            assert most is not None, f"{field} is a sequence without an end"
            yield from texts(item, field)
        case inspect.StructType(fields=fields):
            for each_field in fields:
                yield from texts(each_field.type, each_field.name)


def holds_no_face(message: type[msgspec.Struct]) -> bool:
    hints = typing.get_type_hints(message)
    version = hints.pop("version", None)
    return version in (None, typing.Literal[1]) and all(
        leaf in HARMLESS or (isinstance(leaf, type) and issubclass(leaf, Enum))
        for hint in hints.values()
        for leaf in leaves(hint)
    )


@pytest.mark.parametrize("message", TOLD)
def test_no_message_can_hold_a_face(message: type[msgspec.Struct]) -> None:
    assert holds_no_face(message)
    named = set(typing.get_type_hints(message))
    assert not named & {"vector", "embedding", "score", "template", "photo", "quality"}


@pytest.mark.parametrize("message", TOLD)
def test_no_text_is_long_enough_for_a_face_but_the_signed_receipt(
    message: type[msgspec.Struct],
) -> None:
    long = {
        field
        for field, most in texts(inspect.type_info(message), "")
        if most is None or most > SHORT
    }
    assert long <= LONG


@pytest.mark.parametrize(
    "kind", [bytes, float, list[float], tuple[int, ...], tuple[float, ...], dict[str, float]]
)
def test_a_type_that_could_hold_a_face_is_found(kind: type) -> None:
    hidden = msgspec.defstruct("Hidden", [("inner", kind | None)])
    outer = msgspec.defstruct("Outer", [("harmless", hidden)])
    assert not holds_no_face(outer)


def test_a_row_has_a_number_for_each_measure_and_says_which_are_hidden() -> None:
    fields = contract.FootfallRow.__struct_fields__
    assert [name for name in fields if name in set(contract.Measure)] == list(contract.Measure)
    assert set(fields) - set(contract.Measure) == {
        *("version", "store_id", "zone", "period", "starts_at", "ends_at"),
        *("revision", "suppressed"),
    }


@given(row=messages(contract.FootfallRow))
def test_a_row_of_sums_reads_as_it_was_written(row: contract.FootfallRow) -> None:
    assert msgspec.json.decode(contract.encode(row), type=contract.FootfallRow) == row


@given(data=st.data(), message=st.sampled_from(MESSAGES))
def test_a_message_reads_as_it_was_written(
    data: st.DataObject, message: type[msgspec.Struct]
) -> None:
    written = data.draw(messages(message))
    decode = contract.decode if message in UP else contract.decode_change
    assert decode(contract.encode(written)) == written


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


def test_the_page_shows_one_example_of_every_message_as_it_travels() -> None:
    page = (Path(__file__).parents[2] / "docs" / "headquarters.md").read_text(encoding="utf-8")
    assert page.endswith(examples.markdown()), (
        "print them anew: python -m edge.contract.examples, under the heading The messages"
    )
    assert [type(message) for message in examples.UP + examples.DOWN] == list(MESSAGES)
    for code in contract.Code:
        assert f"`{code}`" in page
