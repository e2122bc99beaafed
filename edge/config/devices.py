"""What is plugged in or stands on the network: cameras, scanners, and what they may look like."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta

from edge.config.slice import Identifier, Polygon, Slice
from edge.domain import ScannerKind
from edge.errors import ConfigError


class CameraConfig(Slice, frozen=True, kw_only=True):
    """One camera."""

    id: Annotated[Identifier, Meta(description="Short name, e.g. `door`.")]
    source: Annotated[
        str,
        Meta(description="rtsp://…, http(s)://… (MJPEG), /dev/video… or /dev/v4l/…, or a file."),
    ]
    place: Annotated[str, Meta(description="Name that guides see, e.g. `Front door`.")] = ""
    zone: Annotated[
        Polygon | None, Meta(description="Only this part of the picture is looked at.")
    ] = None
    masks: Annotated[
        list[Polygon], Meta(description="Parts blackened before anything looks at the picture.")
    ] = []
    loop: Annotated[bool, Meta(description="Start a recorded file again at its end.")] = False
    counts: Annotated[
        Literal["in", "out"] | None,
        Meta(
            description="Count the people whose faces pass: `in` for a camera that faces those who "
            "come in, `out` for one that faces those who leave."
        ),
    ] = None

    @property
    def kind(self) -> Literal["rtsp", "http", "usb", "file"]:
        """How the source is opened."""
        if re.match(r"^rtsps?://", self.source):
            return "rtsp"
        if re.match(r"^https?://", self.source):
            return "http"
        return "usb" if self.source.startswith("/dev/") else "file"


class ScannerConfig(Slice, frozen=True, kw_only=True):
    """One scanner, or one camera that looks at the counter for codes."""

    id: Annotated[Identifier, Meta(description="Short name, e.g. `till-1`; no camera may have it.")]
    kind: Annotated[
        ScannerKind,
        Meta(description="How the device speaks; `regulars scanners list` shows those plugged in."),
    ]
    source: Annotated[
        str,
        Meta(
            description="`keyboard`: /dev/input/by-id/…; `hidpos`: usb:VENDOR:PRODUCT or /dev/…; "
            "`serial`: /dev/serial/by-id/…; `tcp`: listen://ADDRESS:PORT where the scanner "
            "connects to the gateway, connect://ADDRESS:PORT the other way; `camera`: as for a "
            "door."
        ),
    ]
    place: Annotated[str, Meta(description="Name that guides see, e.g. `Till 1`.")] = ""
    layout: Annotated[
        Literal["us", "de"],
        Meta(description="Keyboard layout that a `keyboard` scanner is set to."),
    ] = "us"
    baud: Annotated[int, Meta(description="Speed of a `serial` scanner.", ge=300, le=921_600)] = (
        9600
    )
    zone: Annotated[
        Polygon | None, Meta(description="`camera`: only this part of the picture is looked at.")
    ] = None
    masks: Annotated[
        list[Polygon], Meta(description="`camera`: parts blackened before anything looks at them.")
    ] = []
    loop: Annotated[bool, Meta(description="`camera`: start a recorded file again at its end.")] = (
        False
    )

    @property
    def camera(self) -> CameraConfig:
        """A scanner of the kind `camera`, as a camera."""
        return CameraConfig(
            id=self.id,
            source=self.source,
            place=self.place,
            zone=self.zone,
            masks=self.masks,
            loop=self.loop,
        )

    @property
    def address(self) -> tuple[str, int]:
        """Host and port of the kind `tcp`."""
        host, _, port = self.source.partition("://")[2].rpartition(":")
        return host.strip("[]"), int(port)


def check_camera(camera: CameraConfig, where: str, *, demo: bool) -> None:
    """Refuse a camera that cannot be; ``where`` opens the message. Raises ``ConfigError``."""
    if demo and camera.kind != "file":
        raise ConfigError(
            f"{where}.source: the demo profile takes recorded files only, never a live camera; "
            "choose the jurisdiction's profile in privacy.profile"
        )
    if "://" in camera.source and camera.kind == "file":
        scheme = camera.source.split("://", 1)[0]
        raise ConfigError(
            f"{where}.source: {scheme}:// is not a camera address; use rtsp://, http:// or https://"
        )
    if camera.kind in ("rtsp", "http") and not re.match(
        r"^[a-z]+://([^/@\s]+@)?(\[[0-9a-fA-F:]+\]|[A-Za-z0-9._-]+)(:\d{1,5})?(/\S*)?$",
        camera.source,
    ):
        raise ConfigError(
            f"{where}.source: this address does not parse; "
            "write it as rtsp://user:password@host:554/path"
        )
    if camera.kind == "file" and not Path(camera.source).is_file():
        raise ConfigError(f"{where}.source: there is no file {camera.source!r}; check the path")


_SOURCES = {
    ScannerKind.KEYBOARD: (r"/\S+", "a path such as /dev/input/by-id/usb-…-event-kbd"),
    ScannerKind.HID_POS: (
        r"usb:[0-9a-fA-F]{4}:[0-9a-fA-F]{4}|/\S+",
        "usb:VENDOR:PRODUCT, as lsusb shows it",
    ),
    ScannerKind.SERIAL: (r"/\S+", "a path such as /dev/serial/by-id/usb-…"),
    ScannerKind.TCP: (
        r"(listen|connect)://(\[[0-9a-fA-F:]+\]|[A-Za-z0-9._-]+):\d{1,5}",
        "listen://0.0.0.0:9100 or connect://192.0.2.40:9100",
    ),
}
_KEYS_OF = {
    "layout": ScannerKind.KEYBOARD,
    "baud": ScannerKind.SERIAL,
    **dict.fromkeys(("zone", "masks", "loop"), ScannerKind.CAMERA),
}


def check_scanner(scanner: ScannerConfig, where: str, *, demo: bool) -> None:
    """Refuse a scanner that cannot be; ``where`` opens the message. Raises ``ConfigError``."""
    defaults = ScannerConfig(id=scanner.id, kind=scanner.kind, source=scanner.source)
    for key, kind in _KEYS_OF.items():
        if kind is not scanner.kind and getattr(scanner, key) != getattr(defaults, key):
            raise ConfigError(f'{where}.{key}: is for kind = "{kind}"; remove it')
    if scanner.kind is ScannerKind.CAMERA:
        check_camera(scanner.camera, where, demo=demo)
        return
    pattern, example = _SOURCES[scanner.kind]
    if not re.fullmatch(pattern, scanner.source):
        raise ConfigError(
            f'{where}.source: {scanner.source!r} is no source of kind = "{scanner.kind}"; '
            f"write {example}"
        )
    if scanner.kind is ScannerKind.TCP and not 0 < scanner.address[1] < 65536:
        raise ConfigError(f"{where}.source: a port lies between 1 and 65535; correct it")
