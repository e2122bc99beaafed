"""Scanners as the gateway runs them: plugged in, scanned with, pulled out, and plugged in again."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from component.hidpos import COUNTED, reports
from component.scanner_shop import (
    Plug,
    SerialPlug,
    Shop,
    becomes,
    state,
    until,
)
from component.wedge import typed
from ports import free_port

from edge.config import ScannerConfig
from edge.domain import ScannerKind, ScannerStatus
from edge.errors import ScannerUnavailable
from edge.scanner import station, wires
from edge.scanner.device import KEYS_PAUSE_S
from edge.scanner.station import WAITING

EAN = ("4006381333931", "unknown")


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(root=tmp_path)


@pytest.fixture
def wedge(shop: Shop) -> Iterator[Plug]:
    with Plug(shop.root / "dev/input/by-id/usb-wedge-event-kbd") as plug:
        yield plug


def keyboard(plug: Plug) -> ScannerConfig:
    return ScannerConfig(id="wedge", kind=ScannerKind.KEYBOARD, source=str(plug.path))


def describe(shop: Shop, name: str, vendor_product: str, descriptor: bytes) -> None:
    """What the kernel shows of a HID device."""
    device = shop.root / "sys/class/hidraw" / name / "device"
    device.mkdir(parents=True)
    vendor, product = vendor_product.upper().split(":")
    facts = f"HID_ID=0003:0000{vendor}:0000{product}\nHID_NAME=Maker Scanner\n"
    (device / "uevent").write_text(facts)
    (device / "report_descriptor").write_bytes(descriptor)


# --- one of each kind ----------------------------------------------------------------------


async def test_a_keyboard_is_grabbed_and_types_scans(shop: Shop, wedge: Plug) -> None:
    async with shop.open(keyboard(wedge)) as scanners:
        await becomes(scanners, "wedge")
        wedge.send(typed("4006381333931\n]Q1HELLO\n"))
        await until(lambda: len(shop.scans) == 2)
    assert shop.said("wedge") == [EAN, ("HELLO", "qr")]
    assert len(shop.grabbed) == 1
    assert shop.scans[0].id != shop.scans[1].id


async def test_a_silence_ends_a_scan_that_has_no_end(shop: Shop, wedge: Plug) -> None:
    async with shop.open(keyboard(wedge)) as scanners:
        await becomes(scanners, "wedge")
        wedge.send(typed("12345"))
        await until(lambda: shop.said("wedge") == [("12345", "unknown")])


async def test_what_came_while_the_gateway_was_held_up_is_no_silence(
    shop: Shop, wedge: Plug, monkeypatch: pytest.MonkeyPatch
) -> None:
    def the_rest() -> None:
        wedge.send(typed("1333931\n"))
        time.sleep(1.5 * KEYS_PAUSE_S)

    meanwhile = [the_rest, lambda: wedge.send(typed("400638"))]
    read = wires.Descriptor.read

    async def held_up(wire: wires.Descriptor) -> bytes:
        if meanwhile:
            asyncio.get_running_loop().call_soon(meanwhile.pop())
        return await read(wire)

    monkeypatch.setattr(wires.Descriptor, "read", held_up)
    async with shop.open(keyboard(wedge)):
        await until(lambda: shop.said("wedge") == [EAN])


async def test_a_hid_scanner_is_found_by_its_maker_and_model(shop: Shop) -> None:
    describe(shop, "hidraw0", "0c2e:0b6a", bytes.fromhex("05010906a101c0"))  # its keyboard
    describe(shop, "hidraw1", "0c2e:0b6a", COUNTED.descriptor)
    config = ScannerConfig(id="pos", kind=ScannerKind.HID_POS, source="usb:0C2E:0B6A")
    with Plug(shop.root / "dev/hidraw1") as plug:
        async with shop.open(config) as scanners:
            await becomes(scanners, "pos")
            for report in reports(COUNTED, "A" * 100, "]d1"):
                plug.send(report)
            await until(lambda: shop.said("pos") == [("A" * 100, "data_matrix")])


async def test_a_serial_port_sends_lines(shop: Shop) -> None:
    link = shop.root / "dev/serial/by-id/usb-scanner-if00"
    config = ScannerConfig(id="cdc", kind=ScannerKind.SERIAL, source=str(link), baud=115200)
    with SerialPlug(link) as plug:
        async with shop.open(config) as scanners:
            await becomes(scanners, "cdc")
            plug.send(b"]E04006381333931\r\n\x02second\x03")
            await until(lambda: shop.said("cdc") == [(EAN[0], "ean_13"), ("second", "unknown")])
            plug.pull()
            lost = await becomes(scanners, "cdc", ScannerStatus.OFFLINE)
            assert "plug it in" in lost.detail


async def test_a_network_scanner_connects_to_us(shop: Shop) -> None:
    port = free_port()
    config = ScannerConfig(id="net", kind=ScannerKind.TCP, source=f"listen://127.0.0.1:{port}")
    async with shop.open(config) as scanners:
        await until(lambda: str(port) in state(scanners, "net").detail)
        assert state(scanners, "net").status is ScannerStatus.CONNECTING
        for turn in range(2):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(f"turn {turn}\r".encode())
            await becomes(scanners, "net")
            await until(lambda turn=turn: len(shop.scans) == turn + 1)
            writer.close()
            await writer.wait_closed()
            await becomes(scanners, "net", ScannerStatus.CONNECTING)
    assert shop.said("net") == [("turn 0", "unknown"), ("turn 1", "unknown")]


async def test_we_connect_to_a_network_scanner_and_come_back_to_it(shop: Shop) -> None:
    port = free_port()
    config = ScannerConfig(id="net", kind=ScannerKind.TCP, source=f"connect://127.0.0.1:{port}")

    async def scan(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"scan\r")
        await writer.drain()
        writer.close()

    async with shop.open(config) as scanners:
        lost = await becomes(scanners, "net", ScannerStatus.OFFLINE)
        assert "does not answer" in lost.detail
        async with await asyncio.start_server(scan, "127.0.0.1", port):
            await until(lambda: len(shop.scans) >= 2)
        assert state(scanners, "net").reconnects >= 1


# --- trouble ---------------------------------------------------------------------------------


async def test_an_unplugged_scanner_is_shown_and_comes_back_and_disturbs_nobody(
    shop: Shop, wedge: Plug
) -> None:
    with Plug(shop.root / "dev/other") as other:
        configs = (
            keyboard(wedge),
            ScannerConfig(id="other", kind=ScannerKind.KEYBOARD, source=str(other.path)),
        )
        async with shop.open(*configs) as scanners:
            await becomes(scanners, "wedge")
            wedge.pull()
            lost = await becomes(scanners, "wedge", ScannerStatus.OFFLINE)
            assert "plug it in" in lost.detail
            other.send(typed("still here\n"))
            await until(lambda: shop.said("other") == [("still here", "unknown")])
            with Plug(wedge.path) as again:
                back = await becomes(scanners, "wedge")
                again.send(typed("back\n"))
                await until(lambda: shop.said("wedge") == [("back", "unknown")])
                assert (back.reconnects, state(scanners, "other").reconnects) == (1, 0)
                assert [s.status for s in shop.told[-1]] == [ScannerStatus.READY] * 2


async def test_half_a_scan_before_the_plug_was_pulled_is_not_half_of_the_next(
    shop: Shop, wedge: Plug
) -> None:
    async with shop.open(keyboard(wedge)) as scanners:
        await becomes(scanners, "wedge")
        wedge.send(typed("12"))
        wedge.pull()
        await becomes(scanners, "wedge", ScannerStatus.OFFLINE)
        with Plug(wedge.path) as again:
            await becomes(scanners, "wedge")
            again.send(typed("34\n"))
            await until(lambda: bool(shop.scans))
            assert shop.said("wedge")[-1] == ("34", "unknown")


async def test_nonsense_is_counted_and_logged_without_what_it_said(
    shop: Shop, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(station, "QUIET_S", 3600.0)  # however long all of it takes to come
    port = free_port()
    config = ScannerConfig(id="net", kind=ScannerKind.TCP, source=f"listen://127.0.0.1:{port}")
    async with shop.open(config) as scanners:
        await until(lambda: str(port) in state(scanners, "net").detail)
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"SECRET" * 200_000 + b"\rSECRET\x00\rSECRET\xff\rgood\r")
        await until(lambda: shop.said("net") == [("good", "unknown")])
        assert (state(scanners, "net").scans, state(scanners, "net").refused) == (1, 3)
        writer.close()
    told = capfd.readouterr()
    assert (told.out + told.err).count("scan refused") == 1
    assert "SECRET" not in told.out + told.err


async def test_a_flood_of_nonsense_neither_fills_the_log_nor_holds_up_the_others(
    shop: Shop, wedge: Plug, capfd: pytest.CaptureFixture[str]
) -> None:
    port = free_port()
    net = ScannerConfig(id="net", kind=ScannerKind.TCP, source=f"listen://127.0.0.1:{port}")
    async with shop.open(net, keyboard(wedge)) as scanners:
        await becomes(scanners, "wedge")
        await until(lambda: str(port) in state(scanners, "net").detail)
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"\0\r" * 200_000)
        await until(lambda: state(scanners, "net").refused > 1000)
        wedge.send(typed("meanwhile\n"))
        await until(lambda: shop.said("wedge") == [("meanwhile", "unknown")])
        assert state(scanners, "net").refused < 200_000
        await until(lambda: state(scanners, "net").refused == 200_000)
        writer.close()
    told = capfd.readouterr()
    assert (told.out + told.err).count("scan refused") < 100


async def test_more_scans_than_the_shop_can_take_are_refused_and_the_first_ones_kept(
    shop: Shop, wedge: Plug
) -> None:
    shop.handed.clear()
    async with shop.open(keyboard(wedge)) as scanners:
        await becomes(scanners, "wedge")
        wedge.send(typed("".join(f"{number}\n" for number in range(WAITING + 5))))
        await until(lambda: state(scanners, "wedge").refused == 4)
        shop.handed.set()
        await until(lambda: len(shop.scans) == WAITING + 1)
    assert [text for text, _ in shop.said("wedge")] == [str(n) for n in range(WAITING + 1)]


@pytest.mark.parametrize(
    ("kind", "detail"),
    [(ScannerKind.KEYBOARD, "is no device"), (ScannerKind.SERIAL, "cannot be opened")],
)
async def test_a_source_that_is_no_device_is_said_to_be_none(
    shop: Shop, kind: ScannerKind, detail: str
) -> None:
    (shop.root / "file").write_text("not a device")
    config = ScannerConfig(id="file", kind=kind, source=str(shop.root / "file"))
    async with shop.open(config) as scanners:
        assert detail in (await becomes(scanners, "file", ScannerStatus.OFFLINE)).detail


async def test_a_port_that_is_taken_is_said_to_be_taken(shop: Shop) -> None:
    port = free_port()
    configs = [
        ScannerConfig(id=name, kind=ScannerKind.TCP, source=f"listen://127.0.0.1:{port}")
        for name in ("first", "second")
    ]
    async with shop.open(*configs) as scanners:
        lost = await becomes(scanners, "second", ScannerStatus.OFFLINE)
        assert f"port {port} is taken" in lost.detail


async def test_a_killed_process_is_replaced_and_wedges_do_not_notice(
    shop: Shop, wedge: Plug
) -> None:
    async with shop.open(keyboard(wedge)) as scanners:
        await becomes(scanners, "wedge")
        await until(lambda: scanners.load is not None)
        (process,) = [c for c in psutil.Process().children() if "edge.scanner" in c.cmdline()]
        process.send_signal(signal.SIGKILL)
        await until(lambda: scanners.load is None)
        with pytest.raises(ScannerUnavailable):
            await scanners.read(b"")
        wedge.send(typed("meanwhile\n"))
        await until(lambda: shop.said("wedge") == [("meanwhile", "unknown")])
        await until(lambda: scanners.load is not None)
        assert scanners.restarts == 1
