"""Decoding an idle door costs less, and nobody sees a difference once something happens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from av.video.frame import PictureType

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
    """Number of the picture, and the picture; ``quiet`` is asked with the number that comes."""
    number = 0
    with av.open(str(path)) as container:
        decoder = Decoder(container.streams.video[0], lambda: quiet(number))
        for packet in container.demux(video=0):
            for frame in decoder.decode(packet, number / RATE):
                assert frame.time is not None
                yield round(frame.time * RATE), frame.to_ndarray(format="gray")
            number += 1


def pictures(path: Path, quiet: Callable[[int], bool]) -> dict[int, np.ndarray]:
    """Every picture that is shown, by its number; none twice and all in order."""
    seen = list(shown(path, quiet))
    assert [number for number, _ in seen] == sorted({number for number, _ in seen})
    return dict(seen)


def same(one: np.ndarray, other: np.ndarray) -> bool:
    return bool(np.array_equal(one, other))


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return film(tmp_path_factory.mktemp("clip") / "door.mp4", 6 * GOP, preset="veryfast", bf="0")


def test_a_quiet_stream_shows_every_second_picture_a_little_rougher(clip: Path) -> None:
    proper, rough = pictures(clip, lambda _: False), pictures(clip, lambda _: True)
    assert len(proper) == 6 * GOP
    assert list(rough)[: GOP // 2] == list(range(0, GOP, 2))
    apart = [np.abs(rough[n].astype(int) - proper[n]).mean() for n in rough]
    assert max(apart) < 4
    assert any(apart), "smoothing was left out"


def test_just_before_a_key_frame_nobody_looks_at_a_quiet_stream(clip: Path) -> None:
    """What is decoded there serves no other picture, so it is left undecoded."""
    looked_at = [n for n in pictures(clip, lambda _: True) if 2 * GOP <= n < 5 * GOP]
    assert {n % GOP for n in looked_at} == {0, 2, 4}, "of fifteen a second the last four are not"


@pytest.mark.parametrize("woken", [1, GOP, GOP + 1, 2 * GOP - 1, 3 * GOP - 1, 3 * GOP + 4])
def test_from_the_moment_that_something_moves_every_picture_is_the_proper_one(
    clip: Path, woken: int
) -> None:
    proper = pictures(clip, lambda _: False)
    rested = pictures(clip, lambda number: number < woken)
    for number in range(woken, len(proper)):
        assert same(rested[number], proper[number]), number


def test_h265_rests_and_wakes_in_the_same_way(tmp_path: Path) -> None:
    parameters = f"keyint={GOP}:min-keyint={GOP}:scenecut=0:bframes=0:log-level=none"
    path = film(tmp_path / "door.mkv", 4 * GOP, "libx265", **{"x265-params": parameters})
    proper = pictures(path, lambda _: False)
    rested = pictures(path, lambda number: number < GOP + 5)
    alike = {number: same(picture, proper[number]) for number, picture in rested.items()}
    assert not all(alike[number] for number in rested if number < GOP + 5)
    assert all(alike[number] for number in range(GOP + 5, 4 * GOP))


def test_a_stream_that_was_woken_rests_again_from_a_key_frame_on(clip: Path) -> None:
    proper = pictures(clip, lambda _: False)
    rested = pictures(clip, lambda number: not 3 <= number < GOP + 3)
    for number in range(3, GOP + 3):
        assert same(rested[number], proper[number]), number
    again = [number for number in rested if 2 * GOP <= number < 4 * GOP]
    assert not all(same(rested[number], proper[number]) for number in again)


def test_a_stream_whose_key_frames_are_too_far_apart_is_decoded_properly(tmp_path: Path) -> None:
    path = film(tmp_path / "long.mp4", KEPT_PACKETS + 40, bf="0", g="1000", preset="veryfast")
    proper, quiet = pictures(path, lambda _: False), pictures(path, lambda _: True)
    late = [number for number in quiet if number >= KEPT_PACKETS]
    assert len(late) == 20
    assert all(same(quiet[number], proper[number]) for number in late)


def test_a_stream_with_pictures_out_of_order_shows_none_twice(tmp_path: Path) -> None:
    path = film(tmp_path / "b.mp4", 12 * GOP, bf="2", preset="veryfast")
    seen = pictures(path, lambda number: number % 40 < 20)
    assert len(seen) > 0.6 * 12 * GOP


def test_pictures_that_no_other_needs_are_not_decoded_for_a_quiet_door(tmp_path: Path) -> None:
    """Two of three here; decoding them would be most of the work."""
    path = film(tmp_path / "b.mp4", 6 * GOP, bf="2", preset="veryfast", **{"b-pyramid": "none"})
    with av.open(str(path)) as container:
        kinds = [frame.pict_type for frame in container.decode(video=0)]
    quiet = pictures(path, lambda _: True)
    assert PictureType.B in kinds
    assert quiet
    assert PictureType.B not in {kinds[number] for number in quiet}


def test_a_quiet_camera_of_single_pictures_decodes_only_what_is_looked_at(tmp_path: Path) -> None:
    path = film(tmp_path / "door.mkv", 2 * GOP, "mjpeg")
    proper, quiet = pictures(path, lambda _: False), pictures(path, lambda _: True)
    assert list(quiet)[:GOP] == list(range(0, 2 * GOP, 2))
    assert all(same(quiet[number], proper[number]) for number in quiet)


def test_a_codec_that_has_nothing_to_leave_out_is_decoded_as_ever(tmp_path: Path) -> None:
    path = film(tmp_path / "door.mkv", 2 * GOP, "mpeg4")
    proper, quiet = pictures(path, lambda _: False), pictures(path, lambda _: True)
    assert len(proper) == 2 * GOP
    assert all(same(quiet[number], proper[number]) for number in quiet)


def test_every_picture_that_came_is_counted_seen_or_not(clip: Path) -> None:
    with av.open(str(clip)) as container:
        decoder = Decoder(container.streams.video[0], lambda: True)
        packets = [packet for packet in container.demux(video=0) if packet.size]
        seen = sum(len(decoder.decode(packet, n / RATE)) for n, packet in enumerate(packets))
    assert 0 < seen < len(packets)
    assert seen + decoder.passed == len(packets)
