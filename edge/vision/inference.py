"""The one thread that looks: models, pipeline, and the requests served between frames."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from pathlib import Path

import structlog

from edge.camera import Mailbox
from edge.config import RecognitionConfig
from edge.domain import ModelRun
from edge.vision import presentation
from edge.vision.census import Census
from edge.vision.gallery import Gallery
from edge.vision.link import (
    AddTemplates,
    CaptureFace,
    Done,
    FromVision,
    JudgePhoto,
    Ready,
    RemoveMember,
    Rest,
    Start,
    ToVision,
)
from edge.vision.models import read_manifest
from edge.vision.packs import Pack, load
from edge.vision.pipeline import Pipeline
from edge.vision.presentation import AttackCheck
from edge.vision.tally import Tally

COMMANDS = 64
"""Requests that may wait for the thread. Overflow policy: *the line waits*."""
TURN_S = 0.25
"""Longest wait for a frame: how late a repeated sighting or the end of a track may be."""
HUNG_S = 8.0
"""A thread that has not come round for this long is stuck; the slowest photo takes one."""

log = structlog.get_logger()


class Inference:
    """Runs in a thread of its caller's; ``ask`` and ``stop`` are called from others."""

    def __init__(
        self, start: Start, mailbox: Mailbox, say: Callable[[FromVision], None], tally: Tally
    ) -> None:
        self._start = start
        self._mailbox = mailbox
        self._say = say
        self._tally = tally
        self._commands: queue.Queue[ToVision] = queue.Queue(COMMANDS)
        self._stopping = threading.Event()
        self._turned_s: float | None = None
        self._pipeline: Pipeline | None = None

    @property
    def models(self) -> tuple[ModelRun, ...]:
        """How each model is run as of now; empty until they are loaded."""
        return self._pipeline.models if self._pipeline else ()

    @property
    def hung(self) -> bool:
        """Whether the thread is stuck; loading models, however long, does not count."""
        return self._turned_s is not None and time.monotonic() - self._turned_s > HUNG_S

    @property
    def requests_waiting(self) -> int:
        """Requests that the thread has not come to yet."""
        return self._commands.qsize()

    def ask(self, command: ToVision) -> bool:
        """Hand over a request; False when too many are waiting. Never waits itself."""
        try:
            self._commands.put_nowait(command)
        except queue.Full:
            return False
        self._mailbox.nudge()
        return True

    def stop(self) -> None:
        """Ask the thread to end after the frame in hand."""
        self._stopping.set()
        self._mailbox.nudge()

    def run(self) -> None:
        """Load the models, say ``Ready``, look until stopped. Raises ``ModelError``."""
        models, pipeline = assembled(self._start, self._say, self._tally)
        self._pipeline = pipeline
        pipeline.resting = True  # until the gateway says whether faces may be matched
        for run in pipeline.models:
            log.info("model loaded", file=run.file, execution=run.execution)
        threshold = alert_score(self._start.recognition, models)
        self._say(Ready(model=models.model, dim=models.dim, threshold=threshold))
        census = census_of(self._start.recognition, pipeline.gallery)
        census.changed(time.monotonic())
        while not self._stopping.is_set():
            self._turn(pipeline, census)

    def _turn(self, pipeline: Pipeline, census: Census) -> None:
        """At most one request and one frame, so that neither holds up the other."""
        self._turned_s = time.monotonic()
        if not self._commands.empty():
            self._serve(pipeline, census, self._commands.get_nowait())
        frame = self._mailbox.take(TURN_S if self._commands.empty() else 0.0)
        if frame is not None:
            busy = pipeline.look(frame)
            self._mailbox.call_quiet(frame.camera_id, not busy)
        pipeline.tick(time.monotonic())
        calibrated = census.turn(time.monotonic())
        if calibrated is not None:
            pipeline.name_from(calibrated.threshold)
            self._say(calibrated)

    def _serve(self, pipeline: Pipeline, census: Census, command: ToVision) -> None:
        match command:
            case AddTemplates(request_id=request_id, templates=templates):
                pipeline.add_templates(templates)
                census.changed(time.monotonic())
                self._say(Done(request_id=request_id))
            case RemoveMember(request_id=request_id, member_id=member_id):
                pipeline.remove_member(member_id)
                census.changed(time.monotonic())
                self._say(Done(request_id=request_id))
            case Rest(request_id=request_id, resting=resting):
                pipeline.resting = resting
                self._say(Done(request_id=request_id))
            case JudgePhoto(request_id=request_id, photo=photo):
                pipeline.judge_photo(request_id, photo)
            case CaptureFace():
                pipeline.capture(command, time.monotonic())
            case Start():
                raise ValueError("vision was started twice")


def assembled(
    start: Start, report: Callable[[FromVision], None], tally: Tally
) -> tuple[Pack, Pipeline]:
    """The models and the pipeline that ``start`` asks for. Raises ``ModelError``."""
    recognition = start.recognition
    models = load(recognition.pack, Path(start.models_dir), recognition.accepted_licences)
    pipeline = Pipeline(
        pack=models,
        min_face_px=recognition.min_face_px,
        rotation_secret=start.rotation_secret,
        camera_ids=[camera.id for camera in start.cameras],
        report=report,
        tally=tally,
        attacks=_attack_check(start, models),
    )
    return models, pipeline


def census_of(recognition: RecognitionConfig, gallery: Gallery) -> Census:
    """What calibrates this gallery, by the figures that the manifest has of the pack."""
    expected = read_manifest().pack(recognition.pack).top_scores
    return Census(gallery, expected, recognition.target_fpir, recognition.threshold)


def alert_score(recognition: RecognitionConfig, models: Pack) -> float:
    """The least score that may name a member."""
    given = recognition.threshold
    return models.threshold if given is None else given


def _attack_check(start: Start, models: Pack) -> AttackCheck | None:
    """What tells a person from a picture of one, where the configuration asks for it."""
    if not start.recognition.presentation_attack_check:
        return None
    jury = presentation.load(Path(start.models_dir), models.detector)
    return AttackCheck(jury, alert_score(start.recognition, models), jury.models)
