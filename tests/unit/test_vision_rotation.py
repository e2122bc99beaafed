"""The secret rotation: keeps every angle, is the same every time, and shares nothing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.rules.rotation import orthogonal

secrets = st.binary(min_size=32, max_size=32)
dims = st.sampled_from([2, 8, 128])


@given(secrets, dims)
def test_rotation_is_orthogonal(secret: bytes, dim: int) -> None:
    rotation = orthogonal(secret, dim)
    assert rotation.dtype == np.float32
    np.testing.assert_allclose(rotation @ rotation.T, np.eye(dim), atol=1e-5)


@given(secrets, st.integers(0, 2**32 - 1))
def test_rotation_keeps_the_cosine_of_two_embeddings(secret: bytes, seed: int) -> None:
    pair = np.random.default_rng(seed).normal(size=(2, 128)).astype(np.float32)
    pair /= np.linalg.norm(pair, axis=1, keepdims=True)
    rotated = pair @ orthogonal(secret, 128).T
    assert float(rotated[0] @ rotated[1]) == pytest.approx(float(pair[0] @ pair[1]), abs=1e-5)


def test_one_secret_gives_one_rotation_on_every_machine() -> None:
    """Templates on disk would match nobody if a new version of a library changed this."""
    rotation = orthogonal(bytes(range(32)), 8)
    assert np.array_equal(rotation, orthogonal(bytes(range(32)), 8))
    first_row = [-0.65, -0.029, -0.018, -0.437, -0.225, 0.497, 0.219, 0.199]
    np.testing.assert_allclose(rotation[0], first_row, atol=1e-3)


def test_templates_of_two_stores_cannot_be_compared() -> None:
    faces = np.random.default_rng(1).normal(size=(200, 128)).astype(np.float32)
    faces /= np.linalg.norm(faces, axis=1, keepdims=True)
    here = faces @ orthogonal(b"a" * 32, 128).T
    there = faces @ orthogonal(b"b" * 32, 128).T
    cosines = np.sum(here * there, axis=1)
    # Unrelated directions in 128 dimensions: standard deviation 1 / sqrt(128) = 0.088.
    assert np.abs(cosines).mean() < 0.11
    assert np.abs(cosines).max() < 0.4


@given(secrets)
def test_dimensions_of_one_secret_do_not_share_numbers(secret: bytes) -> None:
    """A 512-d rotation must not hold the 128-d one of the same store."""
    assert not np.allclose(np.abs(orthogonal(secret, 2)), np.abs(orthogonal(secret, 8)[:2, :2]))
