"""The demo store's cameras and configuration: clips rendered once, played for ever."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import available_timezones

from edge.config import (
    ApiConfig,
    CameraConfig,
    Config,
    ControllerConfig,
    PrivacyConfig,
    StoreConfig,
    VisitConfig,
)
from edge.demo.approach import FPS, Approach, drawn
from edge.demo.clip import render
from edge.demo.figure import Portrait
from edge.demo.people import figures_of, photographs
from edge.vision.detection import Detector
from edge.vision.models import read_manifest, verify
from edge.vision.packs import yunet

Report = Callable[[str, int, int], None]
"""Told what is being done, how much of it is, and of how much."""

PACK = "yunet-sface"
ABSENCE_S = 45
LOOP_S = 75
"""A clip is longer than the absence that ends a visit, so each round shows arrivals again."""

# Who comes when (seconds from the start of the clip) and how far aside of the middle (m).
_SCHEDULES: dict[str, tuple[tuple[float, str, float], ...]] = {
    "door": (
        (1.5, "astronaut", 0.0),
        (10.0, "group-1", 0.0),
        (19.0, "group-3", -0.45),
        (19.3, "group-4", 0.0),
        (19.1, "group-5", 0.45),
        (30.0, "portrait", 0.0),
        (39.0, "group-6", 0.0),
        (48.0, "group-2", 0.0),
    ),
    "aisle": ((14.0, "astronaut", 0.0), (33.0, "group-3", 0.0), (52.0, "group-6", 0.0)),
}
_PLACES = {"door": "Front door", "aisle": "Shoe aisle"}


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoShop:
    """A configuration that can be run, and the faces to enroll."""

    config: Config
    portraits: dict[str, Portrait]


def prepare(
    state_dir: Path, models_dir: Path, *, port: int, loopback_port: int, progress: Report
) -> DemoShop:
    """Render the clips that are missing. Blocks: half a minute at first, a second later on.

    Raises ``ModelError`` where the detector has not been fetched.
    """
    portraits = {
        portrait.person: portrait for portrait in photographs(_detector(models_dir).detect)
    }
    clips = {
        camera_id: _clip(camera_id, state_dir / "clips", portraits, progress)
        for camera_id in _SCHEDULES
    }
    config = demo_config(state_dir, clips, port=port, loopback_port=loopback_port)
    return DemoShop(config=config, portraits=portraits)


def demo_config(
    state_dir: Path, clips: dict[str, Path], *, port: int, loopback_port: int
) -> Config:
    """The demo's configuration: recorded cameras, an invented controller, short visits."""
    return Config(
        store=StoreConfig(
            id="demo", name="Demo Store", timezone=_timezone(), state_dir=str(state_dir)
        ),
        privacy=PrivacyConfig(
            profile="demo",
            controller=ControllerConfig(
                name="Demo Store", address="1 Example Street", contact="demo@store.example"
            ),
        ),
        cameras=[
            CameraConfig(id=camera_id, source=str(clip), place=_PLACES[camera_id], loop=True)
            for camera_id, clip in clips.items()
        ],
        visit=VisitConfig(absence_s=ABSENCE_S),
        api=ApiConfig(port=port, loopback_port=loopback_port),
    )


def _clip(camera_id: str, folder: Path, portraits: dict[str, Portrait], progress: Report) -> Path:
    """The camera's clip, rendered if it is not there; a broken-off one is begun again."""
    path = folder / f"{camera_id}.mp4"
    if path.exists():
        return path
    folder.mkdir(parents=True, exist_ok=True)
    people = _approaches(camera_id)
    figures = figures_of(portraits[approach.person] for approach in people)
    unfinished = path.with_suffix(".part")
    render(
        unfinished,
        people,
        figures,
        frames=LOOP_S * FPS,
        seed=len(camera_id),
        progress=lambda done, total: progress(f"Rendering the {camera_id} camera", done, total),
    )
    unfinished.replace(path)
    return path


def _approaches(camera_id: str) -> list[Approach]:
    rng = random.Random(camera_id)
    return [
        drawn(rng, person, round(start_s * FPS), aside_m=aside_m)
        for start_s, person, aside_m in _SCHEDULES[camera_id]
    ]


def _detector(models_dir: Path) -> Detector:
    manifest = read_manifest()
    file, _ = manifest.files_of(PACK)
    detector, _ = yunet(manifest.pack(PACK), (file, verify(file, models_dir)))
    return detector


def _timezone() -> str:
    """The machine's time zone as its link names it, else UTC."""
    _, _, name = os.path.realpath("/etc/localtime").partition("zoneinfo/")
    return name if name in available_timezones() else "UTC"
