"""From a frame to ``Sighting``s: gate, detect, track, photograph, search, report.

Runs in one thread. What it holds of a stranger (boxes, embeddings) lives in these objects,
ends with the track, and is never written or logged.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import NDArray

from edge.camera.frame import Frame
from edge.domain import ModelRun, PhotoFault, Probe, Sighting, Stage, Template
from edge.rules.rotation import orthogonal
from edge.vision.alignment import align
from edge.vision.capture import Capture
from edge.vision.closeup import DOOR, landmarks_of
from edge.vision.detection import Detections
from edge.vision.gallery import Gallery
from edge.vision.gaze import Gaze
from edge.vision.link import CaptureFace, FromVision, Judged, Saw, TrackEnded
from edge.vision.packs import Pack
from edge.vision.photo import Face, judge, judge_detected
from edge.vision.presentation import AttackCheck, Seen
from edge.vision.quality import assess
from edge.vision.shots import BestShots, Shot
from edge.vision.tally import Tally
from edge.vision.tracker import Track
from edge.vision.view import View

SAME_FACE = 0.5
"""A shot below this share of the pack's threshold against its own track is another person's.

Two strangers score near 0, two neighbouring shots of one person far above the threshold.
"""
CANDIDATES = 5
TOLD = 16
"""Faces reported again in one turn, a search each. Overflow policy: *longest untold first*."""


class Pipeline:
    """The one place where frames, models and the gallery meet; ``report`` takes what comes out."""

    def __init__(
        self,
        *,
        pack: Pack,
        min_face_px: int,
        rotation_secret: bytes,
        camera_ids: Iterable[str],
        report: Callable[[FromVision], None],
        tally: Tally,
        attacks: AttackCheck | None = None,
    ) -> None:
        self._attacks = attacks
        self._pack = pack
        self._min_face_px = min_face_px
        self._rotation = orthogonal(rotation_secret, pack.dim)
        self.gallery = Gallery(pack.dim, pack.model)
        self._threshold = pack.threshold
        self._report = report
        self._tally = tally
        self._views = {camera_id: View(Gaze(min_face_px)) for camera_id in camera_ids}
        self._captures: list[Capture] = []
        self.resting = False  # people are followed and counted; no face is embedded or searched

    @property
    def models(self) -> tuple[ModelRun, ...]:
        """How each model is run as of now."""
        checking = self._attacks.models if self._attacks else ()
        return tuple(model.choice.run for model in (*self._pack.models, *checking))

    # --- frames ------------------------------------------------------------------------

    def look(self, frame: Frame) -> bool:
        """Take one frame; false when nothing happens there and its camera may rest."""
        view = self._views[frame.camera_id]
        captures = [c for c in self._captures if c.wants(frame.camera_id, frame.at_s)]
        with self._tally.timed(Stage.GATE):
            moving = view.gate.opens(frame.luma, frame.at_s)
        idle = not (moving or view.tracker.tracks or captures)
        self._tally.looked_at(gated=idle)
        for capture in captures:
            with self._tally.timed(Stage.DETECT):
                found = self._pack.detect(frame.small).scaled(frame.enlargement)
            capture.offer(judge_detected(self._pack, frame.full, found), frame.at_s)
        if not idle and view.gaze.due(frame.at_s, view.tracker.tracks):
            self._search(view, frame)
        awaited = any(capture.camera_id == frame.camera_id for capture in self._captures)
        return bool(view.tracker.tracks) or awaited or not view.gate.still(frame.at_s)

    def _search(self, view: View, frame: Frame) -> None:
        """Find the faces of a frame and follow them."""
        with self._tally.timed(Stage.DETECT):
            found = view.gaze.look(self._pack.detector, frame, view.gate.moved, view.tracker.tracks)
        self._tally.detected(len(found.boxes))
        faces = found.where(found.widths >= self._min_face_px)
        tracks = view.tracker.update(faces.boxes, frame.captured_at, frame.at_s)
        for index in view.to_photograph(tracks, faces, frame.at_s):
            self._photograph(view, frame, tracks[index], faces, index)

    def tick(self, at_s: float) -> None:
        """What is due by time alone: ends of tracks, repeated sightings, captures' answers."""
        for camera_id, view in self._views.items():
            for track in view.tracker.expire(at_s):
                self._end(camera_id, view, track)
        self._tell_again(at_s)
        for capture in list(self._captures):
            outcome = capture.outcome(at_s)
            if outcome is not None:
                self._captures.remove(capture)
                self._answer(capture.request_id, outcome)

    def _photograph(
        self, view: View, frame: Frame, track: Track, faces: Detections, index: int
    ) -> None:
        """Embed this face if the shot is worth it, and report what the track now shows."""
        if self.resting:
            return
        shots, width_px = view.shots[track.id], float(faces.widths[index])
        shots.consider(frame.at_s, width_px)
        box, score = faces.boxes[index], float(faces.scores[index])
        with self._tally.timed(Stage.ALIGN):
            landmarks = landmarks_of(self._pack.detector, frame.full, faces.landmarks[index], DOOR)
            crop = align(frame.full, landmarks)
            quality = assess(crop, box, landmarks, score).score
        if not shots.wants(quality, check=track.doubted):
            return
        with self._tally.timed(Stage.EMBED):
            embedding = self._pack.embed_aligned([crop])[0]
        self._tally.embedded()
        if not shots.agrees(embedding, SAME_FACE * self._pack.threshold):
            self._end(frame.camera_id, view, track)
            track = view.tracker.replace(track)
            shots = view.shots[track.id] = BestShots()
        track.doubted = False
        shots.add(Shot(embedding, quality, width_px), frame.at_s)
        self._tell(frame.camera_id, view, track, Seen(frame, box, quality))

    def _tell(self, camera_id: str, view: View, track: Track, seen: Seen | None = None) -> None:
        """Search the gallery for a track that has shots, and report the sighting.

        ``seen`` is the picture behind it, where there is a new one.
        """
        shots = view.shots.get(track.id)
        if not shots or track.doubted or self.resting:
            return
        view.told_s[track.id] = track.seen_s
        with self._tally.timed(Stage.SEARCH):
            candidates = self.gallery.search(self._rotate(shots.probe()), CANDIDATES)
        shots.weigh(candidates, self._threshold)
        if self._attacks is not None and self._attacks.concerns(candidates):
            with self._tally.timed(Stage.CHECK):
                self._attacks.look(shots, seen)
        sighting = Sighting(
            camera_id=camera_id,
            track_id=track.id,
            first_seen_at=track.first_seen_at,
            seen_at=track.seen_at,
            shots=len(shots),
            quality=shots.quality,
            candidates=candidates,
            bona_fide=shots.bona_fide,
        )
        self._report(Saw(sighting=sighting))

    def _tell_again(self, at_s: float) -> None:
        due = [
            (told_s, camera_id, track)
            for camera_id, view in self._views.items()
            for told_s, track in view.to_tell(at_s)
        ]
        for _, camera_id, track in sorted(due, key=lambda one: one[0])[:TOLD]:
            self._tell(camera_id, self._views[camera_id], track)

    def _end(self, camera_id: str, view: View, track: Track) -> None:
        view.forget(track)
        if track.confirmed:
            passed = view.passages.ended(track)
            self._report(TrackEnded(camera_id=camera_id, track_id=track.id, passed=passed))

    # --- gallery -----------------------------------------------------------------------

    def name_from(self, score: float) -> None:
        """Members are named from this score on, so shots that reach it are worth a closer look."""
        self._threshold = score
        if self._attacks is not None:
            self._attacks.score = score

    def add_templates(self, templates: list[Template]) -> None:
        """Put templates into the gallery and search it again for every face in view."""
        self.gallery.add(templates)
        self._tell_everyone()

    def remove_member(self, member_id: str) -> None:
        """Forget a member and search again for every face in view."""
        self.gallery.remove(member_id)
        self._tell_everyone()

    def _tell_everyone(self) -> None:
        """Report all who were reported, as many as one turn allows now and the rest after them."""
        for view in self._views.values():
            view.told_s = dict.fromkeys(view.told_s, -math.inf)
        self._tell_again(-math.inf)

    # --- enrollment --------------------------------------------------------------------

    def judge_photo(self, request_id: int, photo: bytes) -> None:
        """Judge one encoded photo and report the answer."""
        self._answer(request_id, judge(self._pack, photo))

    def capture(self, request: CaptureFace, at_s: float) -> None:
        """Begin to look for a usable face; ``tick`` reports the answer."""
        until_s = at_s + request.timeout_s
        self._captures.append(Capture(request.request_id, request.camera_id, until_s))

    def _answer(self, request_id: int, outcome: Face | PhotoFault) -> None:
        if isinstance(outcome, PhotoFault):
            self._report(Judged(request_id=request_id, fault=outcome))
            return
        rotated = self._rotate(outcome.embedding)
        probe = Probe(
            model=self._pack.model,
            vector=rotated.astype("<f4").tobytes(),
            quality=outcome.quality.score,
        )
        candidates = list(self.gallery.search(rotated, CANDIDATES))
        self._report(Judged(request_id=request_id, probe=probe, candidates=candidates))

    def _rotate(self, embedding: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.asarray(self._rotation @ embedding, np.float32)
