"""Two scanners in HID POS mode, as makers build them: their descriptors and their reports."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Shape:
    """How a maker lays its report out. ``count_before``: a byte count comes before the AIM."""

    descriptor: bytes
    counted: bool
    data_bytes: int
    number: bytes


_AIM = bytes.fromhex("058c 09fb 09fc 09fd 7508 9503 8102")
_OPEN = bytes.fromhex("058c 0902 a101 0912 a102 1500 26ff00")
_FLAGS = bytes.fromhex("058c 09ff 7501 9501 8102 7507 8103")
_CLOSE = bytes.fromhex("c0 c0")

COUNTED = Shape(
    # Report 2: byte count, identifier, 56 buffered bytes, two of the maker's own, the flag.
    descriptor=_OPEN
    + bytes.fromhex("8502 7508 9501 0501 093b 8102")
    + _AIM
    + bytes.fromhex("9538 09fe 820201")
    + bytes.fromhex("0666ff 9502 0904 8102")
    + _FLAGS
    + _CLOSE,
    counted=True,
    data_bytes=56,
    number=b"\x02",
)
PADDED = Shape(
    # No report number, no count: the identifier, 40 bytes filled with zeros, the flag.
    descriptor=_OPEN + _AIM + bytes.fromhex("9528 09fe 8102") + _FLAGS + _CLOSE,
    counted=False,
    data_bytes=40,
    number=b"",
)


def reports(shape: Shape, text: str, aim_id: str) -> list[bytes]:
    """What the scanner sends for a code: as many reports as it takes."""
    data = text.encode()
    parts = [data[at : at + shape.data_bytes] for at in range(0, len(data), shape.data_bytes)]
    return [
        shape.number
        + (bytes([len(part)]) if shape.counted else b"")
        + aim_id.encode()
        + part.ljust(shape.data_bytes, b"\0")
        + (b"\x51\0" if shape.counted else b"")
        + bytes([part is not parts[-1]])
        for part in parts
    ]
