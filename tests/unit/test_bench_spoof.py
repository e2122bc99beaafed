"""APCER and BPCER: what is counted, and how sure one may be of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.bench.spoof import instruments_in, interval, pictures_in, rates, share, summary
from edge.errors import ConfigError

SCORES = st.lists(st.none() | st.floats(0, 1), max_size=20)


def test_errors_are_counted_at_the_threshold_and_the_worst_instrument_decides() -> None:
    attacks = {"print": [0.1, 0.2, 0.9, 0.4], "screen": [0.5, 0.6, None], "mask": []}
    found = summary([0.9, 0.49, 0.5, None], attacks, 0.5)
    assert found["apcer"] == 1.0
    assert found["apcer_by_instrument"] == {"print": 0.25, "screen": 1.0, "mask": None}
    assert found["bpcer"] == pytest.approx(1 / 3, abs=1e-4)
    assert (found["live"], found["attack"]) == (4, 7)
    assert found["bpnrr"] == 0.25
    assert found["apnrr"] == pytest.approx(1 / 7, abs=1e-4)


def test_without_pictures_nothing_is_claimed() -> None:
    assert rates([], {"print": [None]}, 0.5) == {
        "apcer": None,
        "apcer_95": None,
        "bpcer": None,
        "bpcer_95": None,
    }


@given(SCORES, SCORES, st.floats(0, 1), st.floats(0, 1))
def test_a_higher_threshold_trades_one_error_for_the_other(
    live: list[float | None], attack: list[float | None], one: float, other: float
) -> None:
    low, high = sorted((one, other))
    before, after = (rates(live, {"print": attack}, at) for at in (low, high))
    if before["apcer"] is not None:
        assert before["apcer"] >= after["apcer"]
    if before["bpcer"] is not None:
        assert before["bpcer"] <= after["bpcer"]


@given(st.lists(st.booleans(), min_size=1, max_size=50))
def test_an_interval_holds_its_share_and_narrows_with_more_pictures(
    outcomes: list[bool],
) -> None:
    low, high = interval(outcomes) or [0.0, 0.0]
    found = share(outcomes)
    assert found is not None
    assert 0.0 <= low <= found + 1e-4
    assert found - 1e-4 <= high <= 1.0
    closer = interval(outcomes * 4) or [0.0, 0.0]
    assert closer[1] - closer[0] < high - low


def test_three_pictures_prove_little() -> None:
    assert interval([False, False]) == [0.0, 0.6576]


def test_each_folder_is_an_instrument(tmp_path: Path) -> None:
    for name in ("print/a.jpg", "screen/deep/b.PNG", "c.webp", "notes.txt"):
        path = tmp_path / "attack" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    assert set(instruments_in(tmp_path / "attack")) == {"print", "screen", "attack"}


def test_folder_without_pictures_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="holds no JPEG"):
        pictures_in(tmp_path)
