"""What the API lets in, the rules can take: no request of the right form is refused later."""

from __future__ import annotations

import re
from itertools import product
from typing import get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.clienteling_api import requests
from edge.clienteling_api.sizes import PATTERNS
from edge.domain import Garment, Size, SizeSystem
from edge.rules.profile import NAME_MAX, NOTE_MAX, normalise_phone, tidy_text
from edge.rules.sizes import tidy_size


def pattern_of(annotation: object) -> str:
    (_, meta) = get_args(annotation)
    return str(meta.pattern)


@given(st.from_regex(re.compile(pattern_of(requests.Phone))).filter(lambda text: len(text) <= 32))
def test_every_phone_number_that_is_let_in_is_one(text: str) -> None:
    assert normalise_phone(text) is not None


# Composed once and short: NFC may lengthen a text, and then the length is the rule's affair.
@given(st.from_regex(re.compile(pattern_of(requests.Name))).filter(lambda text: len(text) <= 25))
def test_every_name_that_is_let_in_can_be_kept(text: str) -> None:
    assert tidy_text(text, NAME_MAX) is not None


@given(st.from_regex(re.compile(pattern_of(requests.Text))).filter(lambda text: len(text) <= 300))
def test_every_note_that_is_let_in_can_be_kept(text: str) -> None:
    assert tidy_text(text, NOTE_MAX, lines=True) is not None


@pytest.mark.parametrize(("garments", "systems", "pattern"), PATTERNS)
@given(data=st.data())
def test_every_size_that_is_documented_is_plausible(
    garments: tuple[Garment, ...],
    systems: tuple[SizeSystem, ...],
    pattern: str,
    data: st.DataObject,
) -> None:
    size = Size(
        garment=data.draw(st.sampled_from(garments)),
        system=data.draw(st.sampled_from(systems)),
        value=data.draw(st.from_regex(pattern, fullmatch=True)),
    )
    assert tidy_size(size) is not None


def test_every_kind_of_size_is_documented() -> None:
    documented = {kind for garments, systems, _ in PATTERNS for kind in product(garments, systems)}
    assert documented == set(product(Garment, SizeSystem))


@pytest.mark.parametrize("body", [{}, {"code": "R-1001", "phone": "5550123"}, {"code": None}])
def test_an_arrival_is_by_exactly_one_of_the_three(body: dict[str, object]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(body, requests.ArrivalRequest)


@pytest.mark.parametrize("text", ["李雷\n", "a\x00b", "\t", "\u2028", "\u202eabc", ""])
def test_a_name_that_people_cannot_see_is_not_let_in(text: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(text, requests.Name)
