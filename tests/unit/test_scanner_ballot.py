"""A linear code is believed when looks agree, never because one look said so."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from edge.domain import Symbology
from edge.scanner.ballot import LEAD, VOTES, Ballot
from edge.scanner.reading import Reading

TEXTS = st.sampled_from(["4006381333931", "4006387333937", "1006381333931"])


def reading(
    text: str, *, x: int = 0, symbology: Symbology = Symbology.EAN_13, aim_id: str = "]E0"
) -> Reading:
    corners = ((x, 0), (x + 90, 0), (x + 90, 40), (x, 40))
    return Reading(
        text=text,
        raw=text.encode(),
        symbology=symbology,
        aim_id=aim_id,
        corners=corners,
        reader="zxing",
    )


def texts(ballot: Ballot) -> list[str]:
    return [r.text for r in ballot.believed()]


def test_one_look_at_a_linear_code_is_not_enough() -> None:
    ballot = Ballot()
    ballot.count([reading("4006381333931")])
    assert texts(ballot) == []
    assert [c.reading.text for c in ballot.open()] == ["4006381333931"]


def test_two_looks_that_agree_are() -> None:
    ballot = Ballot()
    ballot.count([reading("4006381333931")])
    ballot.count([reading("4006381333931", x=3)])
    assert texts(ballot) == ["4006381333931"]
    assert ballot.open() == []


def test_the_same_text_twice_in_one_look_is_one_vote() -> None:
    ballot = Ballot()
    ballot.count([reading("4006381333931"), reading("4006381333931", x=2)])
    assert texts(ballot) == []


def test_a_code_that_corrects_its_errors_is_believed_at_first_sight() -> None:
    ballot = Ballot()
    ballot.count([reading("hello", symbology=Symbology.QR, aim_id="]Q1")])
    assert texts(ballot) == ["hello"]


def test_an_aztec_rune_is_not() -> None:
    ballot = Ballot()
    ballot.count([reading("001", symbology=Symbology.AZTEC, aim_id="]zC")])
    assert texts(ballot) == []


def test_two_codes_side_by_side_are_two_codes() -> None:
    ballot = Ballot()
    for _ in range(2):
        ballot.count([reading("4006381333931"), reading("96385074", x=200)])
    assert texts(ballot) == ["4006381333931", "96385074"]


def test_an_add_on_needs_two_looks_as_well() -> None:
    ballot = Ballot()
    ballot.count([reading("4006381333931")])
    ballot.count([reading("400638133393112", aim_id="]E3")])
    assert texts(ballot) == ["4006381333931"]
    assert len(ballot.open()) == 1
    ballot.count([reading("400638133393112", aim_id="]E3")])
    assert texts(ballot) == ["400638133393112"]


@given(st.lists(TEXTS, max_size=12))
def test_of_texts_at_one_place_only_one_is_believed_and_it_leads(looks: list[str]) -> None:
    ballot = Ballot()
    for text in looks:
        ballot.count([reading(text)])
    counts = {text: looks.count(text) for text in looks}
    expected = [
        text
        for text, votes in counts.items()
        if votes >= VOTES and all(votes - n >= LEAD for t, n in counts.items() if t != text)
    ]
    assert texts(ballot) == expected
    assert len(expected) <= 1
