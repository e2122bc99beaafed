"""The merchant's pages over HTTP: what people see, decide and are written down for."""

from __future__ import annotations

from datetime import timedelta

import asyncpg
import pytest
from component.merchant_town import NOW, SCREENS, Books, Browser, rhythm

from edge.contract import Batch, Code, VisitOpened, encode
from edge.domain import ArrivedBy
from hq import people, quarantine
from hq.books import count_refusal
from hq.ingest import ingest


async def test_a_new_chain_says_what_to_do(browser: Browser) -> None:
    for path in SCREENS:
        assert (await browser.get(path))[0] == 200
    assert "A chain begins with one store" in (await browser.get("/"))[1]


async def test_the_language_is_chosen_and_kept(browser: Browser) -> None:
    assert (await browser.get("/language/zh?back=/consent"))[0] == 303
    assert "人脸匹配的同意" in (await browser.get("/consent"))[1]
    assert (await browser.get("/language/xx"))[0] == 404


@pytest.mark.parametrize("back", ["https://elsewhere.example", "//elsewhere.example", "/\\else"])
async def test_choosing_a_language_leads_nowhere_else(browser: Browser, back: str) -> None:
    url = f"{browser.address}/language/en"
    async with browser.session.get(url, params={"back": back}, allow_redirects=False) as answer:
        assert answer.headers["Location"] == "/"


async def test_what_is_not_there_has_a_page_that_says_so(browser: Browser) -> None:
    for path in ("/stores/nowhere", "/regulars/nobody", "/quarantine/lyon/1", "/quarantine/x/y"):
        status, text = await browser.get(path)
        assert status == 404
        assert "There is nothing here" in text


async def test_a_long_chain_is_shown_in_pages_and_can_be_searched(
    books: Books, browser: Browser
) -> None:
    for number in range(120):
        await books.store(f"store-{number:03}")
    shown = (await browser.get("/"))[1]
    assert "store-049" in shown
    assert "store-050" not in shown
    assert "1 to 50 of 120" in shown
    assert "store-119" in (await browser.get("/?from=100"))[1]
    assert "101 to 120 of 120" in (await browser.get("/?from=99999999"))[1]
    assert "1 to 50 of 120" in (await browser.get("/?from=-1"))[1]
    found = (await browser.get("/?find=e-07"))[1]
    assert "store-077" in found
    assert "store-088" not in found


async def test_names_are_text_and_never_markup(books: Books, browser: Browser) -> None:
    await books.store("lyon", name='<script>alert("x")</script>')
    for path in (*SCREENS, "/stores/lyon"):
        assert "<script>alert" not in (await browser.get(path))[1]


async def test_a_silent_store_says_that_its_figures_end(books: Books, browser: Browser) -> None:
    await books.store("lyon", last_contact_at=NOW - timedelta(hours=3))
    status, text = await browser.get("/stores/lyon")
    assert status == 200
    assert "was not heard for a while" in text
    assert "heard 3 h ago" in text


async def test_a_database_that_is_away_has_a_page_that_says_so(
    books: Books, browser: Browser
) -> None:
    name = await books.connection.fetchval("SELECT current_database()")
    admin = await asyncpg.connect(books.dsn.replace(f"/{name}?", "/postgres?"))
    await books.connection.close()
    await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await admin.close()
    status, text = await browser.get("/")
    assert status == 503
    assert "The database is away" in text
    assert "data-wait" in text


# --- members ---------------------------------------------------------------------------


async def test_a_member_is_named_to_who_is_written_down_for_it(
    books: Books, browser: Browser
) -> None:
    await books.store("lyon")
    await rhythm(books, "m-1", silent=60, profile='{"name": "Ana Petit", "phone": "+33 1"}')
    await books.work_out()
    listed = (await browser.get("/regulars"))[1]
    assert "60 days silent" in listed
    assert "Ana" not in listed
    assert await people.noted(books.connection, "member:m-1") == []
    status, text = await browser.get("/regulars/m-1")
    assert status == 200
    assert "Ana Petit" in text
    (look,) = await people.noted(books.connection, "member:m-1")
    assert (look.name, look.action, look.at) == ("Camille", "member_looked_at", NOW)
    assert "Camille" in text


async def test_who_asked_not_to_be_disturbed_is_shown_without_a_phone(
    books: Books, browser: Browser
) -> None:
    await books.store("lyon")
    profile = '{"name": "Ana", "phone": "+33 1 23", "do_not_disturb": true}'
    await rhythm(books, "m-1", silent=60, profile=profile)
    await books.work_out()
    assert "60 days silent" not in (await browser.get("/regulars"))[1]
    text = (await browser.get("/regulars/m-1"))[1]
    assert "Asked not to be disturbed" in text
    assert "+33 1 23" not in text


# --- quarantine ------------------------------------------------------------------------


async def test_what_was_refused_as_a_whole_is_shown_by_store(
    books: Books, browser: Browser
) -> None:
    await books.store("lyon")
    assert "Refused as a whole" not in (await browser.get("/quarantine"))[1]
    for _ in range(3):
        await count_refusal(books.connection, "lyon", Code.SEQUENCE_REUSED)
    text = (await browser.get("/quarantine"))[1]
    assert "3 times" in text
    assert "two gateways use one certificate" in text


def visit(store_id: str = "lyon") -> VisitOpened:
    return VisitOpened(
        message_id="m-1",
        store_id=store_id,
        at=NOW,
        visit_id="v-1",
        member_id="ana",
        arrived_by=ArrivedBy.CODE,
    )


async def decide(browser: Browser, decision: str, reason: str = "because") -> int:
    token = await browser.form_token()
    path = "/quarantine/lyon/7"
    answer = await browser.post(path, form_token=token, decision=decision, reason=reason)
    return int(answer.status)


async def test_a_message_is_released_and_has_its_effect(books: Books, browser: Browser) -> None:
    heard_at = NOW - timedelta(hours=1)
    await books.store("lyon", last_contact_at=heard_at)
    await books.quarantine("lyon", 7, "unknown_version", encode(visit()))
    assert "A visit began" in (await browser.get("/quarantine"))[1]
    assert await decide(browser, "release") == 303
    assert await quarantine.waiting(books.connection, 10) == []
    assert await books.connection.fetchval("SELECT member_id FROM visits") == "ana"
    # The store was not heard, somebody at headquarters was.
    assert await books.connection.fetchval("SELECT last_contact_at FROM stores") == heard_at
    (done,) = await people.noted(books.connection, "message:lyon:7")
    assert (done.name, done.action, done.reason) == ("Camille", "message_released", "because")


async def test_what_still_cannot_be_taken_in_stays_and_says_why(
    books: Books, browser: Browser
) -> None:
    await books.store("lyon")
    await books.quarantine("lyon", 7, "foreign_store", encode(visit("nice")))
    assert await decide(browser, "release") == 409
    assert await quarantine.one(books.connection, "lyon", 7) is not None
    assert await books.connection.fetchval("SELECT count(*) FROM visits") == 0


async def test_a_discarded_message_is_acknowledged_when_it_is_offered_again(
    books: Books, browser: Browser
) -> None:
    await books.store("lyon")
    body = encode(visit("nice"))
    offered = Batch(store_id="lyon", messages=[quarantine.numbered(7, body)])
    assert (await ingest(books.connection, "lyon", offered)).refused
    assert await decide(browser, "discard") == 303
    assert not (await ingest(books.connection, "lyon", offered)).refused
    assert await quarantine.waiting(books.connection, 10) == []
    assert await books.connection.fetchval("SELECT count(*) FROM events") == 0
    # Another message under the number was decided by nobody.
    other = Batch(store_id="lyon", messages=[quarantine.numbered(7, b"{}")])
    assert (await ingest(books.connection, "lyon", other)).refused
    assert len(await quarantine.waiting(books.connection, 10)) == 1


async def test_a_decision_needs_a_reason(books: Books, browser: Browser) -> None:
    await books.store("lyon")
    await books.quarantine("lyon", 7, "malformed", b"\xff not text")
    assert await decide(browser, "discard", reason="  ") == 422
    assert await decide(browser, "burn") == 400
    assert await quarantine.one(books.connection, "lyon", 7) is not None
    status, text = await browser.get("/quarantine/lyon/7")
    assert status == 200
    assert "A message that cannot be read" in text
