"""What a face and a detection cost on each way of running the models that is present.

Beside them what people would write instead: the published files on onnxruntime as it comes and on
one thread, and OpenCV's own ``FaceRecognizerSF`` and ``FaceDetectorYN``. They take turns, so that
whatever else the machine does falls on all alike; a figure is the quartile of its turns.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np
import onnxruntime
from numpy.typing import NDArray

from edge.errors import ConfigError
from edge.vision import packs
from edge.vision.alignment import align
from edge.vision.choice import photographs
from edge.vision.detection import NMS_IOU, Detections, YuNet
from edge.vision.embedding import SFace
from edge.vision.execution import EXECUTIONS, OnnxRunner, Runner, Unusable
from edge.vision.models import ModelFile, read_manifest, verify
from edge.vision.sources import Progress

PACK = "yunet-sface"
FRAME_PX = (640, 360)
"""A 720p frame as the pipeline searches it."""
TURNS = 12
RUNS = 4
SETTLE_S = 0.02
"""Before each turn, until the threads of the one before have come to rest."""
SAME_BOX_IOU = 0.9

Picture = NDArray[np.uint8]
Contenders = dict[str, Callable[[Picture], object]]
Costs = dict[str, dict[str, float]]
"""For each contender ``ms`` by the wall clock and ``cpu_ms`` of all threads."""


def run(faces: Path | None, models_dir: Path, progress: Progress) -> dict[str, object]:
    """Measure on the sample photographs; ``faces`` (``PERSON/*.jpg``) are searched for comparison.

    The default pack's files must have been fetched. Raises ``ConfigError`` for a folder without
    photos, ``ModelError`` for files that cannot be used.
    """
    cv2.setNumThreads(1)
    pack = packs.load(PACK, models_dir, [])
    detector, embedder = ((f, verify(f, models_dir)) for f in read_manifest().files_of(PACK))
    frames = [_fit(picture, FRAME_PX) for picture in photographs()]
    crops = [align(frame, points) for frame in frames for points in pack.detect(frame).landmarks]
    absent: dict[str, str] = {}
    detection = _take_turns(_detectors(*detector, absent), frames, "detection", progress)
    embedding = _take_turns(_embedders(*embedder, absent), crops, "embedding", progress)
    # Last, and apart: their threads spin on into the turns of whoever follows.
    detection |= _take_turns(_default_detector(detector[1]), frames, "as it comes", progress)
    embedding |= _take_turns(_default_embedder(*embedder), crops, "as it comes", progress)
    taken = {choice.model: choice.taken for choice in pack.choices}
    ours = embedding[taken[embedder[0].name]]
    ours_seeing = detection[taken[detector[0].name]]
    pictures = frames if faces is None else frames + _photos(faces)
    return {
        "embedding": embedding,
        "embedding_taken": taken[embedder[0].name],
        "embedding_ratio": _ratio(embedding["published, onnxruntime"], ours),
        "embedding_ratio_one_thread": _ratio(embedding["published, onnxruntime 1 thread"], ours),
        "embedding_ratio_cv2": _ratio(embedding["cv2.FaceRecognizerSF"], ours),
        "detection": detection,
        "detection_taken": taken[detector[0].name],
        "detection_ratio_cv2": _ratio(detection["cv2.FaceDetectorYN"], ours_seeing),
        "same_faces": _same_faces(pack.detect, _opencv_faces(detector[1]), pictures),
        "pictures_compared": len(pictures),
        "agreement": {
            choice.model: {t.execution: round(t.agreement or 0.0, 6) for t in choice.trials}
            for choice in pack.choices
        },
        "not_present": absent,
    }


def _embedders(file: ModelFile, path: Path, absent: dict[str, str]) -> Contenders:
    found: Contenders = {
        name: SFace(runner, file.input).embed for name, runner in _runners(file, path, absent)
    }
    reference = cv2.FaceRecognizerSF.create(str(path), "")
    found["cv2.FaceRecognizerSF"] = reference.feature
    found["published, onnxruntime 1 thread"] = SFace(OnnxRunner(path), file.input).embed
    return found


def _default_embedder(file: ModelFile, path: Path) -> Contenders:
    return {"published, onnxruntime": SFace(_AsItComes(path), file.input).embed}


def _detectors(file: ModelFile, path: Path, absent: dict[str, str]) -> Contenders:
    least = read_manifest().pack(PACK).min_detection_score
    found: Contenders = {
        name: YuNet(runner, least).detect for name, runner in _runners(file, path, absent)
    }
    found["cv2.FaceDetectorYN"] = _opencv_faces(path)
    return found


def _default_detector(path: Path) -> Contenders:
    """The bare network: as published it takes 640x640 only, so a frame stands in a black square."""
    published, square = _AsItComes(path), np.zeros((1, 3, 640, 640), np.float32)
    return {"published, onnxruntime 640x640": lambda frame: published.run(square)}


def _runners(file: ModelFile, path: Path, absent: dict[str, str]) -> list[tuple[str, Runner]]:
    """Every way that runs a file here; the others are told with their reason."""
    runners = []
    for way in EXECUTIONS:
        try:
            runners.append((way.name, way.load(file, path)))
        except Unusable as reason:
            absent[way.name] = str(reason)
    return runners


class _AsItComes:
    """The published file on onnxruntime with its default options."""

    def __init__(self, path: Path) -> None:
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(
            path, options, providers=["CPUExecutionProvider"]
        )
        self._input = self._session.get_inputs()[0].name

    def run(self, blob: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        """See ``Runner``."""
        answers: list[NDArray[np.float32]] = self._session.run(None, {self._input: blob})
        return answers


def _opencv_faces(path: Path) -> Callable[[Picture], Detections]:
    """OpenCV's detector at the pack's own least score."""
    least = read_manifest().pack(PACK).min_detection_score
    model = cv2.FaceDetectorYN.create(str(path), "", FRAME_PX, least, NMS_IOU, 5000)

    def detect(picture: Picture) -> Detections:
        model.setInputSize((picture.shape[1], picture.shape[0]))
        _, rows = model.detect(picture)
        # Without a face OpenCV gives None, whatever its stubs say.
        faces = np.reshape(np.array(() if rows is None else rows, np.float32), (-1, 15))
        boxes = np.hstack([faces[:, :2], faces[:, :2] + faces[:, 2:4]])
        return Detections(boxes, faces[:, 14], faces[:, 4:14].reshape(-1, 5, 2))

    return detect


def _take_turns(
    contenders: Contenders, pictures: Sequence[Picture], what: str, progress: Progress
) -> Costs:
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in contenders}
    for turn in range(TURNS):
        for name, work in contenders.items():
            time.sleep(SETTLE_S)
            work(pictures[turn % len(pictures)])
            wall_s, cpu_s = time.perf_counter(), time.process_time()
            for index in range(RUNS):
                work(pictures[(turn + index) % len(pictures)])
            cost = (time.perf_counter() - wall_s, time.process_time() - cpu_s)
            times[name].append(cost)
        progress(what, turn + 1, TURNS)
    costs = {name: np.percentile(np.array(t), 25, axis=0) for name, t in times.items()}
    return {
        name: {"ms": round(1000 * wall / RUNS, 2), "cpu_ms": round(1000 * cpu / RUNS, 2)}
        for name, (wall, cpu) in costs.items()
    }


def _ratio(theirs: dict[str, float], ours: dict[str, float]) -> float:
    """How many times the processor time of ours theirs is."""
    return round(theirs["cpu_ms"] / ours["cpu_ms"], 2)


def _same_faces(
    ours: Callable[[Picture], Detections],
    theirs: Callable[[Picture], Detections],
    pictures: Sequence[Picture],
) -> float:
    """The share of pictures in which both find the same faces in the same places."""
    return sum(_same(ours(p), theirs(p)) for p in pictures) / len(pictures)


def _same(ours: Detections, theirs: Detections) -> bool:
    if len(ours) != len(theirs):
        return False
    corner = np.maximum(ours.boxes[:, None, :2], theirs.boxes[None, :, :2])
    end = np.minimum(ours.boxes[:, None, 2:], theirs.boxes[None, :, 2:])
    shared = np.prod(np.maximum(0.0, end - corner), axis=2)
    iou = shared / (ours.areas[:, None] + theirs.areas[None] - shared)
    return bool((iou.max(axis=1, initial=0.0) >= SAME_BOX_IOU).all()) if len(ours) else True


def _photos(faces: Path) -> list[Picture]:
    paths = sorted(faces.glob("*/*.jpg"))
    if not paths:
        raise ConfigError(f"{faces} holds no PERSON/*.jpg; name a folder with one for each person")
    return [np.asarray(cv2.imread(str(path)), np.uint8) for path in paths]


def _fit(picture: Picture, size: tuple[int, int]) -> Picture:
    """The whole picture in a frame of this size, black around it."""
    scale = min(size[0] / picture.shape[1], size[1] / picture.shape[0])
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    frame = np.zeros((size[1], size[0], 3), np.uint8)
    frame[: small.shape[0], : small.shape[1]] = small[: size[1], : size[0]]
    return frame
