"""The compressed search: its answer is that of a plain one, and its bound holds."""

from __future__ import annotations

import gc
import sys
from datetime import UTC, datetime

import numpy as np
import pytest
from cryptography.exceptions import InvalidTag
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from edge.domain import Template
from edge.vision.compressed import BLOCK, CompressedRows
from edge.vision.gallery import Gallery
from edge.vision.sealed import SealedRows
from edge.vision.unit import normalise

Vectors = NDArray[np.float32]
DIM = 24


@st.composite
def crowds(draw: st.DrawFn) -> Vectors:
    """Unit rows, float32 [1 to 300, DIM]: scattered, or all alike, with duplicates and spikes."""
    dice = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    spread = draw(st.sampled_from([1.0, 0.1, 1e-3, 1e-6]))
    vectors = dice.standard_normal(DIM) + spread * dice.standard_normal(
        (draw(st.integers(1, 300)), DIM)
    )
    for row in draw(st.lists(st.integers(0, len(vectors) - 1), max_size=8)):
        vectors[row] = vectors[0]
    for row in draw(st.lists(st.integers(0, len(vectors) - 1), max_size=3)):
        vectors[row] = np.eye(DIM)[row % DIM] + spread * 0.01 * dice.standard_normal(DIM)
    return normalise(vectors.astype(np.float32))


@given(crowds(), st.integers(0, 99), st.integers(1, 12), st.booleans())
def test_compressed_search_gives_the_scores_of_a_plain_one(
    vectors: Vectors, seed: int, k: int, near: bool
) -> None:
    rows, probe = CompressedRows(DIM), _probe(vectors, seed, near)
    rows.write(0, vectors)
    exact = vectors.astype(np.float64) @ probe
    k = min(k, len(vectors))
    found, scores = rows.search(probe, len(vectors), k)
    assert scores.tolist() == pytest.approx(np.sort(exact)[::-1][:k].tolist(), abs=1e-12)
    assert scores == pytest.approx(exact[found], abs=1e-12)
    assert len(set(found.tolist())) == k


@given(crowds(), st.integers(0, 99), st.booleans())
def test_estimate_is_never_further_off_than_its_bound(
    vectors: Vectors, seed: int, near: bool
) -> None:
    rows, probe = CompressedRows(DIM), _probe(vectors, seed, near)
    rows.write(0, vectors)
    estimates, bound = rows.estimate(probe, len(vectors))
    assert np.abs(estimates - vectors.astype(np.float64) @ probe).max() <= bound


@settings(max_examples=60)
@given(
    st.lists(
        st.tuples(st.booleans(), st.integers(0, 15), st.lists(st.integers(0, 9), max_size=3)),
        max_size=50,
    ),
    st.integers(0, 8),
    st.integers(0, 99),
    st.integers(1, 20),
)
def test_gallery_agrees_with_a_plain_one_whenever_it_grows_large(
    steps: list[tuple[bool, int, list[int]]], large: int, seed: int, k: int
) -> None:
    gallery = Gallery(DIM, "sface", large=large)
    plain: dict[str, dict[int, Vectors]] = {}
    for adding, who, photos in steps:
        member = f"m{who}"
        if adding:
            gallery.add([_template(member, photo) for photo in photos])
            plain.setdefault(member, {}).update({p: _face(member, p) for p in photos})
        else:
            gallery.remove(member)
            plain.pop(member, None)
    probe = _face("m3", seed)
    expected = {
        m: float(normalise(np.mean([*v.values()], axis=0)) @ probe) for m, v in plain.items() if v
    }
    found = gallery.search(probe, k)
    assert len(gallery) == len(expected)
    assert [c.score for c in found] == pytest.approx(
        sorted(expected.values(), reverse=True)[:k], abs=1e-5
    )
    assert all(c.score == pytest.approx(expected[c.member_id], abs=1e-5) for c in found)


def test_rows_of_several_blocks_are_found_and_moved() -> None:
    dice = np.random.default_rng(5)
    vectors = normalise(dice.standard_normal((BLOCK + 300, DIM)).astype(np.float32))
    rows = CompressedRows(DIM)
    rows.write(0, vectors[: BLOCK - 100])
    rows.write(BLOCK - 100, vectors[BLOCK - 100 :])
    for wanted in (0, BLOCK - 101, BLOCK - 1, BLOCK, BLOCK + 299):
        assert rows.search(vectors[wanted], len(vectors), 1)[0].tolist() == [wanted]
    rows.move(BLOCK + 299, 7)
    assert rows.search(vectors[BLOCK + 299], BLOCK + 299, 1)[0].tolist() == [7]
    best, _ = rows.search(vectors[7], BLOCK + 299, 1)
    assert best.tolist() != [7], "the row that was replaced is still found"


def test_twins_are_told_apart_by_what_the_codes_cannot_hold() -> None:
    one = normalise(np.random.default_rng(1).standard_normal((1, DIM)).astype(np.float32))
    other = normalise(one + np.float32(1e-5) * np.eye(DIM, dtype=np.float32)[:1])
    rows = CompressedRows(DIM)
    rows.write(0, np.concatenate([one, other]))
    away = normalise(other + 100 * (other - one))[0]
    found, scores = rows.search(away, 2, 2)
    assert found.tolist() == [1, 0]
    assert scores[0] > scores[1]


def test_large_gallery_forgets_a_removed_member_everywhere() -> None:
    gallery = Gallery(DIM, "sface", large=0)
    gallery.add([_template("a", 1), _template("b", 1)])
    gallery.remove("b")
    rows = gallery._rows
    assert isinstance(rows, CompressedRows)
    assert not rows._codes[0][1].any()
    with pytest.raises(InvalidTag):
        rows.read(1)


def test_large_gallery_leaves_out_templates_of_another_model() -> None:
    gallery = Gallery(DIM, "sface", large=0)
    assert gallery.add([_template("a", 1), _template("b", 1, model="w600k-mbf")]) == 1
    assert [c.member_id for c in gallery.search(_face("b", 1))] == ["a"]


def test_refused_templates_change_nothing() -> None:
    gallery = Gallery(2 * DIM, "sface")
    with pytest.raises(ValueError, match="48 numbers expected"):
        gallery.add([_template("a", 1)])
    assert len(gallery) == 0


def test_sealed_rows_are_not_on_disk_in_the_clear() -> None:
    sealed, vectors = SealedRows(DIM), normalise(np.ones((3, DIM), np.float32))
    sealed.write(0, vectors)
    sealed._file.seek(0)
    assert vectors[0].tobytes()[:8] not in (sealed._file.read() or b"")
    assert np.array_equal(sealed.read(np.array([2, 0])), vectors[:2])


def test_searching_leaks_no_reference() -> None:
    """With ``out=``, simsimd 6.5 loses one to None a call: a process would die of it in days."""
    rows, probe = CompressedRows(DIM), _face("a", 1)
    rows.write(0, probe[None])
    gc.collect()  # what earlier tests left behind refers to None as well, and goes at any moment
    before = sys.getrefcount(None)
    for _ in range(500):
        rows.search(probe, 1, 1)
    assert abs(sys.getrefcount(None) - before) < 100


def _probe(vectors: Vectors, seed: int, near: bool) -> Vectors:
    probe = np.random.default_rng(seed).standard_normal(DIM).astype(np.float32)
    if near:
        probe = vectors[seed % len(vectors)] + np.float32(0.01) * probe
    return np.asarray(normalise(probe[None])[0], np.float32)


def _face(member: str, photo: int) -> Vectors:
    dice = np.random.default_rng([*member.encode(), photo])
    return np.asarray(normalise(dice.standard_normal((1, DIM)).astype(np.float32))[0], np.float32)


def _template(member: str, photo: int, model: str = "sface") -> Template:
    return Template(
        id=f"{member}-{photo}",
        member_id=member,
        consent_id="consent",
        model=model,
        vector=_face(member, photo).tobytes(),
        quality=1.0,
        made_at=datetime(2026, 1, 1, tzinfo=UTC),
    )
