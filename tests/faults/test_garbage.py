"""A gateway that a broken headquarters tells nonsense: it takes what it can, keeps the rest for a
person to look at, and does not stop."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from pathlib import Path

import msgspec
import pytest
from component.flows_shop import Shop, open_shop
from component.headquarters_town import exchange_over
from component.store_values import START
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from unit.contract_values import messages

from edge import contract
from edge.contract import Acknowledgement, Change, Feed, Page
from edge.errors import EdgeError, HeadquartersUnavailable

HEAD = {"message_id": "m", "store_id": "headquarters", "at": "2026-03-01T09:00:00Z"}
KNOWN = HEAD | {
    "type": "MemberKnown",
    "member_id": "ana",
    "joined_at": "2026-03-01T09:00:00Z",
    "profile": {"name": "Ana"},
    "stamps": [],
}
BEFORE_TIME = "0001-01-01T00:00:00+14:00"
GARBAGE = {
    "not JSON at all": b'"' + b"\xff\xfe" + b'"',
    "half a surrogate": json.dumps(KNOWN).replace("Ana", "\\ud800").encode(),
    "bytes that are no text": json.dumps(KNOWN).encode().replace(b"Ana", b"\xff\xfe"),
    "a time before time": json.dumps(KNOWN | {"joined_at": BEFORE_TIME}).encode(),
    "a purchase before time": json.dumps(
        HEAD
        | {
            "type": "PurchaseMade",
            "purchase_id": "p",
            "member_id": "nobody",
            "item": "hat",
            "category": "hats",
            "amount": "1",
            "currency": "EUR",
            "bought_at": BEFORE_TIME,
        }
    ).encode(),
    "a revocation before time": json.dumps(
        HEAD | {"type": "Revoked", "kind": "voucher", "subject_id": "v", "at": BEFORE_TIME}
    ).encode(),
    "a name of nothing": json.dumps(KNOWN | {"profile": {"name": ""}}).encode(),
    "a list": b"[]",
}


class Scripted:
    """A headquarters that says what a test tells it to."""

    def __init__(self, *pages: Page) -> None:
        self._pages = deque(pages)

    async def send(self, batch: bytes, *, urgent: bool) -> Acknowledgement:
        return Acknowledgement(refused=[])

    async def fetch(self, feed: Feed, after: int) -> Page:
        if feed == "changes" and self._pages:
            return self._pages.popleft()
        return Page(changes=[], cursor=after, remaining=0)

    async def rest(self, most_s: float) -> None:
        await asyncio.sleep(most_s)


def page(*bodies: bytes) -> Page:
    changes = [Change(position=n + 1, message=msgspec.Raw(body)) for n, body in enumerate(bodies)]
    return Page(changes=changes, cursor=len(bodies), remaining=0)


async def pull(shop: Shop, *pages: Page) -> None:
    await exchange_over(Scripted(*pages), shop).pull("changes")


@pytest.mark.parametrize("garbage", GARBAGE)
async def test_garbage_is_kept_and_the_rest_of_the_page_is_taken_in(
    tmp_path: Path, garbage: str
) -> None:
    good = json.dumps(KNOWN | {"member_id": "bea"}).encode()
    async with open_shop(tmp_path / "state") as shop:
        await pull(shop, page(GARBAGE[garbage], good))
        assert await shop.store.read(lambda reader: reader.members.get("bea"))
        refused = await shop.store.read(lambda reader: reader.exchange.refused())
        assert [place for _, place, _ in refused] == [1]
        assert await shop.store.read(lambda reader: reader.exchange.cursor("changes")) == 2


@pytest.mark.parametrize(
    "nowhere",
    [
        Page(changes=[], cursor=0, remaining=5),
        Page(changes=[], cursor=3, remaining=0),
        Page(changes=page(b"{}").changes, cursor=0, remaining=1),
        Page(changes=page(b"{}", b"{}").changes[::-1], cursor=9, remaining=0),
    ],
    ids=["the same again", "back", "behind its own changes", "in no order"],
)
async def test_a_page_that_leads_nowhere_is_refused(tmp_path: Path, nowhere: Page) -> None:
    async with open_shop(tmp_path / "state") as shop:
        start = 4 if nowhere.cursor == 3 else 0
        await shop.store.write(lambda tx: tx.exchange.move("changes", start))
        with pytest.raises(HeadquartersUnavailable, match="nowhere"):
            await pull(shop, nowhere)


DOWN = st.one_of(
    *[messages(kind).map(contract.encode) for kind in contract.Down.__args__],
    st.binary(max_size=40),
    st.recursive(st.none() | st.integers() | st.text(), st.lists).map(msgspec.json.encode),
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
@given(bodies=st.lists(DOWN, min_size=1, max_size=6))
def test_whatever_comes_down_only_ends_in_an_error_of_ours(
    tmp_path_factory: pytest.TempPathFactory, bodies: list[bytes]
) -> None:
    async def take() -> None:
        async with open_shop(tmp_path_factory.mktemp("shop") / "state") as shop:
            shop.clock.now = START
            await pull(shop, page(*bodies))
            cursor = await shop.store.read(lambda reader: reader.exchange.cursor("changes"))
            assert cursor == len(bodies)

    try:
        asyncio.run(take())
    except EdgeError as error:
        raise AssertionError("a page stops the exchange for good") from error
