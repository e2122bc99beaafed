"""The line between the gateway and a process of its own: small, typed, MessagePack.

Each message is a tagged struct in a frame of four bytes length (big endian) and body.
"""

from __future__ import annotations

import asyncio
import struct

import msgspec

MAX_MESSAGE_BYTES = 64 * 1024 * 1024


class Message(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Tagged with its class name."""


class Reply(Message, frozen=True, kw_only=True):
    """The answer to the request of this number; everything else is said unasked."""

    request_id: int


_HEADER = struct.Struct(">I")
_encoder = msgspec.msgpack.Encoder()


def pack(message: Message) -> bytes:
    """One framed message."""
    body = _encoder.encode(message)
    return _HEADER.pack(len(body)) + body


async def read_body(reader: asyncio.StreamReader) -> bytes:
    """The next message's body. Raises ``asyncio.IncompleteReadError`` at the end."""
    (length,) = _HEADER.unpack(await reader.readexactly(_HEADER.size))
    if length > MAX_MESSAGE_BYTES:
        raise ValueError(f"a message of {length} bytes cannot be one of ours")
    return await reader.readexactly(length)
