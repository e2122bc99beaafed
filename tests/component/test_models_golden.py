"""Golden vectors: each pack's colour order, alignment and normalisation, pinned.

The samples come inside installed packages. Feeding BGR to a model that wants RGB still gives
embeddings that look right, and was overlooked elsewhere for years: so the swapped picture must
not match, and neither must a face that was not aligned.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from golden.observe import SAMPLES, observe, sample
from numpy.typing import NDArray

from edge.config import INSIGHTFACE_LICENCE
from edge.errors import ModelError
from edge.vision.alignment import CROP_PX
from edge.vision.models import read_manifest
from edge.vision.packs import Pack, load
from edge.vision.sources import fetch

GOLDEN = Path(__file__).parents[1] / "golden"
PACKS = ["yunet-sface", "insightface"]

SAME = 0.999  # another processor's rounding stays far above this
# Measured with channels swapped: 0.89 to 0.96 with either pack.
SWAPPED_BELOW = 0.98


@pytest.fixture(scope="module", params=PACKS)
def pack(
    request: pytest.FixtureRequest, models_dir: Path, require: Callable[[bool, str], None]
) -> Pack:
    try:
        fetch(read_manifest().files_of(request.param), models_dir, lambda what, done, total: None)
    except ModelError as error:
        require(False, f"the model files of {request.param} ({error.message})")
    return load(request.param, models_dir, [INSIGHTFACE_LICENCE])


@pytest.fixture
def golden(pack: Pack) -> dict[str, list[dict[str, list[float]]]]:
    loaded: dict[str, list[dict[str, list[float]]]] = json.loads(
        (GOLDEN / f"{pack.name}.json").read_text()
    )
    return loaded


def pinned(golden: dict[str, list[dict[str, list[float]]]], name: str) -> NDArray[np.float32]:
    return np.array([face["embedding"] for face in golden[name]], np.float32)


def landmarks(
    golden: dict[str, list[dict[str, list[float]]]], name: str
) -> list[NDArray[np.float32]]:
    return [np.array(face["landmarks"], np.float32).reshape(5, 2) for face in golden[name]]


@pytest.mark.parametrize("name", SAMPLES)
def test_faces_lie_where_they_did(
    pack: Pack, golden: dict[str, list[dict[str, list[float]]]], name: str
) -> None:
    seen = observe(pack, name)
    assert len(seen) == len(golden[name])
    for face, expected in zip(seen, golden[name], strict=True):
        assert face["box"] == pytest.approx(expected["box"], abs=0.5)
        assert face["landmarks"] == pytest.approx(expected["landmarks"], abs=0.5)


@pytest.mark.parametrize("name", SAMPLES)
def test_embeddings_are_what_they_were(
    pack: Pack, golden: dict[str, list[dict[str, list[float]]]], name: str
) -> None:
    embeddings = pack.embed(sample(name), landmarks(golden, name))
    assert embeddings.shape == (len(golden[name]), pack.dim)
    assert embeddings.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(embeddings, axis=1), 1.0, atol=1e-5)
    cosines = np.sum(embeddings * pinned(golden, name), axis=1)
    assert cosines.min() > SAME


def test_swapped_channels_do_not_match(
    pack: Pack, golden: dict[str, list[dict[str, list[float]]]]
) -> None:
    swapped = np.ascontiguousarray(sample("group")[:, :, ::-1])
    embeddings = pack.embed(swapped, landmarks(golden, "group"))
    cosines = np.sum(embeddings * pinned(golden, "group"), axis=1)
    assert cosines.max() < SWAPPED_BELOW


def test_face_that_was_not_aligned_does_not_match(
    pack: Pack, golden: dict[str, list[dict[str, list[float]]]]
) -> None:
    left, top, right, bottom = (round(x) for x in golden["astronaut"][0]["box"])
    side = max(right - left, bottom - top)
    square = sample("astronaut")[top : top + side, left : left + side]
    rows = np.arange(CROP_PX) * side // CROP_PX
    plain = np.ascontiguousarray(square[rows][:, rows])
    cosine = float(pack.embed_aligned([plain])[0] @ pinned(golden, "astronaut")[0])
    assert cosine < 0.9


def test_people_of_one_photograph_are_told_apart(
    pack: Pack, golden: dict[str, list[dict[str, list[float]]]]
) -> None:
    vectors = pinned(golden, "group")
    cosines = vectors @ vectors.T - np.eye(len(vectors))
    assert cosines.max() < pack.threshold


def test_no_face_gives_no_embedding(pack: Pack) -> None:
    empty = np.full((96, 128, 3), 120, np.uint8)
    assert len(pack.detect(empty)) == 0
    assert pack.embed(empty, []).shape == (0, pack.dim)
