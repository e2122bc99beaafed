"""The gallery's search of itself: of nobody, of one, of twins, and without holding up a frame."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest
from numpy.typing import NDArray

from edge.domain import Template
from edge.rules.calibration import TopScores, prior_threshold
from edge.vision import census as room
from edge.vision.census import SETTLED_S, Census
from edge.vision.gallery import Gallery
from edge.vision.link import Calibrated
from edge.vision.unit import normalise

PRIOR = TopScores(members=90, median=0.336, upper=0.392, deviation=0.10)
DIM = 128


def add(gallery: Gallery, **members: NDArray[np.float32]) -> None:
    gallery.add(
        Template(
            id=f"{name}-1",
            member_id=name,
            consent_id="c",
            model="m",
            vector=vector.astype("<f4").tobytes(),
            quality=1.0,
            made_at=datetime(2026, 11, 23, tzinfo=UTC),
        )
        for name, vector in members.items()
    )


def people(count: int, seed: int = 1) -> dict[str, NDArray[np.float32]]:
    vectors = normalise(np.random.default_rng(seed).normal(size=(count, DIM)).astype(np.float32))
    return {f"m{number:04}": vector for number, vector in enumerate(vectors)}


def taken(gallery: Gallery, given: float | None = None) -> tuple[Calibrated, int]:
    """The answer, and how many turns it took."""
    census = Census(gallery, PRIOR, 0.001, given)
    census.changed(0.0)
    for turn in range(1, 20_000):
        found = census.turn(SETTLED_S)
        if found is not None:
            return found, turn
    raise AssertionError("the census came to no end")


@pytest.mark.parametrize("members", [0, 1])
def test_gallery_of_nobody_and_of_one_are_calibrated_by_the_pack(members: int) -> None:
    gallery = Gallery(DIM, "m")
    add(gallery, **people(members))
    found, _ = taken(gallery)
    assert found.threshold == pytest.approx(prior_threshold(PRIOR, members, 0.001))
    assert (found.members, found.look_alikes) == (members, [])


def test_identical_twins_are_told_as_a_pair_and_raise_no_threshold() -> None:
    single, twins = Gallery(DIM, "m"), Gallery(DIM, "m")
    everyone = people(50)
    add(single, **everyone)
    add(twins, **everyone, twin=everyone["m0000"])
    before, after = taken(single)[0], taken(twins)[0]
    assert after.look_alikes == [("m0000", "twin")]
    assert before.look_alikes == []
    assert after.threshold == pytest.approx(before.threshold, abs=0.005)


def test_two_members_who_are_twins_are_all_there_is() -> None:
    gallery = Gallery(DIM, "m")
    vector = people(1)["m0000"]
    add(gallery, b=vector, a=vector)
    found, _ = taken(gallery)
    assert found.look_alikes == [("a", "b")]
    assert found.threshold == pytest.approx(prior_threshold(PRIOR, 2, 0.001))


def test_the_configured_threshold_is_left_alone() -> None:
    gallery = Gallery(DIM, "m")
    add(gallery, **people(40))
    assert taken(gallery, given=0.61)[0].threshold == 0.61


def test_nothing_is_searched_before_the_gallery_has_settled() -> None:
    gallery = Gallery(DIM, "m")
    add(gallery, **people(3))
    census = Census(gallery, PRIOR, 0.001, None)
    assert census.turn(100.0) is None, "nothing has changed"
    census.changed(100.0)
    assert census.turn(100.0 + SETTLED_S / 2) is None
    census.changed(101.0)
    assert census.turn(100.0 + SETTLED_S) is None, "it changed again"
    assert census.turn(101.0 + SETTLED_S) is not None
    assert census.turn(200.0) is None, "once for each change"


def test_a_member_who_leaves_between_two_turns_is_in_no_pair() -> None:
    gallery = Gallery(DIM, "m")
    everyone = people(3000)
    add(gallery, **everyone, twin=everyone["m0000"])
    census = Census(gallery, PRIOR, 0.001, None)
    census.changed(0.0)
    assert census.turn(SETTLED_S) is None, "so many take several turns"
    gallery.remove("twin")
    census.changed(1.0)
    found = None
    while found is None:
        found = census.turn(1.0 + SETTLED_S)
    assert found.members == 3000
    assert not [pair for pair in found.look_alikes if "twin" in pair]


def test_a_large_gallery_costs_no_more_searches_than_allowed() -> None:
    class Counted(Gallery):
        asked = 0

        def others(self, member_id, k):  # type: ignore[no-untyped-def]
            self.asked += 1
            return super().others(member_id, k)

    gallery = Counted(DIM, "m")
    add(gallery, **people(5000))
    taken(gallery)
    assert 0.8 * room.SEARCHED <= gallery.asked <= room.SEARCHED
