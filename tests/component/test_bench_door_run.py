"""The door benchmark itself, short: two people of the demo at a real gateway."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from edge.bench import door
from edge.bench.cast import GALLERY, cast
from edge.errors import ConfigError
from edge.vision.detection import Detections
from edge.vision.packs import load


def quiet(what: str, done: int, total: int) -> None:
    """Nobody watches."""


def nobody(picture: NDArray[np.uint8]) -> Detections:
    return Detections.none()


async def test_a_short_run_recognises_the_member_and_leaves_the_stranger_alone(
    models_dir: Path,
) -> None:
    result = await door.run(None, 2, 1, "yunet-sface", models_dir, quiet)
    assert (result["approaches"], result["member_approaches"], result["strangers"]) == (2, 1, 1)
    assert (result["recognised"], result["named_wrongly"], result["strangers_named"]) == (1, 0, 0)
    assert result["latency_ms"]["max"] is not None
    assert result["frames_seen"] > 0
    assert result["cpu_cores"] > 0
    assert result["rss_mb"] > 0
    assert json.loads(json.dumps(result)) == result


def test_the_photo_a_member_walks_up_with_is_never_enrolled(
    shared_data: Path, models_dir: Path
) -> None:
    pack = load("yunet-sface", models_dir, [])
    people = cast(shared_data / "faces-dev", 8, pack.detect)
    assert len(people.members) == GALLERY
    assert len(people.strangers) == 4
    for member in people.members:
        shown = [cv2.imdecode(np.frombuffer(photo, np.uint8), 1) for photo in member.photos]
        assert not any(
            pixels is None or np.array_equal(pixels, member.shown.pixels) for pixels in shown
        )
    names = {member.name for member in people.members}
    assert not names & {stranger.name for stranger in people.strangers}


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such folder"):
        cast(tmp_path / "none", 4, nobody)


def test_a_folder_without_people_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="PERSON"):
        cast(tmp_path, 4, nobody)
