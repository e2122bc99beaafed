"""What is plugged in, as udev and the kernel show it."""

from __future__ import annotations

from pathlib import Path

import pytest
from component.hidpos import COUNTED

from edge.domain import ScannerKind
from edge.scanner.plugged import Plugged, hidraw_of, plugged

KEYBOARD = bytes.fromhex("05010906a101c0")


@pytest.fixture
def machine(tmp_path: Path) -> tuple[Path, Path]:
    """A machine with a wedge, a mouse, a scanner in HID POS mode, a serial one and a camera."""
    dev, sys = tmp_path / "dev", tmp_path / "sys"
    for link, target in (
        ("input/by-id/usb-Maker_Wedge-event-kbd", "input/event3"),
        ("input/by-id/usb-Maker_Mouse-event-mouse", "input/event4"),
        ("serial/by-id/usb-Maker_CDC_0001-if00", "ttyACM0"),
        ("v4l/by-id/usb-Maker_Camera-video-index0", "video0"),
        ("v4l/by-id/usb-Maker_Camera-video-index1", "video1"),
    ):
        device = dev / target
        device.parent.mkdir(parents=True, exist_ok=True)
        device.touch()
        (dev / link).parent.mkdir(parents=True, exist_ok=True)
        (dev / link).symlink_to(device)
    name = sys / "class/input/event3/device/name"
    name.parent.mkdir(parents=True)
    name.write_text("Maker Wedge 2000\n")
    describe(sys, "hidraw0", KEYBOARD)
    describe(sys, "hidraw1", COUNTED.descriptor)
    (sys / "class/hidraw/hidraw2").mkdir()  # pulled out a moment ago
    return dev, sys


def describe(sys: Path, name: str, descriptor: bytes) -> None:
    device = sys / "class/hidraw" / name / "device"
    device.mkdir(parents=True)
    (device / "report_descriptor").write_bytes(descriptor)
    (device / "uevent").write_text("HID_ID=0003:00000C2E:00000B6A\nHID_NAME=Maker Scanner\n")


def test_each_kind_is_listed_with_the_source_to_configure(machine: tuple[Path, Path]) -> None:
    dev, sys = machine
    by_id = [
        ("keyboard", "input/by-id/usb-Maker_Wedge-event-kbd", "Maker Wedge 2000"),
        ("serial", "serial/by-id/usb-Maker_CDC_0001-if00", "Maker CDC 0001-if00"),
        ("camera", "v4l/by-id/usb-Maker_Camera-video-index0", "Maker Camera-video-index0"),
    ]
    expected = [
        Plugged(kind=ScannerKind(kind), source=str(dev / path), name=name)
        for kind, path, name in by_id
    ]
    pos = Plugged(kind=ScannerKind.HID_POS, source="usb:0c2e:0b6a", name="Maker Scanner")
    assert plugged(dev, sys) == [expected[0], pos, *expected[1:]]


def test_a_maker_and_model_mean_the_interface_that_scans(machine: tuple[Path, Path]) -> None:
    dev, sys = machine
    assert hidraw_of("usb:0c2e:0b6a", dev, sys) == dev / "hidraw1"
    assert hidraw_of("usb:0C2E:0B6A", dev, sys) == dev / "hidraw1"
    assert hidraw_of("usb:0c2e:0001", dev, sys) is None
    assert hidraw_of("/dev/hidraw7", dev, sys) == Path("/dev/hidraw7")


def test_a_machine_without_devices_has_none(tmp_path: Path) -> None:
    assert plugged(tmp_path, tmp_path) == []
