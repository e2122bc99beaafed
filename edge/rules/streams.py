"""Which of a camera's streams the door should look at."""

from __future__ import annotations

from collections.abc import Sequence

WIDTH_PX, HEIGHT_PX = 1280, 720
"""A camera that hangs as it should shows faces of 60 pixels and more at this size; larger pictures
only cost power (decoding takes 6 to 8 ms a frame of 1080p, half of that at 720p)."""
READ = ("H264", "H265", "JPEG")
"""Encodings as ONVIF names them that the gateway decodes."""


def recommended(streams: Sequence[tuple[str, int, int]]) -> int | None:
    """The index of the stream with most pixels up to 720p, else the smallest; None without one.

    Each is (encoding, width, height); an encoding that is not decoded is left out.
    """
    readable = [at for at, (codec, _, _) in enumerate(streams) if codec.upper() in READ]
    if not readable:
        return None

    def pixels(at: int) -> int:
        return streams[at][1] * streams[at][2]

    fitting = [at for at in readable if pixels(at) <= WIDTH_PX * HEIGHT_PX]
    return max(fitting, key=pixels) if fitting else min(readable, key=pixels)
