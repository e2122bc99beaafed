"""Bytes from outside: decoded when they are one photo, refused when they are anything else."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from edge.camera.image import MAX_BYTES, decode, is_one_picture
from edge.domain import PhotoFault


def encoded(kind: str, size: tuple[int, int] = (64, 48), **options: object) -> bytes:
    """A picture: red at the left, blue at the right."""
    image = Image.new("RGB", size, (200, 30, 20))
    image.paste((20, 30, 200), (size[0] // 2, 0, size[0], size[1]))
    target = io.BytesIO()
    image.save(target, kind, **options)  # type: ignore[arg-type]
    return target.getvalue()


JPEG, PNG, WEBP = encoded("JPEG"), encoded("PNG"), encoded("WEBP")
KINDS = pytest.mark.parametrize("photo", [JPEG, PNG, WEBP], ids=["jpeg", "png", "webp"])


def archive() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as opened:
        opened.writestr("run.sh", "echo")
    return target.getvalue()


def pixels(photo: bytes) -> NDArray[np.uint8]:
    picture = decode(photo, 1600)
    assert isinstance(picture, np.ndarray), picture
    return picture


@KINDS
def test_photo_is_decoded_with_blue_first(photo: bytes) -> None:
    picture = pixels(photo)
    assert picture.shape == (48, 64, 3)
    assert picture.dtype == np.uint8
    blue, _, red = picture[24, 8]
    assert red > 150 > 80 > blue


def test_progressive_jpeg_is_decoded() -> None:
    assert pixels(encoded("JPEG", progressive=True)).shape == (48, 64, 3)


def test_photo_is_turned_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # taken with the phone turned right
    picture = pixels(encoded("JPEG", exif=exif))
    assert picture.shape == (64, 48, 3)
    assert picture[8, 24, 2] > 150  # the left of the sensor is the top of the picture


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_picture_that_is_hardly_more_than_a_line_is_decoded(kind: str) -> None:
    assert pixels(encoded(kind, (8000, 2))).shape[1] == 1600


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_large_photo_is_shrunk(kind: str) -> None:
    picture = decode(encoded(kind, (1200, 800)), 300)
    assert isinstance(picture, np.ndarray)
    assert picture.shape == (200, 300, 3)


@KINDS
def test_truncated_photo_is_refused(photo: bytes) -> None:
    for end in (0, 1, 7, 20, len(photo) // 2, len(photo) - 3):
        assert decode(photo[:end], 1600) is PhotoFault.NOT_AN_IMAGE


@KINDS
@pytest.mark.parametrize(
    "behind",
    [archive(), b"<script>alert(1)</script>", b"%PDF-1.7", b"MZ\x90\x00", b"trailing"],
    ids=["zip", "page", "pdf", "program", "text"],
)
def test_photo_with_something_behind_it_is_refused(photo: bytes, behind: bytes) -> None:
    assert decode(photo + behind, 1600) is PhotoFault.NOT_AN_IMAGE


@KINDS
def test_photo_with_something_before_it_is_refused(photo: bytes) -> None:
    assert decode(b"GIF89a" + photo, 1600) is PhotoFault.NOT_AN_IMAGE


def test_page_or_archive_in_a_comment_is_refused() -> None:
    for hidden in (b"<html><script>", archive()):
        comment = b"\xff\xfe" + struct.pack(">H", len(hidden) + 2) + hidden
        assert decode(JPEG[:2] + comment + JPEG[2:], 1600) is PhotoFault.NOT_AN_IMAGE


def test_further_jpegs_of_a_phone_are_accepted() -> None:
    assert is_one_picture(JPEG + JPEG)
    assert is_one_picture(JPEG + b"\0" * 40 + JPEG + b"\0" * 7)
    assert pixels(JPEG + JPEG).shape == (48, 64, 3)


def test_other_formats_are_refused() -> None:
    for kind in ("GIF", "BMP", "TIFF", "ICO"):
        assert decode(encoded(kind), 1600) is PhotoFault.NOT_AN_IMAGE


def test_100_megapixels_are_refused_from_the_header() -> None:
    """The rest of the picture is missing: decoding it would end in another fault."""
    at = JPEG.index(b"\xff\xc0")
    jpeg = JPEG[: at + 5] + struct.pack(">HH", 10_000, 10_000) + JPEG[at + 9 :]
    assert decode(jpeg, 1600) is PhotoFault.TOO_LARGE
    header = b"IHDR" + struct.pack(">II", 10_000, 10_000) + PNG[24:29]
    png = PNG[:12] + header + struct.pack(">I", zlib.crc32(header)) + PNG[33:]
    assert decode(png, 1600) is PhotoFault.TOO_LARGE


def test_too_many_bytes_are_refused_unread() -> None:
    assert decode(JPEG + b"\0" * MAX_BYTES, 1600) is PhotoFault.TOO_LARGE


@given(
    st.sampled_from([JPEG, PNG, WEBP]),
    st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), min_size=1, max_size=12),
)
def test_damaged_photo_is_a_picture_or_a_fault_but_never_a_crash(
    photo: bytes, changes: list[tuple[int, int]]
) -> None:
    damaged = bytearray(photo)
    for at, value in changes:
        damaged[at % len(damaged)] = value
    assert isinstance(decode(bytes(damaged), 1600), (np.ndarray, PhotoFault))


@given(st.binary(max_size=400))
def test_bytes_of_any_kind_never_crash(data: bytes) -> None:
    for start in (b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF\0\0\0\0WEBP"):
        assert isinstance(decode(start + data, 1600), (np.ndarray, PhotoFault))
