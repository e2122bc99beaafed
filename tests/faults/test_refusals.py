"""What headquarters refuses of one store is counted under its name, and the others go on."""

from __future__ import annotations

import pytest
from faults.chain import Chain
from faults.outlets import Guide

from edge.errors import HeadquartersRefused, HeadquartersUnavailable


async def refusals(chain: Chain) -> dict[tuple[str, str], int]:
    rows = await chain.headquarters.do("SELECT store_id, code, times FROM refusals")
    return {(row["store_id"], row["code"]): row["times"] for row in rows}


async def test_a_cursor_from_the_future_is_counted_and_the_store_resyncs(chain: Chain) -> None:
    lyon = await chain.outlet("lyon")
    async with lyon.open() as shop:
        await Guide(lyon, shop).day(0)
        await chain.round(lyon, shop)
        await shop.store.write(lambda tx: tx.exchange.move("changes", 10**9))
        await chain.round(lyon, shop)
        cursor = await shop.store.read(lambda reader: reader.exchange.cursor("changes"))
    assert cursor < 10**9
    assert await refusals(chain) == {("lyon", "cursor_ahead"): 1}


async def test_a_revoked_store_is_refused_and_counted_while_others_go_on(chain: Chain) -> None:
    lyon, nice = await chain.outlet("lyon"), await chain.outlet("nice")
    await chain.headquarters.do(
        "UPDATE certificates SET revoked_at = now() WHERE store_id = 'nice'"
    )
    async with nice.open() as shop, lyon.open() as there:
        await Guide(nice, shop).day(0)
        for _ in range(2):
            with pytest.raises(HeadquartersUnavailable) as refused:
                await chain.round(nice, shop)
            assert isinstance(refused.value, HeadquartersRefused)
            assert refused.value.refusal == "store_revoked"
        waiting = await shop.store.read(lambda reader: reader.outbox.count())
        assert waiting == len(nice.told()), "nothing is forgotten"
        await Guide(lyon, there).day(1)
        await chain.round(lyon, there)
    assert await refusals(chain) == {("nice", "store_revoked"): 2}
