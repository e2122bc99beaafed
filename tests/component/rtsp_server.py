"""A real RTSP server (GStreamer's, from Debian's packages) that plays one H.264 file.

Tests start it with ``RtspServer``; it then runs this same file under the system's Python, which
has Debian's bindings. The stream ends with the file, so give it a long one.
"""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from types import TracebackType

SYSTEM_PYTHON = "/usr/bin/python3"
PACKAGES = "python3-gi, gir1.2-gst-rtsp-server-1.0 and gstreamer1.0-plugins-good and -bad"


def installed() -> bool:
    """Whether the packages are there."""
    needs = "import gi; gi.require_version('GstRtspServer', '1.0')"
    try:
        tried = subprocess.run([SYSTEM_PYTHON, "-c", needs], capture_output=True, check=False)
    except FileNotFoundError:
        return False
    return tried.returncode == 0


class RtspServer:
    """Serves ``clip`` at ``rtsp://HOST:PORT/door`` inside the ``with`` block."""

    def __init__(self, clip: Path, port: int, host: str = "127.0.0.1") -> None:
        self.address = f"rtsp://{host}:{port}/door"
        self._command = [SYSTEM_PYTHON, __file__, str(clip), str(port), host]

    def __enter__(self) -> RtspServer:
        self._process = subprocess.Popen(self._command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "ready\n", "the RTSP server did not start"
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.kill()

    def freeze(self) -> None:
        """Let the connection stand and send nothing more, as a crashed camera does."""
        self._process.send_signal(signal.SIGSTOP)

    def kill(self) -> None:
        """End it as a power cut would."""
        self._process.kill()
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()


def serve(clip: str, port: str, host: str) -> None:
    """Play the file to whoever asks, until killed."""
    import gi

    gi.require_version("Gst", "1.0")
    gi.require_version("GstRtspServer", "1.0")
    from gi.repository import GLib, Gst, GstRtspServer

    Gst.init(None)
    server = GstRtspServer.RTSPServer()
    server.set_address(host)
    server.set_service(port)
    factory = GstRtspServer.RTSPMediaFactory()
    factory.set_launch(
        f"( filesrc location={clip} ! qtdemux ! h264parse ! rtph264pay name=pay0 pt=96 )"
    )
    server.get_mount_points().add_factory("/door", factory)
    if server.attach(None) == 0:
        sys.exit(f"port {port} is taken")
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    GLib.MainLoop().run()


if __name__ == "__main__":
    serve(*sys.argv[1:])
