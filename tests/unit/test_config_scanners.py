"""The configuration of scanners: what can be is taken, and what cannot is refused with its key."""

from __future__ import annotations

from pathlib import Path

import pytest

from edge import config
from edge.errors import ConfigError

SHOP = '[store]\nid = "a"\nname = "A"\n'
TILL = '[[scanners]]\nid = "till"\n'


def parse(*lines: str) -> config.Config:
    return config.parse(SHOP + TILL + "\n".join(lines))


@pytest.mark.parametrize(
    ("kind", "source"),
    [
        ("keyboard", "/dev/input/by-id/usb-Maker_Wedge-event-kbd"),
        ("hidpos", "usb:0c2e:0B6A"),
        ("hidpos", "/dev/hidraw3"),
        ("serial", "/dev/serial/by-id/usb-Maker_CDC_0001-if00"),
        ("tcp", "listen://0.0.0.0:9100"),
        ("tcp", "connect://192.0.2.40:2112"),
        ("tcp", "connect://[2001:db8::40]:2112"),
        ("camera", "rtsp://viewer:secret@192.0.2.41/counter"),
    ],
)
def test_every_kind_has_its_source(kind: str, source: str) -> None:
    (scanner,) = parse(f'kind = "{kind}"', f'source = "{source}"').scanners
    assert (scanner.kind, scanner.source) == (kind, source)


def test_an_address_is_a_host_and_a_port() -> None:
    (scanner,) = parse('kind = "tcp"', 'source = "connect://[2001:db8::40]:2112"').scanners
    assert scanner.address == ("2001:db8::40", 2112)


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (('kind = "keybord"', 'source = "/dev/x"'), "scanners[0].kind"),
        (('kind = "keyboard"',), "scanners[0].source: is missing"),
        (('kind = "keyboard"', 'source = "event3"'), "write a path such as /dev/input/by-id"),
        (('kind = "hidpos"', 'source = "usb:honeywell"'), "usb:VENDOR:PRODUCT"),
        (('kind = "serial"', 'source = "COM3"'), "write a path such as /dev/serial/by-id"),
        (('kind = "tcp"', 'source = "192.0.2.40:9100"'), "listen://0.0.0.0:9100 or connect://"),
        (('kind = "tcp"', 'source = "listen://0.0.0.0:90000"'), "between 1 and 65535"),
        (('kind = "tcp"', 'source = "listen://0.0.0.0:0"'), "between 1 and 65535"),
        (('kind = "camera"', 'source = "clip.mp4"'), "scanners[0].source: there is no file"),
        (('kind = "tcp"', 'source = "listen://0.0.0.0:9100"', "baud = 9600"), ""),
        (
            ('kind = "tcp"', 'source = "listen://0.0.0.0:9100"', "baud = 115200"),
            'scanners[0].baud: is for kind = "serial"; remove it',
        ),
        (
            ('kind = "serial"', 'source = "/dev/ttyACM0"', 'layout = "de"'),
            'scanners[0].layout: is for kind = "keyboard"; remove it',
        ),
        (
            ('kind = "serial"', 'source = "/dev/ttyACM0"', "loop = true"),
            'scanners[0].loop: is for kind = "camera"; remove it',
        ),
    ],
)
def test_nonsense_is_refused_with_the_key_at_fault(lines: tuple[str, ...], said: str) -> None:
    if not said:
        parse(*lines)
        return
    with pytest.raises(ConfigError) as refused:
        parse(*lines)
    assert said in refused.value.message
    assert "\n" not in refused.value.message


def test_a_name_or_a_device_stands_once() -> None:
    wedge = 'kind = "keyboard"\nsource = "/dev/wedge"\n'
    with pytest.raises(ConfigError, match=r"scanners\[1\].id: 'till' stands twice"):
        config.parse(SHOP + TILL + wedge + TILL + wedge.replace("wedge", "other"))
    with pytest.raises(ConfigError, match=r"scanners\[1\].source: '/dev/wedge' stands twice"):
        config.parse(SHOP + TILL + wedge + TILL.replace("till", "till-2") + wedge)
    camera = '[[cameras]]\nid = "till"\nsource = "rtsp://192.0.2.1/a"\n'
    with pytest.raises(ConfigError, match=r"scanners\[0\].id: 'till' stands twice"):
        config.parse(SHOP + camera + TILL + wedge)


def test_the_demo_takes_no_live_camera_over_the_counter_either(tmp_path: Path) -> None:
    demo = '[privacy]\nprofile = "demo"\n'
    camera = 'kind = "camera"\nsource = "{}"\n'
    with pytest.raises(ConfigError, match=r"scanners\[0\].source: the demo profile"):
        config.parse(SHOP + demo + TILL + camera.format("rtsp://192.0.2.1/a"))
    (tmp_path / "clip.mp4").touch()
    config.parse(SHOP + demo + TILL + camera.format(tmp_path / "clip.mp4"))
