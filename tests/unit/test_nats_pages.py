"""A page that is more than a NATS server carries is cut, and nothing of it is passed over."""

from __future__ import annotations

import gzip
import random

import msgspec

from edge.contract import Change, Page
from hq.broker import MAX_PAYLOAD
from hq.nats import packed


def a_page(count: int, of_bytes: int) -> Page:
    """Changes that do not shrink in gzip."""
    rng = random.Random(5)
    changes = [
        Change(position=n, message=msgspec.Raw(f'"{rng.randbytes(of_bytes // 2).hex()}"'.encode()))
        for n in range(1, count + 1)
    ]
    return Page(changes=changes, cursor=count, remaining=7)


def test_a_page_that_is_too_large_is_cut_where_its_cursor_says() -> None:
    whole = a_page(count=1000, of_bytes=20_000)
    body = packed(whole)
    cut = msgspec.json.decode(gzip.decompress(body), type=Page)
    assert len(body) < MAX_PAYLOAD
    assert cut.changes == whole.changes[: len(cut.changes)]
    assert 0 < cut.cursor == cut.changes[-1].position < 1000
    assert cut.remaining + len(cut.changes) == 1007


def test_a_page_that_fits_is_left_as_it_is() -> None:
    whole = a_page(count=10, of_bytes=100)
    assert msgspec.json.decode(gzip.decompress(packed(whole)), type=Page) == whole
