"""Packets to pictures; on a door where nothing happens, in the way that costs less.

A quarter to a third of decoding H.264 or H.265 is smoothing the edges of blocks, which nobody needs
to notice that something moves, but a face does. So a quiet door is decoded without, by a second
decoder that takes over at a key frame. The packets since that key frame are kept: when something
moves, the proper decoder takes them in one go, and goes on as if it had never rested.
"""

from __future__ import annotations

from collections.abc import Callable

from av.codec.context import CodecContext
from av.error import InvalidDataError
from av.packet import Packet
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

CHEAPER = frozenset({"h264", "hevc"})
"""Codecs that smooth in the loop, where leaving it out saves work."""
KEPT_PACKETS = 96
"""Most packets between two key frames, three to six seconds; taking them in one go costs 0.3 s.

A stream with longer distances is always decoded properly.
"""


class Decoder:
    """Decodes one stream on one thread; ``quiet`` says whether nobody looks closely just now."""

    def __init__(self, stream: VideoStream, quiet: Callable[[], bool]) -> None:
        self._quiet = quiet
        self._proper = stream.codec_context
        self._proper.thread_count = 1
        self._rough = _rough(self._proper) if self._proper.name in CHEAPER else None
        self._resting = False
        self._kept: list[Packet[VideoStream]] = []

    def decode(self, packet: Packet[VideoStream]) -> list[VideoFrame]:
        """Pictures that this packet completes; none from a damaged one."""
        self._choose(packet)
        if self._resting and self._rough is not None:
            return _decoded(self._rough, packet)
        return _decoded(self._proper, packet)

    def _choose(self, packet: Packet[VideoStream]) -> None:
        """Rest from a key frame of a quiet stream on, until it is quiet no more."""
        if self._rough is None:
            return
        if self._resting and (not self._quiet() or self._too_long(packet)):
            self._wake()
        elif not self._resting and packet.is_keyframe and self._quiet():
            self._resting = True
            self._rough.flush_buffers()
        if self._resting:
            if packet.is_keyframe:
                self._kept.clear()
            self._kept.append(packet)

    def _too_long(self, packet: Packet[VideoStream]) -> bool:
        if packet.is_keyframe or len(self._kept) < KEPT_PACKETS:
            return False
        self._rough = None
        return True

    def _wake(self) -> None:
        """Bring the proper decoder to where the stream is; what it shows on the way is past."""
        self._resting = False
        self._proper.flush_buffers()
        for packet in self._kept:
            _decoded(self._proper, packet)
        self._kept.clear()


def _rough(proper: VideoCodecContext) -> VideoCodecContext:
    """A second decoder of the same stream that leaves out what only a close look needs."""
    rough = CodecContext.create(proper.name, "r")
    assert isinstance(rough, VideoCodecContext)
    rough.extradata = proper.extradata
    rough.options = {"skip_loop_filter": "all"}
    rough.thread_count = 1
    return rough


def _decoded(decoder: VideoCodecContext, packet: Packet[VideoStream]) -> list[VideoFrame]:
    try:
        return decoder.decode(packet)
    except InvalidDataError:
        return []
