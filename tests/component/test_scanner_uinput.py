"""A keyboard scanner that the kernel itself makes, where it lets us: grabbed, heard, unplugged."""

from __future__ import annotations

import asyncio
import os
from datetime import UTC, datetime

import evdev
import pytest
from component.scanner_shop import becomes, until
from component.wedge import typed

from edge.config import ScannerConfig
from edge.domain import Scan, ScannerKind, ScannerStatus
from edge.scanner.client import Scanners
from edge.scanner.keyboard import EVENT, KEY

pytestmark = pytest.mark.skipif(
    not os.access("/dev/uinput", os.W_OK), reason="the kernel offers no uinput here"
)


def scan_with(wedge: evdev.UInput, text: str) -> None:
    for _, _, kind, key, value in EVENT.iter_unpack(typed(text)):
        if kind == KEY:
            wedge.write(kind, key, value)
            wedge.syn()


async def test_a_wedge_of_the_kernel_is_grabbed_heard_and_missed() -> None:
    scans: list[str] = []

    async def scanned(scan: Scan) -> None:
        scans.append(scan.text)

    wedge = await asyncio.to_thread(
        evdev.UInput, {evdev.ecodes.EV_KEY: list(range(1, 120))}, name="test wedge"
    )
    path = wedge.device.path
    await until(lambda: os.access(path, os.R_OK))
    config = ScannerConfig(id="wedge", kind=ScannerKind.KEYBOARD, source=path)
    async with Scanners(
        [config],
        budget_s=0.05,
        clock=lambda: datetime.now(UTC),
        on_scan=scanned,
        on_states=lambda states: None,
    ) as scanners:
        await becomes(scanners, "wedge")
        with pytest.raises(OSError, match="busy"):
            wedge.device.grab()
        await asyncio.to_thread(scan_with, wedge, "4006381333931\n")
        await until(lambda: scans == ["4006381333931"])
        wedge.close()
        lost = await becomes(scanners, "wedge", ScannerStatus.OFFLINE)
        assert "plug it in" in lost.detail
