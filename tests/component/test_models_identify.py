"""``bench identify`` on a few people: the rules of the protocol and the keys of its answer."""

from __future__ import annotations

import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge.bench.identify import run
from edge.bench.open_set import sort_people, threshold_at
from edge.errors import ConfigError

KEYS = [
    "gallery",
    "probes",
    "impostors",
    "shots",
    "rank1",
    "tpir_at_fpir_1e2",
    "tpir_at_fpir_1e3",
    "missed_at_fpir_1e2",
    "missed_at_fpir_1e3",
    "threshold_at_fpir_1e2",
    "threshold_at_fpir_1e3",
    "images_per_s",
]


def quiet(what: str, done: int, total: int) -> None:
    """Nobody watches."""


@pytest.fixture
def few(shared_data: Path, tmp_path: Path) -> Path:
    """Eight members with four photos or more, and twelve strangers."""
    people = sorted((shared_data / "faces-dev").iterdir())
    members = [p for p in people if len(list(p.iterdir())) > 3][:8]
    strangers = [p for p in people if len(list(p.iterdir())) == 1][:12]
    for person in members + strangers:
        shutil.copytree(person, tmp_path / person.name)
    return tmp_path


def test_benchmark_answers_with_the_keys_that_were_agreed(few: Path, models_dir: Path) -> None:
    result = run(few, 3, "yunet-sface", models_dir, quiet)
    assert list(result) == KEYS
    assert (result["gallery"], result["impostors"], result["shots"]) == (8, 12, 3)
    assert result["rank1"] == 1.0
    assert result["tpir_at_fpir_1e2"] > 0.9
    assert 0.0 < result["threshold_at_fpir_1e2"] < 0.5


def test_peer_is_measured_on_the_same_photos_in_the_same_run(few: Path, models_dir: Path) -> None:
    result = run(few, 3, "yunet-sface", models_dir, quiet, peer="plain")
    assert result["peer"] == "plain"
    assert result["peer_rank1"] == 1.0
    for rate in ("tpir_at_fpir_1e2", "tpir_at_fpir_1e3", "threshold_at_fpir_1e2"):
        assert f"peer_{rate}" in result
    assert result["missed_at_fpir_1e2"] <= result["peer_missed_at_fpir_1e2"]


def test_probe_without_a_face_is_a_miss_and_a_blank_enrollment_photo_is_left_out(
    few: Path, models_dir: Path
) -> None:
    person = sort_people(few, 3).probes[0][0]
    blank = cv2.imencode(".jpg", np.full((250, 250, 3), 90, np.uint8))[1].tobytes()
    before = run(few, 3, "yunet-sface", models_dir, quiet)
    (few / person / "zzzz.jpg").write_bytes(blank)
    probe = run(few, 3, "yunet-sface", models_dir, quiet)
    assert probe["probes"] == before["probes"] + 1
    assert probe["rank1"] == pytest.approx(before["probes"] / probe["probes"], abs=1e-4)
    (few / person / "0000.jpg").write_bytes(blank)
    enrolled = run(few, 3, "yunet-sface", models_dir, quiet)
    assert enrolled["gallery"] == 8


def test_demo_faces_take_part_where_there_is_no_folder(models_dir: Path) -> None:
    result = run(None, 3, "yunet-sface", models_dir, quiet)
    assert list(result) == KEYS
    assert result["gallery"] == result["probes"] > 0
    assert result["impostors"] > 0
    assert result["rank1"] == 1.0


def test_folder_without_strangers_is_refused(tmp_path: Path) -> None:
    (tmp_path / "only").mkdir()
    with pytest.raises(ConfigError, match=r"check --faces and --shots"):
        sort_people(tmp_path, 3)


def test_first_photos_are_enrolled_and_people_between_are_left_out(tmp_path: Path) -> None:
    for name, count in (("a", 4), ("b", 1), ("c", 3)):
        (tmp_path / name).mkdir()
        for i in range(count):
            (tmp_path / name / f"{i}.jpg").touch()
    people = sort_people(tmp_path, 3)
    assert [path.name for path in people.enrolled["a"]] == ["0.jpg", "1.jpg", "2.jpg"]
    assert [(who, path.name) for who, path in people.probes] == [("a", "3.jpg")]
    assert [path.parent.name for path in people.strangers] == ["b"]


@pytest.mark.parametrize(("fpir", "named"), [(0.01, 10), (0.001, 1), (0.0001, 0)])
def test_no_more_strangers_exceed_the_threshold_than_allowed(fpir: float, named: int) -> None:
    alarms = np.random.default_rng(4).normal(0.3, 0.05, 1000)
    assert (alarms > threshold_at(alarms, fpir)).sum() == named
