"""A batch is issued into a file by every core, and its codes are verified by one."""

from __future__ import annotations

import csv
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

from edge.domain import AmountOff, Campaign, Money, Voucher
from edge.flows.issuing import Issuing
from edge.rules.digits import Digits, plain
from edge.rules.voucher_code import decode
from edge.sheets import table
from edge.store import Store

VERIFIED = 50_000
CAMPAIGN = "bench"

Report = Callable[[str, int, int], None]


async def issue_and_verify(folder: Path, count: int, report: Report) -> dict[str, Any]:
    """Issue so many codes into a CSV, durably, and verify the first of them.

    ``verified_per_s`` and ``digits_read_per_s`` count processor time of one core, from the text to
    what it says; no database is asked.
    """
    out, now = folder / "codes.csv", datetime.now(UTC)
    campaign = Campaign(
        id=CAMPAIGN,
        name="Benchmark",
        value=AmountOff(money=Money(amount=Decimal(5), currency="EUR")),
        valid_until=datetime(now.year + 1, 1, 1, tzinfo=UTC),
        stores=("bench",),
        created_at=now,
    )
    async with Store.open(folder / "issuing", lambda: now) as store:
        desk = Issuing(store, lambda: now, "bench")
        await desk.create(campaign)
        began = time.perf_counter()
        batch = await desk.begin(CAMPAIGN, count, "bench")
        table.write(await desk.press(batch.id), out, lambda made, of: report("Issued", made, of))
        await desk.written(batch.id)
        issued_s = time.perf_counter() - began
        keys = await store.read(lambda reader: reader.code_keys.public())
        digits = await store.read(lambda reader: Digits(reader.code_keys.digits()))
    texts = [text for _, text in islice(_codes(out), VERIFIED)]
    began = time.process_time()
    held = sum(isinstance(decode(text, keys), Voucher) for text in texts)
    verified_s = time.process_time() - began
    typed = [written for written, _ in islice(_codes(out), VERIFIED)]
    began = time.process_time()
    numbers = {digits.number(plain(written) or "") for written in typed}
    read_s = time.process_time() - began
    return {
        "issued": count,
        "issued_per_s": round(count / issued_s),
        "issued_s": round(issued_s, 1),
        "digits_distinct": len({written for written, _ in _codes(out)}),
        "verified": held,
        "verified_per_s": round(len(texts) / verified_s),
        "digits_read_per_s": round(len(numbers) / read_s),
        "csv_mb": round(out.stat().st_size / 1e6, 1),
        "database_kb": _database_kb(folder / "issuing"),
    }


def _codes(file: Path) -> Iterator[tuple[str, str]]:
    """Digits and signed text of each voucher."""
    with file.open(newline="") as opened:
        for row in csv.DictReader(opened):
            yield row["digits"], row["code"]


def _database_kb(folder: Path) -> int:
    """What the store holds of them, in KB."""
    return sum(file.stat().st_size for file in folder.glob("regulars.db*")) // 1000
