"""Ways of running a model: the right answers on each, and what happens when one fails."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from golden.observe import SAMPLES, sample
from numpy.typing import NDArray

from edge.errors import ModelError
from edge.vision.alignment import align
from edge.vision.choice import SAME_EMBEDDING
from edge.vision.embedding import SFace
from edge.vision.execution import (
    EXECUTIONS,
    Answers,
    Execution,
    OnnxRuntime,
    OpenVino,
    Runner,
    Unusable,
)
from edge.vision.failover import Choice
from edge.vision.models import ModelFile, read_manifest, verify
from edge.vision.packs import load
from edge.vision.unit import normalise

PROJECT = Path(__file__).parents[2]
GOLDEN = PROJECT / "tests" / "golden" / "yunet-sface.json"

SAME_IN_F32 = 0.99999
GOLDEN_COSINE = 0.998  # the golden landmarks are rounded to a tenth of a pixel


class Missing:
    """A way that is not there."""

    name = "missing"

    def load(self, file: ModelFile, source: Path) -> Runner:
        raise Unusable("it is not installed")

    def forget(self, file: ModelFile, source: Path) -> None:
        """Nothing is kept."""


class Wrong:
    """The fastest way of all: it gives noise and hardly looks."""

    name = "wrong"

    def load(self, file: ModelFile, source: Path) -> Runner:
        return Noise(OnnxRuntime().load(file, source))

    def forget(self, file: ModelFile, source: Path) -> None:
        """Nothing is kept."""


class Noise:
    def __init__(self, honest: Runner) -> None:
        self._honest = honest
        self._shapes: dict[tuple[int, ...], list[tuple[int, ...]]] = {}

    def run(self, blob: NDArray[np.float32]) -> Answers:
        if blob.shape not in self._shapes:
            self._shapes[blob.shape] = [answer.shape for answer in self._honest.run(blob)]
        noise = np.random.default_rng(0)
        return [noise.random(shape, np.float32) for shape in self._shapes[blob.shape]]


@pytest.fixture
def own_models(models_dir: Path, tmp_path: Path) -> Path:
    """The published files in a folder without prepared copies."""
    for file in read_manifest().files_of("yunet-sface"):
        shutil.copy(file.path(models_dir), tmp_path)
    return tmp_path


def sface(models_dir: Path) -> tuple[ModelFile, Path]:
    _, file = read_manifest().files_of("yunet-sface")
    return file, verify(file, models_dir)


def choices(models_dir: Path, *executions: Execution) -> tuple[Choice, ...]:
    return load("yunet-sface", models_dir, [], executions).choices


def prepared_files(models_dir: Path, pattern: str) -> list[Path]:
    return sorted((models_dir / "prepared").glob(pattern))


@pytest.mark.parametrize("way", EXECUTIONS, ids=lambda way: way.name)
def test_embeddings_are_the_golden_ones_on_every_way(
    way: Execution, models_dir: Path, require: Callable[[bool, str], None]
) -> None:
    file, path = sface(models_dir)
    try:
        runner = way.load(file, path)
    except Unusable as reason:
        if way.name.endswith("f32"):
            require(False, f"{way.name} ({reason})")
        pytest.skip(f"needs {way.name} ({reason})")
    least = SAME_IN_F32 if way.name.endswith("f32") else SAME_EMBEDDING
    embedder = SFace(runner, file.input)
    reference = SFace(OnnxRuntime().load(file, path), file.input)
    for name in SAMPLES:
        for face in json.loads(GOLDEN.read_text())[name]:
            points = np.array(face["landmarks"], np.float32).reshape(5, 2)
            crop = align(sample(name), points)
            embedding, known = normalise(np.stack([embedder.embed(crop), reference.embed(crop)]))
            assert float(embedding @ known) > least
            assert float(embedding @ np.array(face["embedding"], np.float32)) > GOLDEN_COSINE


def test_answers_stay_what_they_were_when_the_model_runs_again(models_dir: Path) -> None:
    for way in EXECUTIONS:
        try:
            runner = way.load(*sface(models_dir))
        except Unusable:
            continue
        faces = np.random.default_rng(0).uniform(0, 255, (2, 1, 3, 112, 112)).astype(np.float32)
        first = runner.run(faces[0])[0]
        before = first.copy()
        runner.run(faces[1])
        np.testing.assert_array_equal(first, before)


def test_next_way_takes_over_where_one_is_missing(own_models: Path) -> None:
    for choice in choices(own_models, Missing(), OnnxRuntime()):
        assert choice.taken == "onnxruntime f32"
        assert choice.trials[0].refused == "it is not installed"


def test_way_that_answers_otherwise_is_refused_however_fast(own_models: Path) -> None:
    for choice in choices(own_models, OnnxRuntime(), Wrong()):
        assert choice.taken == "onnxruntime f32"
        assert "answers otherwise" in str(choice.trials[1].refused)


def test_pack_that_nothing_runs_is_refused(own_models: Path) -> None:
    with pytest.raises(ModelError, match="nothing here runs face_detection"):
        choices(own_models, Missing())


def test_choice_is_made_once_and_again_when_altered(own_models: Path) -> None:
    made = choices(own_models, OnnxRuntime(), Wrong())
    kept = prepared_files(own_models, "*.choice.json")
    assert len(kept) == 2
    assert choices(own_models, OnnxRuntime(), Wrong()) == made
    for path in kept:
        path.write_text(path.read_text().replace('"taken": "onnxruntime f32"', '"taken": "wrong"'))
    assert {c.taken for c in choices(own_models, OnnxRuntime(), Wrong())} == {"onnxruntime f32"}


def test_compiled_copy_is_made_again_when_altered(
    own_models: Path, require: Callable[[bool, str], None]
) -> None:
    file, path = sface(own_models)
    face = np.full((1, 3, 112, 112), 128, np.float32)
    try:
        expected = OpenVino("f32").load(file, path).run(face)[0]
    except Unusable as reason:
        require(False, f"openvino ({reason})")
    (compiled,) = prepared_files(own_models, "*.openvino")
    whole = compiled.read_bytes()
    compiled.write_bytes(whole[: len(whole) // 2])
    np.testing.assert_array_equal(OpenVino("f32").load(file, path).run(face)[0], expected)
    assert len(compiled.read_bytes()) > 0.9 * len(whole)


def test_model_that_openvino_does_not_compile_is_unusable_there(tmp_path: Path) -> None:
    file, _ = read_manifest().files_of("yunet-sface")
    broken = tmp_path / file.name
    broken.write_bytes(b"no model")
    with pytest.raises(Unusable):
        OpenVino("f32").load(file, broken)


def test_picture_that_openvino_cannot_run_is_said_so(
    models_dir: Path, require: Callable[[bool, str], None]
) -> None:
    try:
        runner = OpenVino("f32").load(*sface(models_dir))
    except Unusable as reason:
        require(False, f"openvino ({reason})")
    with pytest.raises(Unusable):
        runner.run(np.zeros((1, 3, 50, 50), np.float32))


def test_pack_loads_where_openvino_cannot_be_imported(own_models: Path) -> None:
    program = (
        "import sys; sys.modules['openvino'] = None\n"
        "from pathlib import Path\n"
        "from edge.vision.packs import load\n"
        "for choice in load('yunet-sface', Path(sys.argv[1]), []).choices:\n"
        "    print(choice.taken, '|', choice.trials[1].refused)\n"
    )
    told = subprocess.run(
        [sys.executable, "-c", program, str(own_models)],
        capture_output=True, text=True, timeout=120, check=True, cwd=PROJECT,
    )  # fmt: skip
    for line in told.stdout.splitlines():
        assert line.startswith("onnxruntime f32 | the package openvino cannot be imported")


def test_nothing_that_reports_to_a_maker_is_installed() -> None:
    for lock in ("run.txt", "dev.txt"):
        named = (PROJECT / "requirements" / lock).read_text(encoding="utf-8").splitlines()
        telemetry = [line for line in named if line.startswith("openvino-telemetry")]
        assert all("sys_platform == 'never'" in line for line in telemetry)
