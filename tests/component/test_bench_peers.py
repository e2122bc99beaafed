"""Peers in the benchmarks: the real packages on our files, without a download or a trace."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from golden.observe import sample
from numpy.typing import NDArray

from edge.bench.peers import (
    AS_IT_COMES,
    BEST_OF,
    PEERS,
    Face,
    Setting,
    Templates,
    enroll,
    middle_face,
    opened,
    pack_of,
)
from edge.config import INSIGHTFACE_LICENCE
from edge.errors import ConfigError, ModelError
from edge.vision.models import read_manifest
from edge.vision.sources import fetch

ACCEPTED = [INSIGHTFACE_LICENCE]

# InsightFace aligns faces by a function that scikit-image is about to rename.
pytestmark = pytest.mark.filterwarnings("ignore:`estimate` is deprecated:FutureWarning")


@pytest.fixture(scope="module", params=PEERS)
def peer_name(
    request: pytest.FixtureRequest, models_dir: Path, require: Callable[[bool, str], None]
) -> str:
    try:
        files = read_manifest().files_of(pack_of(request.param))
        fetch(files, models_dir, lambda what, done, total: None)
    except ModelError as error:
        require(False, f"the model files of {request.param} ({error.message})")
    return str(request.param)


@pytest.mark.parametrize("setting", [AS_IT_COMES, *BEST_OF], ids=lambda setting: setting.name)
def test_the_people_of_a_group_are_found_and_told_apart_at_every_setting(
    peer_name: str, setting: Setting, models_dir: Path
) -> None:
    picture = sample("group")
    with opened(peer_name, setting, models_dir, ACCEPTED) as peer:
        faces, again = peer.faces(picture), peer.faces(smaller(picture))
    assert len(faces) == len(again) == 6
    faces, again = left_to_right(faces), left_to_right(again)
    scores = np.array([[a.embedding @ b.embedding for b in again] for a in faces])
    assert scores.argmax(axis=1).tolist() == list(range(6))
    assert scores.diagonal().min() > peer.threshold
    assert (scores - 2 * np.eye(6)).max() < peer.threshold
    assert np.allclose([np.linalg.norm(face.embedding) for face in faces], 1.0, atol=1e-5)


def test_a_peer_leaves_no_file_behind(
    peer_name: str, models_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, scratch = tmp_path / "home", tmp_path / "scratch"
    home.mkdir()
    scratch.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    before = sorted(models_dir.iterdir())
    with opened(peer_name, AS_IT_COMES, models_dir, ACCEPTED) as peer:
        assert peer.faces(sample("astronaut"))
    assert not list(home.iterdir())
    assert not list(scratch.iterdir())
    assert sorted(models_dir.iterdir()) == before


def test_insightface_wants_its_licence_accepted_by_name(models_dir: Path) -> None:
    with (
        pytest.raises(ModelError, match=INSIGHTFACE_LICENCE),
        opened("insightface", AS_IT_COMES, models_dir, ["MIT"]),
    ):
        pass


def test_a_peer_that_is_not_known_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="choose one of insightface, plain"):
        opened("facebook", AS_IT_COMES, tmp_path)


def test_nobody_is_nearest_in_an_empty_gallery() -> None:
    assert Templates([], []).nearest(face(0, 1.0)) is None


def test_the_middle_face_is_enrolled_and_the_nearest_template_names() -> None:
    photo = cv2.imencode(".jpg", np.zeros((100, 100, 3), np.uint8))[1].tobytes()
    in_turn = iter([[face(0, 0.0), face(40, 1.0)], [], [face(40, 0.5)], [face(40, -1.0)]])

    class InTurn:
        threshold = 0.5

        def faces(self, bgr: NDArray[np.uint8]) -> list[Face]:
            return next(in_turn)

    templates = enroll(InTurn(), {"ada": [photo, photo, photo], "ben": [photo]})
    assert templates.names == ("ada", "ada", "ben")
    match = templates.nearest(face(0, 0.9))
    assert match is not None
    assert (match.name, round(match.score, 3)) == ("ada", 0.995)


def test_no_face_is_in_the_middle_of_a_picture_without_one() -> None:
    assert middle_face([], 10, 10) is None


def face(left: float, angle: float) -> Face:
    """A face 20 px wide at the left edge given, whose embedding points into this direction."""
    box = np.array([left, 40, left + 20, 60], np.float32)
    return Face(box, np.array([np.cos(angle), np.sin(angle)], np.float32))


def smaller(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.asarray(cv2.resize(picture, None, fx=0.8, fy=0.8), np.uint8)


def left_to_right(faces: list[Face]) -> list[Face]:
    return sorted(faces, key=lambda found: float(found.box[0]))
