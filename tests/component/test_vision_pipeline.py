"""From frames to sightings with the real models: who is seen, when, and who never is."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest
from component.door_scene import (
    RATE,
    Door,
    Person,
    default_pack,
    ended,
    named,
    passed,
    people,
    scene,
    sightings,
    walk,
)

from edge.camera.mask import Mask
from edge.domain import PhotoFault
from edge.vision.link import CaptureFace, Judged
from edge.vision.packs import Pack
from edge.vision.shots import MAX_SHOTS
from edge.vision.view import PHOTOGRAPHED, REPEAT_S

LEFT_HALF = [(0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0)]
RIGHT_HALF = [(x + 0.5, y) for x, y in LEFT_HALF]
EMPTY = scene()


@pytest.fixture(scope="module")
def pack(models_dir: Path) -> Pack:
    return default_pack(models_dir)


@pytest.fixture(scope="module")
def crowd(pack: Pack) -> dict[str, Person]:
    return {person.name: person for person in people(pack)}


@pytest.fixture(scope="module")
def astronaut(crowd: dict[str, Person]) -> Person:
    return crowd["astronaut"]


@pytest.fixture
def door(pack: Pack) -> Door:
    return Door(pack)


# --- who is seen -----------------------------------------------------------------------


def test_a_member_is_named_by_the_third_frame(door: Door, astronaut: Person, pack: Pack) -> None:
    door.enrol(astronaut, "ada")
    (first,) = sightings(door.show(walk(astronaut, 3, width=64)))
    assert named(first, pack) == "ada"
    assert first.shots == 1
    assert first.camera_id == "door"


def test_a_stranger_is_sighted_and_not_named(
    door: Door, crowd: dict[str, Person], pack: Pack
) -> None:
    door.enrol(crowd["astronaut"], "ada")
    seen = sightings(door.show(walk(crowd["portrait"], 30)))
    assert seen
    assert {named(sighting, pack) for sighting in seen} == {None}


def test_everyone_of_a_group_is_named(door: Door, crowd: dict[str, Person], pack: Pack) -> None:
    group = [crowd["astronaut"], crowd["portrait"], crowd["group-1"]]
    for person in group:
        door.enrol(person, person.name)
    places = (250, 630, 1010)
    said = door.show(
        scene(*((person, x + 3 * n, 300, 90) for person, x in zip(group, places, strict=True)))
        for n in range(20)
    )
    by_track = {sighting.track_id: named(sighting, pack) for sighting in sightings(said)}
    assert sorted(by_track.values(), key=str) == sorted(person.name for person in group)


def test_two_who_cross_are_never_taken_for_each_other(
    door: Door, crowd: dict[str, Person], pack: Pack
) -> None:
    one, other = crowd["astronaut"], crowd["portrait"]
    door.enrol(one, "one")
    door.enrol(other, "other")
    said = door.show(
        scene((other, 1000 - 12 * number, 300, 85), (one, 280 + 12 * number, 300, 90))
        for number in range(60)
    )
    names: dict[str, set[str]] = {}
    for sighting in sightings(said):
        name = named(sighting, pack)
        if name is not None:
            names.setdefault(sighting.track_id, set()).add(name)
    assert {"one", "other"} == set.union(*names.values())
    assert all(len(track) == 1 for track in names.values())


def test_a_face_that_becomes_another_starts_a_new_track(
    door: Door, crowd: dict[str, Person], pack: Pack
) -> None:
    one, other = crowd["astronaut"], crowd["portrait"]
    door.enrol(one, "one")
    door.enrol(other, "other")
    first = sightings(door.show(walk(one, 10)))
    # The face is hidden for half a second, and somebody else steps out in its place.
    said = door.show([EMPTY] * 7) + door.show(scene((other, 445, 300, 90)) for _ in range(10))
    assert ended(said) == [first[0].track_id]
    later = sightings(said)
    assert {named(sighting, pack) for sighting in later} == {"other"}
    assert {sighting.track_id for sighting in later}.isdisjoint({first[0].track_id})


def test_a_face_smaller_than_configured_is_not_looked_at(pack: Pack, astronaut: Person) -> None:
    door = Door(pack, min_face_px=70)
    assert not sightings(door.show(walk(astronaut, 15, width=55)))
    assert sightings(door.show(walk(astronaut, 15, width=90)))


def test_of_two_hundred_faces_each_gets_its_turn_and_none_holds_up_the_rest(
    pack: Pack, crowd: dict[str, Person]
) -> None:
    door = Door(pack, min_face_px=24)
    everyone = sorted(crowd.values(), key=lambda person: person.name)
    picture = scene(
        *(
            (everyone[place % len(everyone)], 32 + 62 * (place % 20), 36 + 72 * (place // 20), 27)
            for place in range(200)
        )
    )
    shots = []
    for _ in range(RATE * 4):
        door.show([picture])
        shots.append(door.tally.load(frames_waiting=0, requests_waiting=0).shots_embedded)
    assert max(later - earlier for earlier, later in pairwise(shots)) <= PHOTOGRAPHED
    photographed = {sighting.track_id for sighting in sightings(door.said)}
    assert len(photographed) == shots[-1], "nobody has a second turn before all had their first"
    assert len(photographed) > 25


def test_a_camera_that_is_switched_to_another_size_goes_on_naming_people(
    door: Door, astronaut: Person, pack: Pack
) -> None:
    door.enrol(astronaut, "ada")
    door.show(walk(astronaut, 8, width=130))
    halved = (cv2.resize(picture, None, fx=0.5, fy=0.5) for picture in walk(astronaut, 12, 130))
    seen = sightings(door.show(np.asarray(picture, np.uint8) for picture in halved))
    assert "ada" in {named(sighting, pack) for sighting in seen}


# --- zone and masks --------------------------------------------------------------------


@pytest.mark.parametrize(
    "mask", [Mask(masks=[LEFT_HALF]), Mask(zone=[(x + 0.5, y) for x, y in LEFT_HALF])]
)
def test_a_face_that_is_masked_or_outside_the_zone_is_never_detected(
    door: Door, astronaut: Person, mask: Mask
) -> None:
    assert door.show((scene((astronaut, 300 + n, 300, 90)) for n in range(20)), mask) == []
    assert sightings(door.show((scene((astronaut, 900 + n, 300, 90)) for n in range(20)), mask))


def test_a_masked_face_is_not_captured_either(door: Door, astronaut: Person) -> None:
    door.pipeline.capture(CaptureFace(request_id=1, camera_id="door", timeout_s=1.0), door.now_s)
    said = door.show([scene((astronaut, 300, 300, 90))] * 20, Mask(masks=[LEFT_HALF]))
    assert said == [Judged(request_id=1, fault=PhotoFault.NO_FACE)]


# --- how long and how often ------------------------------------------------------------


def test_a_face_in_view_is_reported_again_and_again(door: Door, astronaut: Person) -> None:
    seen = sightings(door.show([scene((astronaut, 500, 300, 90))] * (RATE * 12)))
    times = [sighting.seen_at.timestamp() for sighting in seen]
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert max(gaps) <= REPEAT_S + 2 / RATE
    assert max(sighting.shots for sighting in seen) <= MAX_SHOTS
    assert len({sighting.track_id for sighting in seen}) == 1


def test_a_track_ends_when_the_face_is_gone(door: Door, astronaut: Person) -> None:
    (track_id,) = {sighting.track_id for sighting in sightings(door.show(walk(astronaut, 10)))}
    assert ended(door.show([EMPTY] * RATE * 2)) == [track_id]


def test_who_is_hidden_for_a_moment_passes_once(door: Door, crowd: dict[str, Person]) -> None:
    one, other = crowd["astronaut"], crowd["portrait"]
    door.show(walk(one, RATE))
    door.show([EMPTY] * RATE * 2)
    door.show(scene((one, 470, 300, 90)) for _ in range(RATE))
    door.show([EMPTY] * RATE * 5)
    door.show(walk(other, RATE))
    door.show([EMPTY] * RATE * 2)
    assert len(ended(door.said)) == 3
    assert passed(door.said) == 2


def test_a_track_ends_when_its_camera_dies(door: Door, astronaut: Person) -> None:
    seen = sightings(door.show(walk(astronaut, 10)))
    before = len(door.said)
    door.pipeline.tick(door.now_s + 2)
    assert ended(door.said[before:]) == [seen[0].track_id]


def test_an_empty_door_reports_nothing(door: Door) -> None:
    assert door.show([EMPTY] * RATE * 3) == []


# --- the gallery changes under a face in view --------------------------------------------


def test_a_member_enrolled_while_in_view_is_named_at_once(
    door: Door, astronaut: Person, pack: Pack
) -> None:
    before = sightings(door.show(walk(astronaut, 10)))
    assert {named(sighting, pack) for sighting in before} == {None}
    (at_once,) = sightings(door.enrol(astronaut, "ada"))
    assert named(at_once, pack) == "ada"
    assert at_once.track_id == before[0].track_id


def test_a_member_removed_while_in_view_is_forgotten_at_once(door: Door, astronaut: Person) -> None:
    door.enrol(astronaut, "ada")
    door.show(walk(astronaut, 10))
    before = len(door.said)
    door.pipeline.remove_member("ada")
    (at_once,) = sightings(door.said[before:])
    assert at_once.candidates == ()


# --- photos ------------------------------------------------------------------------------


def test_a_photo_taken_by_the_camera_is_that_of_the_person_there(
    door: Door, astronaut: Person
) -> None:
    door.enrol(astronaut, "ada")
    door.pipeline.capture(CaptureFace(request_id=9, camera_id="door", timeout_s=5.0), door.now_s)
    said = door.show([scene((astronaut, 500, 300, 120))] * RATE * 2)
    (answer,) = [message for message in said if isinstance(message, Judged)]
    assert answer.request_id == 9
    assert answer.probe is not None
    assert answer.candidates[0].member_id == "ada"
    assert np.linalg.norm(np.frombuffer(answer.probe.vector, "<f4")) == pytest.approx(1, abs=1e-4)


def test_a_capture_waits_for_one_person_alone(door: Door, crowd: dict[str, Person]) -> None:
    both = scene((crowd["astronaut"], 400, 300, 110), (crowd["portrait"], 800, 300, 110))
    door.pipeline.capture(CaptureFace(request_id=1, camera_id="door", timeout_s=1.0), door.now_s)
    assert Judged(request_id=1, fault=PhotoFault.SEVERAL_FACES) in door.show([both] * 20)


def test_a_capture_asks_its_own_camera_only(pack: Pack, astronaut: Person) -> None:
    door = Door(pack, cameras=("door", "till"))
    door.pipeline.capture(CaptureFace(request_id=1, camera_id="till", timeout_s=1.0), door.now_s)
    said = door.show([scene((astronaut, 400, 300, 110))] * 20, camera_id="door")
    assert Judged(request_id=1, fault=PhotoFault.NO_FACE) in said
