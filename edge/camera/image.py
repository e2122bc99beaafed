"""Bytes from outside to pixels, or a fault: nothing is decoded before it is known to be harmless.

Accepted are JPEG, PNG and WebP that begin and end as one picture. A file that is something else
as well (an archive behind the picture, a page in its comment) is refused, although nothing here
would ever run it: what is not purely a photo has no business in a shop's gateway.
"""

from __future__ import annotations

import io
import math
import struct

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from edge.domain import PhotoFault

MAX_BYTES = 12 * 1024 * 1024
MAX_PIXELS = {"JPEG": 50_000_000, "PNG": 16_000_000, "WEBP": 8_000_000}
"""By format, so that decoding takes some 150 MB at most: a JPEG is decoded at a fraction of its
size (a progressive one keeps its coefficients whole), a PNG whole, a WebP whole and more than
once."""

_FOREIGN = (b"%PDF-", b"<script", b"<html", b"<?php", b"<!DOCTYPE", b"GIF89a", b"Rar!\x1a\x07")
_ARCHIVE = (b"PK\x03\x04", b"PK\x05\x06")
_BROKEN = (OSError, ValueError, SyntaxError, EOFError, struct.error, IndexError, KeyError)
"""What Pillow raises on damaged files, found by damaging some."""


def decode(data: bytes, longest_px: int) -> NDArray[np.uint8] | PhotoFault:
    """The picture upright, uint8 [h, w, 3], blue first, shrunk to ``longest_px`` at its longest.

    Faults: ``TOO_LARGE`` in bytes or pixels (told from the header), else ``NOT_AN_IMAGE``.
    """
    if len(data) > MAX_BYTES:
        return PhotoFault.TOO_LARGE
    if not is_one_picture(data):
        return PhotoFault.NOT_AN_IMAGE
    try:
        with Image.open(io.BytesIO(data), formats=tuple(MAX_PIXELS)) as image:
            if image.width * image.height > MAX_PIXELS.get(image.format or "", 0):
                return PhotoFault.TOO_LARGE
            return _pixels(image, longest_px)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        return PhotoFault.TOO_LARGE
    except (*_BROKEN, UserWarning):  # corrupt EXIF, where warnings are errors
        return PhotoFault.NOT_AN_IMAGE


def _pixels(image: Image.Image, longest_px: int) -> NDArray[np.uint8]:
    ratio = longest_px / max(image.size)
    image.draft("RGB", (math.ceil(image.width * ratio), math.ceil(image.height * ratio)))
    image.thumbnail((longest_px, longest_px), Image.Resampling.BOX)
    upright = ImageOps.exif_transpose(image).convert("RGB")
    return np.ascontiguousarray(np.asarray(upright, np.uint8)[:, :, ::-1])


def is_one_picture(data: bytes) -> bool:
    """Whether the bytes are one JPEG, PNG or WebP from first to last, and nothing besides.

    Padding with zeros may follow. So may further JPEGs: phones store depth and brightness maps
    that way (CIPA DC-007, Multi-Picture Format).
    """
    if any(mark in data for mark in _FOREIGN) or all(mark in data for mark in _ARCHIVE):
        return False
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        end = _end_of_png(data)
    elif data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        length = int.from_bytes(data[4:8], "little")
        end = 8 + length + length % 2
    else:
        end = _end_of_jpegs(data)
    return end is not None and end <= len(data) and not data[end:].strip(b"\0")


def _end_of_png(data: bytes) -> int | None:
    """Where the chunk ``IEND`` ends; None when there is none."""
    at = 8
    while at + 12 <= len(data):
        kind = data[at + 4 : at + 8]
        at += 12 + int.from_bytes(data[at : at + 4], "big")
        if kind == b"IEND":
            return at
    return None


def _end_of_jpegs(data: bytes) -> int | None:
    """Where the last of the JPEGs that follow each other ends; None unless each one ends."""
    at = 0
    while data.startswith(b"\xff\xd8\xff", at):
        end = _end_of_jpeg(data, at + 2)
        if end is None:
            return None
        at = end
        while data.startswith(b"\0", at) and data[at:].strip(b"\0").startswith(b"\xff\xd8\xff"):
            at = data.index(b"\xff\xd8\xff", at)
    return at or None


def _end_of_jpeg(data: bytes, at: int) -> int | None:
    """Walk the markers of ITU-T T.81 (annex B) to the end of the image; None if it never ends."""
    while at + 1 < len(data):
        if data[at] != 0xFF:
            return None
        kind = data[at + 1]
        if kind == 0xD9:  # EOI
            return at + 2
        if kind == 0xFF:  # fill byte
            at += 1
            continue
        if kind == 0x01 or 0xD0 <= kind <= 0xD7:  # a marker without a body
            at += 2
            continue
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        if kind == 0xDA:  # SOS: coded data follow, in which FF is followed by 00 or RSTn
            at = _next_marker(data, at)
    return None


def _next_marker(data: bytes, at: int) -> int:
    while (at := data.find(b"\xff", at)) >= 0:
        kind = data[at + 1 : at + 2]
        if kind and kind != b"\0" and not b"\xd0" <= kind <= b"\xd7":
            return at
        at += 2
    return len(data)
