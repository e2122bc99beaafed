"""A person or a picture of one: what the networks say, how they are fed, and what comes of it.

Their files and the three photographs lie in ``shared/data/spoof``: one person, one face on paper,
one on a phone.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import onnx
import pytest
from component.door_scene import Door, Person, Picture, default_pack, sightings
from numpy.typing import NDArray

from edge.errors import ModelError
from edge.vision import presentation
from edge.vision.execution import OnnxRunner
from edge.vision.models import ModelFile, read_manifest, verify
from edge.vision.packs import Pack
from edge.vision.presentation import AttackCheck, Jury, MiniFasNet, surroundings
from edge.vision.sources import fetch

GOLDEN = {  # how likely a person is there, by V2 and V1SE as published
    "image_T1": (0.9998, 1.0000),
    "image_F1": (0.0180, 0.4392),
    "image_F2": (0.0005, 0.0056),
}
SAME = 0.01
PERSON, ON_PAPER, ON_A_PHONE = GOLDEN
THRESHOLD = read_manifest().presentation_attack.calibration.threshold


@pytest.fixture(scope="module")
def pack(models_dir: Path) -> Pack:
    return default_pack(models_dir)


@pytest.fixture(scope="module")
def attack_models(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which somebody copied the files by hand."""
    folder = tmp_path_factory.mktemp("models")
    for file in read_manifest().attack_files():
        shutil.copy(shared_data / "spoof" / file.name, folder)
    return folder


@pytest.fixture(scope="module")
def jury(attack_models: Path, pack: Pack) -> Jury:
    return presentation.load(attack_models, pack.detector)


@pytest.fixture(scope="module")
def photo(shared_data: Path) -> Callable[[str], Picture]:
    def read(name: str) -> Picture:
        return np.asarray(cv2.imread(str(shared_data / "spoof" / f"{name}.jpg")), np.uint8)

    return read


def face(pack: Pack, picture: Picture) -> NDArray[np.float32]:
    return np.asarray(pack.detect(picture).boxes[0], np.float32)


def published(file: ModelFile, folder: Path) -> MiniFasNet:
    return MiniFasNet(OnnxRunner(verify(file, folder)), file.input)


@pytest.mark.parametrize("name", GOLDEN)
def test_published_networks_say_what_they_said(
    name: str, attack_models: Path, pack: Pack, photo: Callable[[str], Picture]
) -> None:
    picture = photo(name)
    for file, score in zip(read_manifest().attack_files(), GOLDEN[name], strict=True):
        network = published(file, attack_models)
        assert network.bona_fide(picture, face(pack, picture)) == pytest.approx(score, abs=SAME)


@pytest.mark.parametrize("name", GOLDEN)
def test_networks_as_they_run_here_agree_and_tell_person_from_picture(
    name: str, jury: Jury, pack: Pack, photo: Callable[[str], Picture]
) -> None:
    picture = photo(name)
    score = jury.bona_fide(picture, face(pack, picture))
    assert score == pytest.approx(sum(GOLDEN[name]) / 2, abs=SAME)
    assert (score >= THRESHOLD) == (name == PERSON)


def test_swapped_colours_would_let_pictures_pass(
    jury: Jury, pack: Pack, photo: Callable[[str], Picture]
) -> None:
    """What an RGB picture fed by mistake looks like: the golden values above catch it."""
    picture = photo(ON_A_PHONE)
    box = face(pack, picture)
    assert jury.bona_fide(np.ascontiguousarray(picture[:, :, ::-1]), box) > 0.9


def test_release_upstream_differs_from_the_copy_only_in_its_free_batch(
    attack_models: Path,
) -> None:
    """Both hashes of the manifest are of one network: naming the batch gives the other file."""
    for file in read_manifest().attack_files():
        model = onnx.load(file.path(attack_models))
        for value in (*model.graph.input, *model.graph.output):
            value.type.tensor_type.shape.dim[0].dim_param = "batch_size"
        assert hashlib.sha256(model.SerializeToString()).hexdigest() == file.also_sha256


def test_files_copied_by_hand_are_verified_and_not_fetched(
    attack_models: Path, tmp_path: Path
) -> None:
    files = read_manifest().attack_files()
    assert fetch(files, attack_models, lambda *step: None) == [f.path(attack_models) for f in files]
    for file in files:
        shutil.copy(file.path(attack_models), tmp_path)
    altered = files[0].path(tmp_path)
    altered.write_bytes(altered.read_bytes() + b"!")
    with pytest.raises(ModelError, match=r"MiniFASNetV2\.onnx is not the published one"):
        fetch(files, tmp_path, lambda *step: None)


def test_surroundings_stay_in_the_picture_and_keep_the_shape_of_the_face() -> None:
    picture = np.arange(100 * 200 * 3, dtype=np.uint32).reshape(100, 200, 3).astype(np.uint8)
    for left, top, size, times in ((90, 40, 20, 2.7), (0, 0, 30, 4.0), (150, 60, 40, 4.0)):
        box = np.array([left, top, left + size, top + size], np.float32)
        seen = surroundings(picture, box, times)
        side = min(size * times, 99)
        assert abs(seen.shape[0] - side) <= 2
        assert abs(seen.shape[1] - side) <= 2


# --- at the door -----------------------------------------------------------------------


class Scripted:
    """Gives the scores it is told to give, and counts."""

    def __init__(self, *scores: float) -> None:
        self.scores = list(scores)
        self.asked = 0

    def bona_fide(self, bgr: NDArray[np.uint8], box: NDArray[np.float32]) -> float:
        self.asked += 1
        return self.scores.pop(0) if len(self.scores) > 1 else self.scores[0]


def drifting(picture: Picture, frames: int) -> list[Picture]:
    return [np.roll(picture, 2 * number, axis=1) for number in range(frames)]


@pytest.mark.parametrize("name", GOLDEN)
def test_face_held_up_at_the_door_is_seen_through_and_a_person_is_not(
    name: str, jury: Jury, pack: Pack, photo: Callable[[str], Picture]
) -> None:
    door = Door(pack, attacks=AttackCheck(jury, pack.threshold))
    picture = photo(name)
    door.enrol(Person("them", [cv2.imencode(".png", picture)[1].tobytes()]), "them")
    seen = sightings(door.show(drifting(picture, 12)))
    assert seen
    assert all(s.candidates[0].score >= pack.threshold for s in seen)
    assert {s.bona_fide is not None and s.bona_fide >= THRESHOLD for s in seen} == {name == PERSON}


def test_only_shots_that_would_raise_an_alert_are_checked(
    pack: Pack, photo: Callable[[str], Picture]
) -> None:
    network = Scripted(0.9)
    door = Door(pack, attacks=AttackCheck(network, pack.threshold))
    stranger = sightings(door.show(drifting(photo(PERSON), 12)))
    assert stranger
    assert network.asked == 0
    assert {sighting.bona_fide for sighting in stranger} == {None}


def test_each_further_shot_counts(pack: Pack, photo: Callable[[str], Picture]) -> None:
    network = Scripted(0.0, 1.0)
    door = Door(pack, attacks=AttackCheck(network, pack.threshold))
    picture = photo(PERSON)
    door.enrol(Person("them", [cv2.imencode(".png", picture)[1].tobytes()]), "them")
    scores = [s.bona_fide for s in sightings(door.show(drifting(picture, 40)))]
    assert scores[0] == 0.0
    assert scores[-1] is not None
    assert scores[-1] > 0.5


def test_face_that_a_change_of_the_gallery_brings_near_is_checked_at_its_next_shot(
    pack: Pack, photo: Callable[[str], Picture]
) -> None:
    network = Scripted(0.9)
    door = Door(pack, attacks=AttackCheck(network, pack.threshold))
    picture = photo(PERSON)
    door.show(drifting(picture, 60))
    door.enrol(Person("them", [cv2.imencode(".png", picture)[1].tobytes()]), "them")
    assert network.asked == 0
    door.show(drifting(picture, 60)[30:40])
    assert network.asked >= 1
