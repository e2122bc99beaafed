"""Packets to pictures; of a door where nothing happens few of them, and in the way that costs less.

A quarter to a third of decoding H.264 or H.265 is smoothing the edges of blocks, which nobody needs
to notice that something moves, but a face does. So a quiet door is decoded without, by a second
decoder that takes over at a key frame, and only as far as it is looked at (``glances``): packets
wait for the next look, and those that still wait when a key frame comes are never decoded. All
packets since that key frame are kept: when something moves, the proper decoder takes them in one
go, and goes on as if it had never rested.
"""

from __future__ import annotations

from collections.abc import Callable

from av.codec.context import CodecContext
from av.error import InvalidDataError
from av.packet import Packet
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from edge.camera.glances import Glances

RESTFUL = frozenset({"h264", "hevc", "mjpeg"})
"""Codecs of cameras, whose second decoder needs nothing but the packets from a key frame on."""
KEPT_PACKETS = 96
"""Most packets between two key frames, three to six seconds; taking them in one go costs 0.3 s.

A stream with longer distances is always decoded properly.
"""


class Decoder:
    """Decodes one stream on one thread; ``quiet`` says whether nobody looks closely just now."""

    def __init__(self, stream: VideoStream, quiet: Callable[[], bool]) -> None:
        self.passed = 0
        """Pictures that came and that nobody needed to see."""
        self._quiet = quiet
        self._glances = Glances()
        self._proper = stream.codec_context
        self._proper.thread_count = 1
        self._rough = _rough(self._proper) if self._proper.name in RESTFUL else None
        self._resting = False
        self._kept: list[Packet[VideoStream]] = []
        self._looked_at = 0

    def decode(self, packet: Packet[VideoStream], at_s: float) -> list[VideoFrame]:
        """Pictures to look at now that this packet has come; none from a damaged one.

        ``at_s`` is the packet's time on any steady clock, not a number where it has none.
        """
        # The last packet is empty and asks for what is left.
        comes = packet.size > 0
        quiet, due = self._quiet(), comes and self._glances.due(at_s, key=packet.is_keyframe)
        self._choose(packet, quiet)
        if self._resting and self._rough is not None:
            self.passed += comes and not due
            return self._glance(self._rough)[-1:] if due else []
        pictures = _decoded(self._proper, packet)
        if quiet and not due:
            self.passed += len(pictures)
            return []
        return pictures

    def _choose(self, packet: Packet[VideoStream], quiet: bool) -> None:
        """Rest from a key frame of a quiet stream on, until it is quiet no more."""
        if self._rough is None:
            return
        if self._resting and (not quiet or self._too_long(packet)):
            self._wake()
        elif not self._resting and packet.is_keyframe and quiet:
            self._resting = True
            self._rough.flush_buffers()
        if self._resting:
            if packet.is_keyframe:
                self._forget()
            self._kept.append(packet)

    def _too_long(self, packet: Packet[VideoStream]) -> bool:
        if packet.is_keyframe or len(self._kept) < KEPT_PACKETS:
            return False
        self._rough = None
        return True

    def _glance(self, rough: VideoCodecContext) -> list[VideoFrame]:
        """What the packets show that came since the last look."""
        waiting = self._kept[self._looked_at :]
        self._looked_at = len(self._kept)
        return [picture for packet in waiting for picture in _decoded(rough, packet)]

    def _wake(self) -> None:
        """Bring the proper decoder to where the stream is; what it shows on the way is past."""
        self._resting = False
        self._proper.flush_buffers()
        for packet in self._kept:
            _decoded(self._proper, packet)
        self._forget()

    def _forget(self) -> None:
        self._kept.clear()
        self._looked_at = 0


def _rough(proper: VideoCodecContext) -> VideoCodecContext:
    """A second decoder of the same stream that leaves out what only a close look needs.

    That is smoothing, and pictures that no other picture is made from.
    """
    rough = CodecContext.create(proper.name, "r")
    assert isinstance(rough, VideoCodecContext)
    rough.extradata = proper.extradata
    rough.options = {"skip_loop_filter": "all", "skip_frame": "noref"}
    rough.thread_count = 1
    return rough


def _decoded(decoder: VideoCodecContext, packet: Packet[VideoStream]) -> list[VideoFrame]:
    try:
        return decoder.decode(packet)
    except InvalidDataError:
        return []
