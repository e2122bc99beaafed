"""Fifty phones redeem one campaign, and in the middle of it the gateway is killed.

Each phone takes the next code. Every tenth code is fought for by two phones at once, and every
tenth request is sent twice, as a phone does whose answer was lost. The rate is measured until
the last fifth; then the gateway is killed with SIGKILL while the phones go on, and what was
acknowledged is compared with what its store holds.
"""

from __future__ import annotations

import asyncio
import os
import signal
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import aiohttp

from edge.demo.gateway import Phone, Recipe, paired_token, running
from edge.domain import AmountOff, Campaign, IssuedVoucher, Money, new_id
from edge.store import Reader, Store, Transaction

PHONES = 50
WARM_UP = 200
MEASURED_SHARE = 0.8
OFTEN = 10
CAMPAIGN = "bench"

Report = Callable[[str, int, int], None]


@dataclass(slots=True)
class Tally:
    """What the phones were told."""

    acknowledged: Counter[str] = field(default_factory=Counter)
    refused: int = 0
    repeats_differ: int = 0
    ms: list[float] = field(default_factory=list)


async def redeem(folder: Path, codes: int, report: Report) -> dict[str, Any]:
    """Redeem so many codes; returns the figures."""
    token = await paired_token(folder)
    await _issue(folder, codes)
    recipe = Recipe(
        state_dir=folder,
        models_dir=folder,
        pack="yunet-sface",
        accepted_licences=(),
        matching=False,
    )
    told, line = Tally(), _line(codes)
    measured = int(codes * MEASURED_SHARE)
    async with running(recipe, token, {}) as phone:
        await _until(phone, line, told, WARM_UP, codes, report)
        told.ms.clear()
        began, before = time.perf_counter(), len(told.acknowledged)
        await _until(phone, line, told, measured, codes, report)
        seconds = time.perf_counter() - began
        redeemed = len(told.acknowledged) - before
        ms = sorted(told.ms)
        await _until_killed(phone, line, told)
    held = await _held(folder)
    return {
        "phones": PHONES,
        "redeemed": len(held),
        "redeemed_per_s": round(redeemed / seconds, 1),
        "redeem_ms_p50": round(statistics.median(ms), 1),
        "redeem_ms_p95": round(ms[int(len(ms) * 0.95)], 1),
        "double_redemptions": sum(uses - 1 for uses in held.values() if uses > 1)
        + sum(uses - 1 for uses in told.acknowledged.values() if uses > 1),
        "lost_redemptions": len(set(told.acknowledged) - set(held)),
        "repeats_answered_differently": told.repeats_differ,
    }


async def _issue(folder: Path, codes: int) -> None:
    now = datetime.now(UTC)
    campaign = Campaign(
        id=CAMPAIGN,
        name="Benchmark",
        value=AmountOff(money=Money(amount=Decimal(5), currency="EUR")),
        stores=("bench",),
        created_at=now,
    )

    def story(tx: Transaction) -> None:
        tx.vouchers.put_campaign(campaign)
        tx.vouchers.issue(
            IssuedVoucher(id=code, campaign_id=CAMPAIGN, code=code, issued_at=now)
            for code in map(_code, range(codes))
        )

    async with Store.open(folder, lambda: now) as store:
        await store.write(story)


def _line(codes: int) -> Iterator[str]:
    """The codes in turn; every tenth comes twice, so that two phones take it at once."""
    for number in range(codes):
        yield _code(number)
        if number % OFTEN == 0:
            yield _code(number)


def _code(number: int) -> str:
    return f"{number:012d}"


async def _until(
    phone: Phone, line: Iterator[str], told: Tally, wanted: int, codes: int, report: Report
) -> None:
    """Have the phones redeem until so many codes are."""

    async def serve() -> None:
        while len(told.acknowledged) < wanted:
            await _take(phone, next(line), told)
            report("Redeemed", len(told.acknowledged), codes)

    await asyncio.gather(*(serve() for _ in range(PHONES)))


async def _until_killed(phone: Phone, line: Iterator[str], told: Tally) -> None:
    """The phones go on while the gateway dies."""

    async def serve() -> None:
        try:
            for code in line:
                await _take(phone, code, told)
        except aiohttp.ClientError:
            return

    serving = asyncio.gather(*(serve() for _ in range(PHONES)))
    await asyncio.sleep(0.5)
    os.kill(phone.gateway_pid, signal.SIGKILL)
    await serving


async def _take(phone: Phone, code: str, told: Tally) -> None:
    request = {"request_id": new_id(), "code": code}
    began = time.perf_counter()
    answer = await phone.post("/redemptions", request)
    told.ms.append((time.perf_counter() - began) * 1000)
    if answer["redemption"] is None:
        told.refused += 1
        return
    told.acknowledged[code] += 1
    if int(code) % OFTEN == 1:
        again = await phone.post("/redemptions", request)
        told.repeats_differ += again["redemption"] != answer["redemption"]


async def _held(folder: Path) -> Counter[str]:
    """How often the store holds each code as redeemed, after it was opened again."""

    def question(reader: Reader) -> Counter[str]:
        return Counter(
            use.voucher_id for use in reader.redemptions.of_campaign(CAMPAIGN) if use.state.holds
        )

    async with Store.open(folder, lambda: datetime.now(UTC)) as store:
        return await store.read(question)
