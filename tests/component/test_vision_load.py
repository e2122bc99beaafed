"""What a real vision process says of its work, once a second, while it looks at a clip."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from component.door_scene import RATE, SECRET, Person, default_pack, encode, people, scene

from edge.child.line import pack
from edge.config import CameraConfig, RecognitionConfig
from edge.domain import Sighting, Stage, Template, VisionLoad
from edge.vision.client import Vision
from edge.vision.link import Load, from_vision
from edge.vision.models import read_manifest
from edge.vision.tally import Tally

PATIENCE_S = 40.0


@pytest.fixture
def ada(models_dir: Path) -> Person:
    return next(found for found in people(default_pack(models_dir)) if found.name == "astronaut")


@pytest.fixture
def clip(tmp_path: Path, ada: Person) -> Path:
    """Two seconds of Ada at the door, and nobody for two more."""
    there = [scene((ada, 500 + 20 * (n % 15), 300, 90)) for n in range(2 * RATE)]
    return encode(tmp_path / "ada.mp4", [*there, *[scene()] * (2 * RATE)])


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not condition():  # noqa: ASYNC110 - what is waited for sets no event
            await asyncio.sleep(0.02)


async def no_gallery(model: str) -> AsyncIterator[list[Template]]:
    """A store in which nobody is enrolled."""
    for templates in ():
        yield templates


async def ignored(sighting: Sighting) -> None: ...


def vision_on(clip: Path, models_dir: Path, *, attack_check: bool = False) -> Vision:
    return Vision(
        cameras=[CameraConfig(id="door", source=str(clip), loop=True)],
        recognition=RecognitionConfig(presentation_attack_check=attack_check),
        models_dir=models_dir,
        rotation_secret=SECRET,
        load_gallery=no_gallery,
        on_sighting=ignored,
        on_track_ended=lambda track_id: None,
        on_passed=lambda camera_id: None,
        on_cameras=lambda states: None,
        on_calibrated=lambda calibrated: None,
        on_state=lambda state: None,
    )


async def test_every_stage_counts_while_frames_are_looked_at(clip: Path, models_dir: Path) -> None:
    async with vision_on(clip, models_dir) as vision:
        await until(lambda: vision.load is not None and embedded(vision.load) > 0)
        before = vision.load
        assert before is not None
        await until(lambda: vision.load is not None and embedded(vision.load) > embedded(before))
        after = vision.load
    assert after is not None
    for stage in set(Stage) - {Stage.CHECK}:  # the check for pictures is off
        was, now = before.stages[stage], after.stages[stage]
        assert now.runs > 0, stage
        assert now.runs >= was.runs
        assert now.seconds >= was.seconds > 0 or was.runs == 0
    assert after.frames_looked_at == after.stages[Stage.GATE].runs > before.frames_looked_at
    through_the_gate = after.frames_looked_at - after.frames_gated
    assert 0 < after.stages[Stage.DETECT].runs <= through_the_gate, "tracks need no look each frame"
    assert after.faces_detected >= after.shots_embedded == after.stages[Stage.EMBED].runs
    assert after.frames_waiting <= 1
    assert after.cpu_s > before.cpu_s
    assert after.rss_bytes > 10_000_000
    assert [model.file.partition("_")[0] for model in after.models] == ["face", "face"]
    assert all(model.execution and model.trouble is None for model in after.models)
    assert len(pack(Load(load=after))) < 1000, "a message of sums is small, whoever was seen"


async def test_the_process_loads_what_tells_a_person_from_a_picture_where_it_is_asked_to(
    clip: Path, models_dir: Path, shared_data: Path, tmp_path: Path
) -> None:
    manifest, folder = read_manifest(), tmp_path / "models"
    folder.mkdir()
    for file in manifest.files_of("yunet-sface"):
        shutil.copy(file.path(models_dir), folder)
    for file in manifest.attack_files():
        shutil.copy(shared_data / "spoof" / file.name, folder)
    async with vision_on(clip, folder, attack_check=True) as vision:
        await until(lambda: vision.load is not None and len(vision.load.models) == 4)


def embedded(load: VisionLoad) -> int:
    return load.shots_embedded


def test_the_load_crosses_the_line_whole() -> None:
    tally = Tally()
    with tally.timed(Stage.DETECT):
        tally.detected(2)
    tally.looked_at(gated=False)
    tally.looked_at(gated=True)
    said = Load(load=tally.load(frames_waiting=1, requests_waiting=0))
    assert from_vision.decode(pack(said)[4:]) == said
    assert (said.load.frames_looked_at, said.load.frames_gated) == (2, 1)
    assert said.load.stages[Stage.DETECT].runs == 1
