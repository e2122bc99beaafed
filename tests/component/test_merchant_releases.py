"""The page of the release that is on its way, and the button that stops it."""

from __future__ import annotations

from datetime import timedelta

from component.merchant_town import NOW, Books, Browser

from hq import rollouts


async def begun(books: Books) -> None:
    for store_id in ("lyon", "nice"):
        await books.store(store_id)
        await books.connection.execute(
            "INSERT INTO certificates (fingerprint, store_id) VALUES ($1, $1)", store_id
        )
    async with books.connection.transaction():
        await rollouts.begin(books.connection, "1.4.0", (100,), NOW - timedelta(hours=2))


async def test_before_the_first_it_says_how_one_is_begun(browser: Browser) -> None:
    status, text = await browser.get("/releases")
    assert status == 200
    assert "python -m hq release begin VERSION" in text


async def test_a_person_stops_it_for_a_reason_that_is_written_down(
    books: Books, browser: Browser
) -> None:
    await begun(books)
    assert "Stop this release" in (await browser.get("/releases"))[1]
    token = await browser.form_token()
    refused = await browser.post("/releases", form_token=token, reason=" ")
    assert refused.status == 422
    stopped = await browser.post("/releases", form_token=token, reason="<b>a till</b>")
    assert stopped.status == 303
    text = (await browser.get("/releases"))[1]
    assert "No further store takes it" in text
    assert "&lt;b&gt;a till&lt;/b&gt;" in text
    assert "stopped the release" in text
    assert "Stop this release" not in text
    again = await browser.post("/releases", form_token=token, reason="again")
    assert again.status == 409


async def test_nobody_else_stops_it(books: Books, stranger: Browser) -> None:
    await begun(books)
    assert (await stranger.post("/releases", reason="mischief")).headers["Location"] == "/sign-in"
    newest = await rollouts.newest(books.connection)
    assert newest is not None
    assert newest.is_on
