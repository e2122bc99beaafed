"""A way of running a model that fails at work: the next takes over, and everybody is told."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from component.door_scene import Door, people, scene, sightings, walk
from numpy.typing import NDArray
from structlog.testing import capture_logs

from edge.errors import ModelError
from edge.vision.execution import Answers, Execution, OnnxRuntime, OpenVino, Runner, Unusable
from edge.vision.models import ModelFile, read_manifest
from edge.vision.packs import Pack, load
from edge.vision.preparation import seal


class Failing:
    """A way that is fast and right until it is told to fail, as a driver may."""

    def __init__(self, name: str = "failing") -> None:
        self.name = name
        self.fails = False
        self.forgotten: list[str] = []

    def load(self, file: ModelFile, source: Path) -> Runner:
        if self.fails:
            raise Unusable("the driver is gone")
        return FailingRunner(self, OnnxRuntime().load(file, source))

    def forget(self, file: ModelFile, source: Path) -> None:
        self.forgotten.append(file.name)


class FailingRunner:
    """Answers from memory, so that it is faster than any other; then not at all."""

    def __init__(self, way: Failing, honest: Runner) -> None:
        self._way = way
        self._honest = honest
        self._known: dict[bytes, Answers] = {}

    def run(self, blob: NDArray[np.float32]) -> Answers:
        if self._way.fails:
            raise Unusable("the driver is gone")
        key = blob.tobytes()
        if key not in self._known:
            self._known[key] = self._honest.run(blob)
        return [answer.copy() for answer in self._known[key]]


@pytest.fixture
def own_models(models_dir: Path, tmp_path: Path) -> Path:
    """The published files in a folder without prepared copies."""
    for file in read_manifest().files_of("yunet-sface"):
        shutil.copy(file.path(models_dir), tmp_path)
    return tmp_path


def pack_on(models_dir: Path, *executions: Execution) -> Pack:
    return load("yunet-sface", models_dir, [], executions)


def taken(pack: Pack) -> set[str]:
    return {choice.taken for choice in pack.choices}


def test_next_way_takes_over_at_work_and_the_gallery_is_kept(own_models: Path) -> None:
    way = Failing()
    pack = pack_on(own_models, OnnxRuntime(), way)
    assert taken(pack) == {"failing"}
    door, (person, *_) = Door(pack), people(pack)
    door.enrol(person, "ada")
    before = sightings(door.show(walk(person, 10)))
    door.show([scene()] * 30)  # whoever comes now is photographed anew
    way.fails = True
    with capture_logs() as logs:
        after = sightings(door.show(walk(person, 60)))
    assert after
    assert {s.candidates[0].member_id for s in before + after} == {"ada"}
    assert taken(pack) == {"onnxruntime f32"}
    failures = [entry for entry in logs if entry["event"] == "model execution failed"]
    assert len(failures) == len(pack.choices), "once for each model"
    assert {entry["now"] for entry in failures} == {"onnxruntime f32"}


def test_way_that_failed_is_named_with_its_reason_now_and_after_a_restart(
    own_models: Path,
) -> None:
    way = Failing()
    pack = pack_on(own_models, OnnxRuntime(), way)
    way.fails = True
    pack.detect(np.zeros((96, 128, 3), np.uint8))
    pack.embed_aligned([np.zeros((112, 112, 3), np.uint8)])
    way.fails = False
    for known in (pack, pack_on(own_models, OnnxRuntime(), way)):
        for choice in known.choices:
            assert choice.run.execution == "onnxruntime f32"
            assert choice.run.trouble == "failing failed: the driver is gone"


def test_fastest_of_those_left_takes_over(own_models: Path) -> None:
    first, second = Failing("first"), Failing("second")
    pack = pack_on(own_models, first, second, OnnxRuntime())
    (detection, _) = pack.choices
    ms = {trial.execution: trial.ms or 0.0 for trial in detection.trials}
    left = {name: took for name, took in ms.items() if name != detection.taken}
    next(w for w in (first, second) if w.name == detection.taken).fails = True
    pack.detect(np.full((96, 128, 3), 7, np.uint8))
    assert pack.choices[0].taken == min(left, key=lambda name: left[name])


def test_without_any_way_left_the_process_says_so_and_the_next_start_tries_all_again(
    own_models: Path,
) -> None:
    first, second = Failing("first"), Failing("second")
    pack = pack_on(own_models, first, second)
    first.fails = second.fails = True
    with pytest.raises(ModelError, match="nothing here runs face_detection"):
        pack.detect(np.zeros((96, 128, 3), np.uint8))
    first.fails = second.fails = False
    assert all(
        choice.run.trouble is None for choice in pack_on(own_models, first, second).choices[:1]
    )


def test_copies_of_ways_not_taken_are_deleted(own_models: Path) -> None:
    way = Failing("not taken")
    way.fails = True
    pack_on(own_models, OnnxRuntime(), way)
    assert way.forgotten == [file.name for file in read_manifest().files_of("yunet-sface")]


def test_openvino_deletes_what_it_compiled_when_it_is_not_taken(
    own_models: Path, require: Callable[[bool, str], None]
) -> None:
    file, _ = read_manifest().files_of("yunet-sface")
    source, way = file.path(own_models), OpenVino("f32")
    try:
        way.load(file, source)
    except Unusable as reason:
        require(False, f"openvino ({reason})")
    assert list((own_models / "prepared").glob("*.openvino*"))
    way.forget(file, source)
    assert not list((own_models / "prepared").glob("*.openvino*"))


def test_compiled_copy_that_does_not_load_is_compiled_again(
    own_models: Path, require: Callable[[bool, str], None]
) -> None:
    """Sealed, so whole, and still not what this build of the library reads."""
    file, _ = read_manifest().files_of("yunet-sface")
    source, way = file.path(own_models), OpenVino("f32")
    try:
        way.load(file, source)
    except Unusable as reason:
        require(False, f"openvino ({reason})")
    (kept,) = (own_models / "prepared").glob("*.openvino")
    seal(kept, b"of another build")
    way.load(file, source).run(np.zeros((1, 3, 96, 128), np.float32))
    assert kept.stat().st_size > 10_000
