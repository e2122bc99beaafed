"""How soon a code is answered: from a scanner's last byte to the verdict that a phone has.

The gateway runs in a process of its own, over HTTPS with the shop's own certificate. Two ways: a
handheld's text that the phone sends, and a scanner on the network, of which the phone hears by the
feed and then asks. What a browser adds to show it is not in here (docs/performance.md).
"""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from edge.demo.gateway import Phone, Recipe, paired_token, running
from edge.demo.town import free_port
from edge.domain import AmountOff, Campaign, IssuedVoucher, Money
from edge.store import Store, Transaction

CODE = "BENCH-WORD"
WARM_UP = 20

Report = Callable[[str, int, int], None]


async def run(codes: int, report: Report) -> dict[str, Any]:
    """Have so many codes answered each way; returns the figures."""
    with tempfile.TemporaryDirectory() as temporary:
        folder, port = Path(temporary), free_port()
        token = await paired_token(folder)
        await _issue(folder)
        recipe = Recipe(
            state_dir=folder,
            models_dir=folder,
            pack="yunet-sface",
            accepted_licences=(),
            matching=False,
            scanner=f"listen://127.0.0.1:{port}",
        )
        async with running(recipe, token, {}) as phone:
            typed = [await _typed(phone) for _ in _counted(codes, "Handheld", report)]
            sent = await _sent(phone, port, codes, report)
    return {"handheld": _summary(typed), "network_scanner": _summary(sent)}


async def _typed(phone: Phone) -> float:
    began = time.perf_counter()
    _expect_valid(await phone.post("/scans", {"text": CODE}))
    return time.perf_counter() - began


async def _sent(phone: Phone, port: int, codes: int, report: Report) -> list[float]:
    _, scanner = await asyncio.open_connection("127.0.0.1", port)
    took = []
    async with phone.feed() as feed:
        for _ in _counted(codes, "Network scanner", report):
            began = time.perf_counter()
            scanner.write(f"{CODE}\r".encode())
            message = await feed.receive_json()
            while message["kind"] != "scan.heard":
                message = await feed.receive_json()
            _expect_valid(await phone.post(f"/scans/{message['scan_id']}", {}))
            took.append(time.perf_counter() - began)
    scanner.close()
    return took


def _counted(codes: int, words: str, report: Report) -> Iterator[int]:
    for number in range(codes + WARM_UP):
        yield number
        report(words, number + 1, codes + WARM_UP)


def _expect_valid(answer: dict[str, Any]) -> None:
    assert answer["kind"] == "voucher", answer["kind"]
    assert answer["verdict"]["valid"], answer["verdict"]["message"]


def _summary(seconds: list[float]) -> dict[str, float]:
    ms = [1000 * each for each in seconds[WARM_UP:]]
    return {
        "codes": len(ms),
        "ms_p50": round(statistics.median(ms), 1),
        "ms_p95": round(statistics.quantiles(ms, n=20)[-1], 1),
    }


async def _issue(folder: Path) -> None:
    now = datetime.now(UTC)
    campaign = Campaign(
        id="bench",
        name="Benchmark",
        value=AmountOff(money=Money(amount=Decimal(5), currency="EUR")),
        stores=("bench",),
        created_at=now,
    )

    def story(tx: Transaction) -> None:
        tx.vouchers.put_campaign(campaign)
        tx.vouchers.issue([IssuedVoucher(id="1", campaign_id="bench", code=CODE, issued_at=now)])

    async with Store.open(folder, lambda: now) as store:
        await store.write(story)
