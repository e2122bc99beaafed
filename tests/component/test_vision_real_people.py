"""Clips of real people: enrolled from one frame, they are known in the others, and only they."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from component.door_scene import Door, Person, Picture, default_pack, named, sightings

from edge.vision.packs import Pack

ENROLLED_AT = 20
CLIPS = {
    "face-demographics-walking-and-pause.gif": 3,
    "head-pose-face-detection-female-and-male.gif": 2,
    "head-pose-face-detection-male.gif": 1,
}


@pytest.fixture(scope="module")
def pack(models_dir: Path) -> Pack:
    return default_pack(models_dir)


def frames_of(path: Path) -> Iterator[Picture]:
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            yield np.asarray(frame.to_ndarray(format="bgr24"), np.uint8)


def cut_out(picture: Picture, pack: Pack) -> list[Person]:
    """Everyone in a frame, from left to right, each alone and enlarged as a photo would be."""
    boxes = sorted(pack.detect(picture).boxes.tolist())
    found = []
    for number, (left, top, right, bottom) in enumerate(boxes):
        margin = (right - left) * 0.5
        rows = slice(max(0, int(top - margin)), int(bottom + margin))
        columns = slice(max(0, int(left - margin)), int(right + margin))
        large = cv2.resize(picture[rows, columns], None, fx=3, fy=3, interpolation=cv2.INTER_CUBIC)
        found.append(Person(f"person-{number}", [cv2.imencode(".png", large)[1].tobytes()]))
    return found


@pytest.mark.parametrize("clip", CLIPS)
def test_everyone_enrolled_from_one_frame_is_known_in_the_others(
    clip: str, pack: Pack, shared_data: Path
) -> None:
    frames = list(frames_of(shared_data / "door" / clip))
    everyone = cut_out(frames.pop(ENROLLED_AT), pack)
    assert len(everyone) == CLIPS[clip]
    door = Door(pack, min_face_px=36)
    for person in everyone:
        door.enrol(person, person.name)
    names = defaultdict(set)
    for sighting in sightings(door.show(frames)):
        names[sighting.track_id].add(named(sighting, pack))
    assert all(len(track - {None}) <= 1 for track in names.values()), "one face, one name"
    assert set.union(*names.values()) - {None} == {person.name for person in everyone}


@pytest.mark.parametrize("clip", [clip for clip, count in CLIPS.items() if count > 1])
def test_the_others_are_never_taken_for_the_one_who_is_enrolled(
    clip: str, pack: Pack, shared_data: Path
) -> None:
    frames = list(frames_of(shared_data / "door" / clip))
    for person in cut_out(frames[ENROLLED_AT], pack):
        door = Door(pack, min_face_px=36)
        door.enrol(person, person.name)
        said = sightings(door.show(frames))
        tracks = {sighting.track_id for sighting in said}
        naming = {sighting.track_id for sighting in said if named(sighting, pack)}
        assert len(tracks) >= CLIPS[clip]
        assert len(naming) == 1
