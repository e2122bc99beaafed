"""Face matching as the configuration wants it: the conditions, the models, the thresholds."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import structlog

from edge.config import Config, RecognitionConfig
from edge.domain import CamerasChanged, CameraState, VisionChanged
from edge.feed import Feed
from edge.flows.arrivals import Arrivals
from edge.flows.counting import Counting
from edge.flows.gallery import stored_templates
from edge.flows.look_alikes import LookAlikes
from edge.flows.thresholds import CurrentThresholds
from edge.rules.identity import Thresholds
from edge.store import Store
from edge.vision.client import Vision
from edge.vision.link import Calibrated
from edge.vision.models import check_licences, read_manifest, verify

log = structlog.get_logger()


def thresholds_of(config: Config) -> Thresholds:
    """The pack's calibrated threshold unless the configuration names another."""
    recognition = config.recognition
    score = recognition.threshold
    if score is None:
        score = read_manifest().pack(recognition.pack).calibration.threshold
    checked = recognition.presentation_attack_check
    bona_fide = bona_fide_threshold(recognition) if checked else None
    return Thresholds(score=score, margin=recognition.margin, bona_fide=bona_fide)


def bona_fide_threshold(recognition: RecognitionConfig) -> float:
    """From which score on a person is there and not a picture of one."""
    given = recognition.presentation_attack_threshold
    if given is not None:
        return given
    return read_manifest().presentation_attack.calibration.threshold


def check_models(config: Config, models_dir: Path) -> None:
    """Verify the files of the configured pack. Raises ``ModelError`` with what to do."""
    manifest = read_manifest()
    pack = config.recognition.pack
    check_licences(manifest, pack, config.recognition.accepted_licences)
    attack_check = config.recognition.presentation_attack_check
    for file in manifest.files_of(pack) + (manifest.attack_files() if attack_check else ()):
        verify(file, models_dir)


def matching(
    config: Config,
    models_dir: Path,
    store: Store,
    feed: Feed,
    arrivals: Arrivals,
    counting: Counting,
    look_alikes: LookAlikes,
    thresholds: CurrentThresholds,
) -> Vision | None:
    """Vision and whom it tells, or None while the conditions of face matching are not met.

    Raises ``ModelError`` for a file that is missing or altered: at start, not at the first face.
    """
    why_off = config.privacy.why_off()
    if why_off is not None:
        log.warning("face_matching_off", because=why_off)
        return None
    check_models(config, models_dir)
    watch = _CameraWatch(feed, counting)

    return Vision(
        cameras=config.cameras,
        recognition=config.recognition,
        models_dir=models_dir,
        rotation_secret=store.rotation_secret(),
        load_gallery=partial(stored_templates, store),
        on_sighting=arrivals.saw,
        on_track_ended=arrivals.track_ended,
        on_passed=counting.passed,
        on_cameras=watch.tell,
        on_calibrated=partial(_note, look_alikes, thresholds),
        on_state=lambda state: feed.publish(VisionChanged(state=state)),
    )


def _note(look_alikes: LookAlikes, thresholds: CurrentThresholds, calibrated: Calibrated) -> None:
    thresholds.name_from(calibrated.threshold)
    look_alikes.searched(calibrated.look_alikes)
    log.info("calibrated", threshold=calibrated.threshold, members=calibrated.members)


class _CameraWatch:
    """Tells phones of a camera only when what people see of it changed."""

    def __init__(self, feed: Feed, counting: Counting) -> None:
        self._feed = feed
        self._counting = counting
        self._told: list[tuple[str, str, str]] = []

    def tell(self, states: list[CameraState]) -> None:
        """Publish states that differ in more than their counters."""
        self._counting.live(states)
        now = [(state.camera_id, state.status.value, state.detail) for state in states]
        if now != self._told:
            self._told = now
            self._feed.publish(CamerasChanged(states=tuple(states)))
