"""Rendered clips against the real detector and the real codec: the truth must be true."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from edge.demo.approach import FPS, HEIGHT_PX, WIDTH_PX, Approach, Box, Truth, drawn
from edge.demo.clip import KEY_FRAME_EVERY, render
from edge.demo.figure import Figure
from edge.demo.people import figures_of, photographs
from edge.vision.packs import Pack, load


@pytest.fixture(scope="module")
def pack(models_dir: Path) -> Pack:
    return load("yunet-sface", models_dir, [])


@pytest.fixture(scope="module")
def figures(pack: Pack) -> dict[str, Figure]:
    return figures_of(photographs(pack.detect))


def pictures(path: Path) -> Iterator[NDArray[np.uint8]]:
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            yield np.asarray(frame.to_ndarray(format="bgr24"), np.uint8)


def found_where(truth: Truth, frame: int, pack: Pack, picture: NDArray[np.uint8]) -> float | None:
    """The detected face's width over the true one, None where no face is found in its place."""
    box = truth.boxes[frame]
    for left, top, right, bottom in pack.detect(picture).boxes.tolist():
        aside = abs((left + right) / 2 - (box.x + box.width / 2))
        below = abs((top + bottom) / 2 - (box.y + box.height / 2))
        if max(aside, below) < 0.25 * box.width:
            return float(right - left) / box.width
    return None


def walking(approach: Approach, truth: Truth) -> list[int]:
    """Frames with a usable face, before it turns to leave."""
    end = approach.start_frame + int(approach.walk_s * FPS)
    assert truth.usable_frame is not None
    return list(range(truth.usable_frame, end))


def test_the_detector_finds_each_face_where_the_truth_says_and_as_large(
    tmp_path: Path, pack: Pack, figures: dict[str, Figure]
) -> None:
    rng, approaches, start = random.Random(5), [], 2
    for person in sorted(figures):
        approaches.append(drawn(rng, person, start))
        start = approaches[-1].end_frame + 2
    truths = render(tmp_path / "door.mp4", approaches, figures, frames=start, seed=5)
    shown = {t.person: walking(a, t)[::4] for a, t in zip(approaches, truths, strict=True)}
    ratios: dict[str, list[float | None]] = {person: [] for person in shown}
    for frame, picture in enumerate(pictures(tmp_path / "door.mp4")):
        for known in truths:
            if frame in shown[known.person]:
                ratios[known.person].append(found_where(known, frame, pack, picture))
    for person, measured in ratios.items():
        widths = [ratio for ratio in measured if ratio is not None]
        assert len(widths) >= 0.9 * len(measured), f"{person}: {measured}"
        assert 0.85 < float(np.median(widths)) < 1.15, f"{person}: {measured}"


def test_a_group_shows_every_face_at_once(
    tmp_path: Path, pack: Pack, figures: dict[str, Figure]
) -> None:
    people = sorted(figures)[:3]
    rng = random.Random(9)
    group = [
        drawn(rng, person, 0, aside_m=aside_m)
        for person, aside_m in zip(people, (-0.45, 0.0, 0.45), strict=True)
    ]
    truths = render(tmp_path / "door.mp4", group, figures, frames=60, seed=9)
    frame = max(known.usable_frame or 0 for known in truths)
    picture = list(pictures(tmp_path / "door.mp4"))[frame]
    assert all(found_where(known, frame, pack, picture) for known in truths)


def test_an_empty_door_shows_no_face(
    tmp_path: Path, pack: Pack, figures: dict[str, Figure]
) -> None:
    render(tmp_path / "door.mp4", [], figures, frames=3, seed=1)
    assert [len(pack.detect(picture)) for picture in pictures(tmp_path / "door.mp4")] == [0, 0, 0]


def test_a_clip_is_coded_as_a_camera_codes_it_and_the_same_seed_repeats_it(
    tmp_path: Path, figures: dict[str, Figure]
) -> None:
    person = sorted(figures)[0]
    for name in ("one.mp4", "other.mp4"):
        render(tmp_path / name, [drawn(random.Random(2), person, 0)], figures, frames=64, seed=2)
    with av.open(str(tmp_path / "one.mp4")) as container:
        stream = container.streams.video[0]
        assert stream.codec_context.name == "h264"
        assert (stream.width, stream.height) == (WIDTH_PX, HEIGHT_PX)
        assert stream.average_rate == FPS
        packets = [packet for packet in container.demux(stream) if packet.size]
    assert [p.pts for p in packets] == sorted(p.pts or 0 for p in packets)
    assert [index for index, p in enumerate(packets) if p.is_keyframe][1] <= KEY_FRAME_EVERY
    pairs = zip(pictures(tmp_path / "one.mp4"), pictures(tmp_path / "other.mp4"), strict=True)
    assert all(np.array_equal(one, other) for one, other in pairs)


def test_progress_reaches_the_last_frame(tmp_path: Path, figures: dict[str, Figure]) -> None:
    said: list[tuple[int, int]] = []
    render(
        tmp_path / "door.mp4",
        [],
        figures,
        frames=4,
        seed=1,
        progress=lambda done, total: said.append((done, total)),
    )
    assert said == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_a_photo_that_ends_at_the_chin_still_makes_a_person(pack: Pack) -> None:
    portrait = next(p for p in photographs(pack.detect) if p.pixels.shape[0] < 200)
    assert isinstance(portrait.face, Box)
    assert figures_of([portrait])[portrait.person].layers[0].shape[2] == 4
