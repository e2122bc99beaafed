"""The contest on a short clip: both sides see the same frames, and are scored alike."""

from __future__ import annotations

import json
import os
from datetime import timedelta
from pathlib import Path

import av
import numpy as np
import pytest

from edge.bench.apart import Taken, apart
from edge.bench.cast import Cast, cast
from edge.bench.contest import Clips, Contest, Named, Ours, Played, Theirs, play_ours, play_theirs
from edge.bench.live import Doors, Slots
from edge.bench.peers import AS_IT_COMES
from edge.bench.pipeline import Shot, figures, run
from edge.bench.scoring import Alert
from edge.bench.soak import Soak, play
from edge.bench.staging import Stage, Walk, film
from edge.bench.unpaced import BEGAN_AT, RecordingClock, Watch
from edge.config import RecognitionConfig
from edge.demo.approach import FPS, Approach
from edge.errors import ConfigError
from edge.vision.packs import load

CORES = sorted(os.sched_getaffinity(0))
LEAD_S = 1.0
FRAMES = 85


def quiet(*progress: object) -> None:
    """Nobody watches."""


@pytest.fixture(scope="module")
def people(models_dir: Path) -> Cast:
    return cast(None, 4, load("yunet-sface", models_dir, []).detect)


@pytest.fixture(scope="module")
def shot(people: Cast, tmp_path_factory: pytest.TempPathFactory) -> Shot:
    """A member and then a stranger, each seen from near on, so that it is short."""
    member, stranger = people.members[0], people.strangers[0]
    approaches = [
        Approach(person=member.name, start_frame=16, far_px=50, near_px=160),
        Approach(person=stranger.name, start_frame=50, far_px=50, near_px=160),
    ]
    both = {person.name: person for person in (member, stranger)}
    staged = Stage("door-1", approaches, FRAMES)
    play = film(staged, both, {member.name}, tmp_path_factory.mktemp("clips"), quiet)
    photos = {person.name: person.photos for person in people.members}
    return Shot([play], Clips({"door-1": play.clip}, FRAMES, LEAD_S, photos))


def test_both_sides_count_the_same_frames_and_name_the_member_only(
    shot: Shot, models_dir: Path
) -> None:
    ours = apart(play_ours, Ours(shot.clips, RecognitionConfig(), models_dir), CORES, quiet)
    job = Theirs(shot.clips, "plain", AS_IT_COMES, models_dir, ())
    theirs = apart(play_theirs, job, CORES, quiet)
    assert ours.frames == theirs.frames == FRAMES - LEAD_S * FPS
    assert ours.enrolled == theirs.enrolled == set(shot.clips.photos)
    assert min(ours.taken.cpu_s, theirs.taken.cpu_s) > 0
    result = figures(shot, ours, theirs, theirs)
    assert (result["tpir"], result["fpir"], result["named_wrongly"]) == (1.0, 0.0, 0)
    assert result["peer_tpir"] == 1.0
    assert result["ratio"] == result["ratio_best"] > 0
    assert json.loads(json.dumps(result)) == result


def test_a_peer_at_the_doors_is_timed_and_scored(
    shot: Shot, people: Cast, models_dir: Path
) -> None:
    doors = Doors(shot.plays, people.members, "plain", models_dir, ())
    theirs = doors.live(Contest(CORES, quiet), doors.job())
    right = ("recognised", "strangers_named", "named_wrongly")
    assert [theirs[figure] for figure in right] == [1, 0, 0]
    assert theirs["latency_ms"]["p50"] is not None
    assert 0 < theirs["frames_seen"] <= FRAMES
    assert theirs["cpu_cores"] > 0
    assert json.loads(json.dumps(theirs)) == theirs


def test_the_newest_picture_wins_and_cameras_take_turns() -> None:
    slots = Slots()
    for camera, shade in (("a", 1), ("b", 2), ("a", 3)):
        slots.put(camera, np.full((1, 1, 3), shade, np.uint8))
    taken = [slots.take(), slots.take()]
    assert [(camera, int(picture[0, 0, 0])) for camera, picture in filter(None, taken)] == [
        ("a", 3),
        ("b", 2),
    ]
    assert (slots.seen, slots.dropped) == (3, 1)
    assert slots.take() is None


def test_a_soak_reads_memory_after_a_whole_pass_and_at_the_end(
    shot: Shot, models_dir: Path
) -> None:
    job = Soak(shot.clips, 150, RecognitionConfig(), models_dir)
    told: list[tuple[int, int]] = []
    soaked = apart(play, job, CORES, lambda done, total: told.append((done, total)))
    assert len(soaked.rss_mb) == len(told) == 2
    assert told[-1] == (150, 150)
    assert soaked.names > 0


def test_a_recording_is_watched_whole_in_its_own_time(shot: Shot, models_dir: Path) -> None:
    clip = shot.clips.paths["door-1"]
    with av.open(str(clip)) as container:
        shown_s = [float(frame.time or 0) for frame in container.decode(video=0)]
    watch = Watch(RecognitionConfig(), models_dir, {"a": clip, "b": clip})
    seen = list(watch.play())
    assert [frame.at_s for frame in seen] == sorted(frame.at_s for frame in seen)
    for camera in ("a", "b"):
        own_s = [frame.at_s for frame in seen if frame.camera_id == camera]
        assert own_s == pytest.approx(shown_s, abs=1e-6)


def test_waiting_lets_a_recordings_time_pass_and_takes_none() -> None:
    clock = RecordingClock()
    assert not clock.wait(3600)
    assert clock.monotonic() == 3600
    assert (clock.now() - BEGAN_AT).total_seconds() == 3600


@pytest.mark.parametrize(("members_score", "found"), [(0.6, 1.0), (0.5, 0.0)])
def test_a_peers_best_threshold_names_no_more_strangers_than_we_did(
    shot: Shot, members_score: float, found: float
) -> None:
    member, stranger = shot.plays[0].walks

    def named(walk: Walk, score: float) -> Named:
        shown_at = BEGAN_AT + timedelta(seconds=(walk.truth.end_frame - 1) / FPS)
        return Named(Alert("door-1", member.person, shown_at), score)

    def played(*named: Named) -> Played:
        return Played(list(named), 0.4, frozenset(), 90, Taken(1.0, 1.0, 1.0))

    peer = played(named(member, members_score), named(stranger, 0.55))
    result = figures(shot, played(), peer, peer)
    assert (result["peer_tpir"], result["peer_fpir"]) == (1.0, 1.0)
    assert (result["fpir"], result["peer_tpir_at_our_fpir"]) == (0.0, found)


def test_a_clip_without_the_frames_that_are_counted_is_noticed(
    models_dir: Path, tmp_path: Path
) -> None:
    clips = Clips({"door-1": tmp_path / "none.mp4"}, FRAMES, LEAD_S, {})
    with pytest.raises(RuntimeError, match="no frame 0"):
        play_theirs(Theirs(clips, "plain", AS_IT_COMES, models_dir, ()), quiet)


def test_a_length_in_which_nobody_can_walk_up_is_refused(models_dir: Path) -> None:
    with pytest.raises(ConfigError, match="--seconds"):
        run(None, 1, 3, "yunet-sface", "plain", models_dir, quiet)
