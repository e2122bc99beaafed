"""What is plugged in, and the path under which it is found again after the next boot.

Read from the folders in which udev and the kernel show devices; nothing is opened.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from edge.domain import ScannerKind
from edge.scanner.hidpos import describes_scanner

DEV, SYS = Path("/dev"), Path("/sys")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plugged:
    """A device that may be a scanner. ``kind`` and ``source`` are what the configuration takes."""

    kind: ScannerKind
    source: str
    name: str


def plugged(dev: Path = DEV, sys: Path = SYS) -> list[Plugged]:
    """Every device that can be a scanner; which keyboard is one, only people can say."""
    return [*_keyboards(dev, sys), *_hidpos(sys), *_serial(dev), *_cameras(dev)]


def hidraw_of(source: str, dev: Path = DEV, sys: Path = SYS) -> Path | None:
    """The device behind ``usb:VENDOR:PRODUCT``, its scanner interface; a path stands for itself."""
    if not source.startswith("usb:"):
        return Path(source)
    wanted = source.removeprefix("usb:").lower()
    for device in _hidraws(sys):
        if _usb_id(device) == wanted and describes_scanner(descriptor_of(device.name, sys)):
            return dev / device.name
    return None


def descriptor_of(name: str, sys: Path = SYS) -> bytes:
    """The report descriptor of ``hidrawN``. Raises ``OSError`` for one that is gone."""
    return (sys / "class/hidraw" / name / "device/report_descriptor").read_bytes()


def _keyboards(dev: Path, sys: Path) -> Iterator[Plugged]:
    for link in _stable(dev / "input/by-id"):
        if link.name.endswith("-event-kbd"):
            name = sys / "class/input" / link.resolve().name / "device/name"
            yield Plugged(
                kind=ScannerKind.KEYBOARD, source=str(link), name=_text(name) or link.name
            )


def _hidpos(sys: Path) -> Iterator[Plugged]:
    for device in _hidraws(sys):
        try:
            scans = describes_scanner(descriptor_of(device.name, sys))
        except OSError:
            continue  # unplugged meanwhile
        if scans:
            facts = _uevent(device)
            yield Plugged(
                kind=ScannerKind.HID_POS,
                source=f"usb:{_usb_id(device)}",
                name=facts.get("HID_NAME", ""),
            )


def _serial(dev: Path) -> Iterator[Plugged]:
    for link in _stable(dev / "serial/by-id"):
        yield Plugged(kind=ScannerKind.SERIAL, source=str(link), name=_spelled(link.name))


def _cameras(dev: Path) -> Iterator[Plugged]:
    for link in _stable(dev / "v4l/by-id"):
        if link.name.endswith("-index0"):  # the others carry no picture
            yield Plugged(kind=ScannerKind.CAMERA, source=str(link), name=_spelled(link.name))


def _stable(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.is_dir() else []


def _hidraws(sys: Path) -> list[Path]:
    return _stable(sys / "class/hidraw")


def _usb_id(device: Path) -> str:
    """``vendor:product``, from a line such as ``HID_ID=0003:00000C2E:00000B6A``."""
    _, vendor, product = (*_uevent(device).get("HID_ID", "").split(":"), "", "", "")[:3]
    return f"{vendor[-4:]}:{product[-4:]}".lower()


def _uevent(device: Path) -> dict[str, str]:
    lines = _text(device / "device/uevent").splitlines()
    return {key: value for key, _, value in (line.partition("=") for line in lines)}


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""


def _spelled(name: str) -> str:
    """A name that people can read, from ``usb-Maker_Model_Serial-if00``."""
    return name.removeprefix("usb-").replace("_", " ")
