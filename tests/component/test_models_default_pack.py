"""YuNet and SFace as this house runs them, against OpenCV's own running of the same files."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import onnxruntime
import pytest
from golden.observe import SAMPLES, sample
from numpy.typing import NDArray

from edge.errors import ModelError
from edge.vision.alignment import align
from edge.vision.execution import OnnxRuntime
from edge.vision.models import ModelFile, read_manifest, verify
from edge.vision.packs import Pack, load
from edge.vision.preparation import prepared

SIZES = [(640, 384), (480, 288), (320, 192), (500, 333)]


@pytest.fixture(scope="module")
def pack(models_dir: Path) -> Pack:
    return load("yunet-sface", models_dir, [])


def published(models_dir: Path, key: str) -> tuple[ModelFile, Path]:
    file = read_manifest().files[key]
    return file, verify(file, models_dir)


def group(size: tuple[int, int]) -> NDArray[np.uint8]:
    return np.asarray(cv2.resize(sample("group"), size, interpolation=cv2.INTER_AREA), np.uint8)


@pytest.mark.parametrize("size", SIZES, ids=[f"{w}x{h}" for w, h in SIZES])
def test_detector_finds_what_opencv_finds(
    pack: Pack, models_dir: Path, size: tuple[int, int]
) -> None:
    _, path = published(models_dir, "yunet")
    reference = cv2.FaceDetectorYN.create(str(path), "", size, 0.7, 0.3, 5000)
    picture = group(size)
    _, faces = reference.detect(picture)
    found = pack.detect(picture)
    assert len(found) == len(faces) == 6
    faces = faces[np.argsort(faces[:, 0])]
    found = found.where(np.argsort(found.boxes[:, 0]))
    boxes = np.hstack([faces[:, :2], faces[:, :2] + faces[:, 2:4]])
    np.testing.assert_allclose(found.boxes, boxes, atol=0.05)
    np.testing.assert_allclose(found.landmarks.reshape(-1, 10), faces[:, 4:14], atol=0.05)
    np.testing.assert_allclose(found.scores, faces[:, 14], atol=1e-3)


@pytest.mark.parametrize("name", SAMPLES)
def test_alignment_and_embedding_are_those_of_opencv(
    pack: Pack, models_dir: Path, name: str
) -> None:
    _, path = published(models_dir, "sface")
    reference = cv2.FaceRecognizerSF.create(str(path), "")
    picture = sample(name)
    found = pack.detect(picture)
    for box, points in zip(found.boxes, found.landmarks, strict=True):
        row = np.concatenate([box, points.reshape(-1), [1.0]]).astype(np.float32)
        crop = reference.alignCrop(picture, row[None])
        assert np.abs(align(picture, points).astype(int) - crop).max() <= 2
        feature = reference.feature(crop)[0]
        ours = pack.embed(picture, [points])[0]
        assert float(ours @ feature) / float(np.linalg.norm(feature)) > 0.9995


def test_prepared_models_answer_as_the_published_ones(models_dir: Path) -> None:
    noise = np.random.default_rng(0).uniform(0, 255, (1, 3, 640, 640)).astype(np.float32)
    for key, name, blob in (
        ("yunet", "input", noise),
        ("sface", "data", noise[:, :, :112, :112]),
    ):
        file, path = published(models_dir, key)
        plain = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
        expected = plain.run(None, {name: blob})
        answers = OnnxRuntime().load(file, path).run(blob)
        for answer, wanted in zip(answers, expected, strict=True):
            np.testing.assert_allclose(answer, wanted, atol=2e-3)


def test_prepared_copy_is_made_once_and_again_when_altered(
    models_dir: Path, tmp_path: Path
) -> None:
    file, path = published(models_dir, "yunet")
    own = tmp_path / file.name
    own.write_bytes(path.read_bytes())
    first = prepared(file, own)
    whole, made_at = first.read_bytes(), first.stat().st_mtime_ns
    assert prepared(file, own).stat().st_mtime_ns == made_at
    first.write_bytes(whole[:-100])
    assert prepared(file, own).read_bytes() == whole
    assert not list(first.parent.glob(".part-*"))


def test_pack_with_an_altered_file_is_refused(models_dir: Path, tmp_path: Path) -> None:
    for file in read_manifest().files_of("yunet-sface"):
        (tmp_path / file.name).write_bytes(file.path(models_dir).read_bytes()[:-1])
    with pytest.raises(ModelError, match=r"yunet_2023mar\.onnx is not the published one"):
        load("yunet-sface", tmp_path, [])


def test_pack_without_its_licence_is_refused_before_any_file_is_read(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="insightface-non-commercial"):
        load("insightface", tmp_path, [])
