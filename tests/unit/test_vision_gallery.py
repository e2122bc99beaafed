"""The gallery: one row for each member, changed in place, true to a plain search."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from edge.domain import Template
from edge.vision.exact import ExactRows
from edge.vision.gallery import Gallery
from edge.vision.unit import normalise

DIM = 16


def unit(seed: int) -> NDArray[np.float32]:
    vector = np.random.default_rng(seed).normal(size=DIM).astype(np.float32)
    return np.asarray(vector / np.linalg.norm(vector), np.float32)


def template(member: str, seed: int, model: str = "sface") -> Template:
    return Template(
        id=f"{member}-{seed}",
        member_id=member,
        consent_id="consent",
        model=model,
        vector=unit(seed).tobytes(),
        quality=1.0,
        made_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


members = st.sampled_from([f"m{i}" for i in range(12)])
changes = st.lists(
    st.one_of(
        st.tuples(st.just("add"), members, st.integers(0, 30)),
        st.tuples(st.just("remove"), members, st.just(0)),
    ),
    max_size=60,
)


@given(changes, st.integers(0, 99), st.integers(1, 6))
def test_search_agrees_with_a_plain_one_after_any_changes(
    steps: list[tuple[str, str, int]], probe_seed: int, k: int
) -> None:
    gallery, plain = Gallery(DIM, "sface"), dict[str, dict[int, NDArray[np.float32]]]()
    for kind, member, seed in steps:
        if kind == "add":
            gallery.add([template(member, seed)])
            plain.setdefault(member, {})[seed] = unit(seed)
        else:
            gallery.remove(member)
            plain.pop(member, None)
    probe = unit(probe_seed + 1000)
    expected = {
        m: float(normalise(np.mean(list(v.values()), axis=0)) @ probe) for m, v in plain.items()
    }
    found = gallery.search(probe, k)
    assert len(found) == min(k, len(plain))
    assert [c.score for c in found] == pytest.approx(
        sorted(expected.values(), reverse=True)[:k], abs=1e-5
    )
    assert all(c.score == pytest.approx(expected[c.member_id], abs=1e-5) for c in found)


def test_gallery_grows_past_its_first_capacity() -> None:
    gallery = Gallery(DIM, "sface")
    gallery.add(template(f"member-{i}", i) for i in range(500))
    assert len(gallery) == 500
    assert gallery.search(unit(321), k=1)[0].member_id == "member-321"


def test_template_of_another_model_is_left_out_and_counted() -> None:
    gallery = Gallery(DIM, "sface")
    assert gallery.add([template("a", 1), template("b", 2, model="w600k-mbf")]) == 1
    assert [c.member_id for c in gallery.search(unit(2))] == ["a"]


def test_template_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="32 numbers expected"):
        Gallery(32, "sface").add([template("a", 1)])


def test_removed_member_leaves_no_number_in_memory() -> None:
    gallery = Gallery(DIM, "sface")
    gallery.add([template("a", 1), template("b", 2)])
    gallery.remove("a")
    assert [c.member_id for c in gallery.search(unit(1))] == ["b"]
    rows = gallery._rows
    assert isinstance(rows, ExactRows)
    assert not np.isclose(rows.matrix @ unit(1), 1.0).any()


def test_template_added_twice_counts_once() -> None:
    once, twice = Gallery(DIM, "sface"), Gallery(DIM, "sface")
    once.add([template("a", 1), template("a", 2)])
    twice.add([template("a", 1), template("a", 2), template("a", 2)])
    assert once.search(unit(5)) == twice.search(unit(5))


def test_empty_gallery_finds_nobody() -> None:
    assert Gallery(DIM, "sface").search(unit(1)) == ()
