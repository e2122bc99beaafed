"""While face matching rests no face is embedded or searched, whichever process runs."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest
from component.door_scene import (
    RATE,
    Door,
    Person,
    default_pack,
    encode,
    named,
    people,
    scene,
    sightings,
    walk,
)
from component.test_vision_process import Gateway, enrolled, process, ready, until

from edge.config import CameraConfig
from edge.domain import Stage, VisionState
from edge.vision.packs import Pack


def runs(door: Door) -> dict[Stage, int]:
    """How often each stage ran so far."""
    load = door.tally.load(frames_waiting=0, requests_waiting=0, models=())
    return {stage: time.runs for stage, time in load.stages.items()}


@pytest.fixture(scope="module")
def pack(models_dir: Path) -> Pack:
    return default_pack(models_dir)


@pytest.fixture(scope="module")
def ada(pack: Pack) -> Person:
    return next(person for person in people(pack) if person.name == "astronaut")


@pytest.fixture
def camera(ada: Person, tmp_path: Path) -> CameraConfig:
    """Ada stands at the door and sways, for two seconds, again and again."""
    pictures = [scene((ada, 500 + 20 * (n % 15), 300, 90)) for n in range(2 * RATE)]
    return CameraConfig(id="door", source=str(encode(tmp_path / "ada.mp4", pictures)), loop=True)


def test_nobody_is_embedded_or_searched_until_it_goes_on(pack: Pack, ada: Person) -> None:
    door = Door(pack)
    door.enrol(ada, "ada")
    assert sightings(door.show(walk(ada, 6)))
    before = runs(door)
    door.pipeline.resting = True
    assert not sightings(door.show(walk(ada, 45)))
    after = runs(door)
    assert after[Stage.DETECT] > before[Stage.DETECT], "people are still counted"
    assert after[Stage.EMBED] == before[Stage.EMBED]
    assert after[Stage.SEARCH] == before[Stage.SEARCH]
    door.pipeline.resting = False
    assert named(sightings(door.show(walk(ada, 6)))[-1], pack) == "ada"


async def test_a_process_that_is_started_again_rests_as_well(
    models_dir: Path, pack: Pack, ada: Person, camera: CameraConfig
) -> None:
    gateway = Gateway()
    async with ready(gateway, models_dir, camera) as vision:
        await enrolled(gateway, vision, ada)
        await until(lambda: any(named(seen, pack) == "ada" for seen in gateway.sightings))
        await vision.rest(True)
        process().send_signal(signal.SIGKILL)
        await until(lambda: vision.state is VisionState.RESTARTING)
        gateway.sightings.clear()
        await until(lambda: vision.state is VisionState.READY)
        await until(lambda: vision.load is not None and vision.load.faces_detected > 20)
        assert vision.load is not None
        assert vision.load.shots_embedded == 0
        assert not gateway.sightings
        await vision.rest(False)
        await until(lambda: any(named(seen, pack) == "ada" for seen in gateway.sightings))
