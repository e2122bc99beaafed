"""Decoding an idle door costs less, and nobody sees a difference once something happens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from edge.camera.decoding import KEPT_PACKETS, Decoder

RATE = 15
SIZE = (320, 180)
GOP = 10


def film(path: Path, frames: int, codec: str = "libx264", **options: str) -> Path:
    """Noise with a ball in it: a picture that smoothing changes."""
    dice = np.random.default_rng(5)
    settings = {"g": str(GOP), "sc_threshold": "0", **options}
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=RATE, options=settings)
        stream.width, stream.height = SIZE
        stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
        stream.bit_rate = 150_000
        for number in range(frames):
            picture = dice.integers(80, 120, (SIZE[1], SIZE[0], 3), np.uint8)
            cv2.circle(picture, (number * 4 % SIZE[0], 90), 20, (60, 200, 120), -1)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="bgr24")))
        container.mux(stream.encode())
    return path


def shown(path: Path, quiet: Callable[[int], bool]) -> Iterator[tuple[int, np.ndarray]]:
    """Time stamp and picture; ``quiet`` is asked with the number of pictures shown before."""
    count = 0
    with av.open(str(path)) as container:
        decoder = Decoder(container.streams.video[0], lambda: quiet(count))
        for packet in container.demux(video=0):
            for frame in decoder.decode(packet):
                count += 1
                yield int(frame.pts or 0), frame.to_ndarray(format="gray")


def same(one: np.ndarray, other: np.ndarray) -> bool:
    return bool(np.array_equal(one, other))


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return film(tmp_path_factory.mktemp("clip") / "door.mp4", 6 * GOP, preset="veryfast", bf="0")


def test_a_quiet_stream_shows_every_picture_a_little_rougher(clip: Path) -> None:
    proper = list(shown(clip, lambda count: False))
    rough = list(shown(clip, lambda count: True))
    assert [at for at, _ in rough] == [at for at, _ in proper]
    differing = [not same(one[1], other[1]) for one, other in zip(proper, rough, strict=True)]
    assert any(differing), "smoothing was left out"
    apart = [np.abs(a[1].astype(int) - b[1]).mean() for a, b in zip(proper, rough, strict=True)]
    assert max(apart) < 4


@pytest.mark.parametrize("woken", [1, GOP, GOP + 1, 2 * GOP - 1, 3 * GOP + 4])
def test_from_the_moment_that_something_moves_every_picture_is_the_proper_one(
    clip: Path, woken: int
) -> None:
    proper = list(shown(clip, lambda count: False))
    rested = list(shown(clip, lambda count: count < woken))
    assert len(rested) == len(proper)
    for number in range(woken, len(proper)):
        assert same(rested[number][1], proper[number][1]), number


def test_h265_rests_and_wakes_in_the_same_way(tmp_path: Path) -> None:
    parameters = f"keyint={GOP}:min-keyint={GOP}:scenecut=0:bframes=0:log-level=none"
    path = film(tmp_path / "door.mkv", 4 * GOP, "libx265", **{"x265-params": parameters})
    proper = list(shown(path, lambda count: False))
    rested = list(shown(path, lambda count: count < GOP + 5))
    assert [at for at, _ in rested] == [at for at, _ in proper]
    alike = [same(one[1], other[1]) for one, other in zip(proper, rested, strict=True)]
    assert not all(alike[: GOP + 5])
    assert all(alike[GOP + 5 :])


def test_a_stream_that_was_woken_rests_again_from_a_key_frame_on(clip: Path) -> None:
    proper = list(shown(clip, lambda count: False))
    rested = list(shown(clip, lambda count: not 3 <= count < GOP + 3))
    for number in range(3, 2 * GOP):
        assert same(rested[number][1], proper[number][1]), number
    assert not all(same(rested[n][1], proper[n][1]) for n in range(2 * GOP, 4 * GOP))


def test_a_stream_whose_key_frames_are_too_far_apart_is_decoded_properly(tmp_path: Path) -> None:
    path = film(tmp_path / "long.mp4", KEPT_PACKETS + 40, bf="0", g="1000", preset="veryfast")
    proper = list(shown(path, lambda count: False))
    quiet = list(shown(path, lambda count: True))
    assert len(quiet) == len(proper)
    for number in range(KEPT_PACKETS, len(proper)):
        assert same(quiet[number][1], proper[number][1])


def test_a_stream_with_pictures_out_of_order_shows_none_twice(tmp_path: Path) -> None:
    path = film(tmp_path / "b.mp4", 6 * GOP, bf="2", preset="veryfast")
    times = [at for at, _ in shown(path, lambda count: count % 20 < 12)]
    assert times == sorted(set(times))
    assert len(times) > 0.8 * 6 * GOP


@pytest.mark.parametrize("codec", ["mjpeg", "mpeg4"])
def test_a_codec_that_has_nothing_to_leave_out_is_decoded_as_ever(
    tmp_path: Path, codec: str
) -> None:
    path = film(tmp_path / "door.mkv", 2 * GOP, codec)
    proper = [picture for _, picture in shown(path, lambda count: False)]
    quiet = [picture for _, picture in shown(path, lambda count: True)]
    assert len(proper) == 2 * GOP
    assert all(same(one, other) for one, other in zip(proper, quiet, strict=True))
