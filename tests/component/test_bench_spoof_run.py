"""``bench spoof`` on the few photographs there are: the keys of its answer, and what it says."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from edge.bench.spoof import run
from edge.vision.models import read_manifest

THRESHOLD = read_manifest().presentation_attack.calibration.threshold


def quiet(what: str, done: int, total: int) -> None:
    """Nobody watches."""


@pytest.fixture
def all_models(models_dir: Path, shared_data: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "models"
    folder.mkdir()
    manifest = read_manifest()
    for file in manifest.files_of("yunet-sface"):
        shutil.copy(file.path(models_dir), folder)
    for file in manifest.attack_files():
        shutil.copy(shared_data / "spoof" / file.name, folder)
    return folder


@pytest.fixture
def live(shared_data: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "live"
    folder.mkdir()
    shutil.copy(shared_data / "spoof" / "image_T1.jpg", folder)
    return folder


def test_pictures_held_up_are_told_from_the_person(
    all_models: Path, live: Path, shared_data: Path, tmp_path: Path
) -> None:
    for kind, name in (("print", "image_F1.jpg"), ("screen", "image_F2.jpg")):
        (tmp_path / "attack" / kind).mkdir(parents=True)
        shutil.copy(shared_data / "spoof" / name, tmp_path / "attack" / kind)
    found = run(live, tmp_path / "attack", all_models, THRESHOLD, 48, quiet)
    assert (found["attacks"], found["live"], found["attack"]) == ("recorded", 1, 2)
    assert (found["apcer"], found["bpcer"]) == (0.0, 0.0)
    assert found["apcer_by_instrument"] == {"print": 0.0, "screen": 0.0}
    assert found["table"][0]["threshold"] == 0.1


def test_attacks_that_are_simulated_are_called_so(all_models: Path, live: Path) -> None:
    found = run(live, None, all_models, THRESHOLD, 48, quiet)
    assert (found["attacks"], found["attack"]) == ("simulated", 2)
    assert set(found["apcer_by_instrument"]) == {"simulated print", "simulated screen"}
