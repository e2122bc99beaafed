"""``regulars bench wedge`` on few codes: a real gateway answers them both ways."""

from __future__ import annotations

from edge.bench import wedge


async def test_codes_are_answered_by_both_ways() -> None:
    done: list[tuple[str, int, int]] = []
    result = await wedge.run(20, lambda *step: done.append(step))
    assert {way: figures["codes"] for way, figures in result.items()} == {
        "handheld": 20,
        "network_scanner": 20,
    }
    assert all(0 < figures["ms_p50"] <= figures["ms_p95"] for figures in result.values())
    assert done[-1] == ("Network scanner", 40, 40)
