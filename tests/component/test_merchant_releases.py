"""The page of the release that is on its way, and the button that stops it."""

from __future__ import annotations

import ast
import asyncio
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest
from component.merchant_town import NOW, Books, Browser
from component.publisher import Publisher, served

from edge.contract import ReleaseTold
from edge.demo.town import PROJECT
from edge.domain.updates import Outcome
from hq.pages.words import LANGUAGES, dictionary
from hq.releases import rollouts
from hq.releases.published import Source, read


async def admitted(books: Books) -> None:
    for store_id in ("lyon", "nice"):
        await books.store(store_id)
        await books.connection.execute(
            "INSERT INTO certificates (fingerprint, store_id) VALUES ($1, $1)", store_id
        )


async def begun(books: Books) -> None:
    await admitted(books)
    async with books.connection.transaction():
        await rollouts.begin(books.connection, "1.4.0", (100,), NOW - timedelta(hours=2))


async def test_before_the_first_it_leads_to_the_form(books: Books, browser: Browser) -> None:
    assert 'href="/releases/send"' in (await browser.get("/releases"))[1]
    assert "No store yet" in (await browser.get("/releases/send"))[1]
    await admitted(books)
    assert 'value="lyon"' in (await browser.get("/releases/send"))[1]


async def test_a_person_sends_it_to_the_stores_they_name_and_then_to_all(
    books: Books, browser: Browser
) -> None:
    await admitted(books)
    await send(browser, 303, version="1.4.0", store="nice", shares="", hours="24")
    newest = await rollouts.newest(books.connection)
    assert newest is not None
    assert (newest.version, newest.waves, newest.hours) == ("1.4.0", [["nice"], 100], 24)
    text = (await browser.get("/releases"))[1]
    assert "stores by name" in text
    assert "sent a release" in text
    assert "A release is on its way" in (await browser.get("/releases/send"))[1]
    await send(browser, 422, version="1.5.0", shares="", hours="0")


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({"version": "latest"}, "called by numbers"),
        ({"version": "1.2.0"}, "the stores have 1.3.0"),
        ({"store": "nowhere"}, "no store nowhere any more"),
        ({"shares": "fifty"}, "whole percentages that grow"),
        ({"shares": "50, 10"}, "whole percentages that grow"),
        ({"hours": "soon"}, "a whole number, at most 336"),
        ({"hours": "337"}, "a whole number, at most 336"),
    ],
)
async def test_what_cannot_be_sent_is_said_and_the_form_keeps_what_was_typed(
    books: Books, browser: Browser, form: dict[str, str], says: str
) -> None:
    await admitted(books)
    await books.connection.execute(
        "INSERT INTO releases (store_id, version, told_at) VALUES ('lyon', '1.3.0', $1)", NOW
    )
    filled = {"version": "1.4.0", "shares": "12", "hours": "7", **form}
    text = await send(browser, 422, **filled)
    assert says in text
    for name in ("version", "shares", "hours"):
        assert f'value="{filled[name]}"' in text
    assert await rollouts.newest(books.connection) is None


async def test_a_store_that_failed_is_named_and_stands_first(
    books: Books, browser: Browser
) -> None:
    await begun(books)
    told = ReleaseTold(
        release="1.3.0",
        tried="1.4.0",
        outcome=Outcome.ROLLED_BACK,
        message_id="m",
        store_id="nice",
        at=NOW,
    )
    async with books.connection.transaction():
        await rollouts.hear(books.connection, "nice", [told], NOW)
    text = (await browser.get("/releases"))[1]
    assert "nice went back, or could not take it" in text
    assert "Took it, and went back by itself" in text
    assert 0 < text.index("Failed") < text.index("Without this release")
    assert "Send a release" in text


async def test_only_what_is_published_can_be_chosen(
    books: Books, browser: Browser, tmp_path: Path
) -> None:
    await admitted(books)
    publisher = await asyncio.to_thread(publisher_of, tmp_path, "1.4.0", "1.10.0")
    with ExitStack() as serving:
        folder = publisher.repository.folder
        address = await asyncio.to_thread(serving.enter_context, served(folder))
        given = Source(url=address, root=publisher.anchor.read_bytes())
        await asyncio.to_thread(read, given)
        await books.connection.execute(
            "INSERT INTO publisher (url, root) VALUES ($1, $2)", given.url, given.root
        )
        text = (await browser.get("/releases/send"))[1]
        assert 0 < text.index('value="1.10.0" selected') < text.index('value="1.4.0"')
        assert "1.5.0 is not published" in await send(browser, 422, version="1.5.0")
        await asyncio.to_thread(serving.close)
    assert "does not answer" in (await browser.get("/releases/send"))[1]


def publisher_of(folder: Path, *versions: str) -> Publisher:
    publisher = Publisher(folder)
    for version in versions:
        publisher.add(version)
    return publisher


async def send(browser: Browser, status: int, **form: str) -> str:
    """Send the form; the page that answers."""
    filled = {"form_token": await browser.form_token(), "shares": "", "hours": "0", **form}
    url = f"{browser.address}/releases/send"
    async with browser.session.post(
        url, data=filled, headers={"Origin": browser.address}, allow_redirects=False
    ) as answer:
        assert answer.status == status
        return await answer.text()


def test_each_mistake_has_words_in_every_language() -> None:
    """Pages say by its code what the command line says in English."""
    files = (PROJECT / "hq/releases").glob("*.py")
    calls = [
        n for f in files for n in ast.walk(ast.parse(f.read_text())) if isinstance(n, ast.Call)
    ]
    mistakes = [call for call in calls if getattr(call.func, "id", "") == "Mistake"]
    found = {ast.literal_eval(call.args[1]) for call in mistakes} - {"wave"}
    assert {"version", "shares", "not_newer", "away", "over"} <= found
    for language in LANGUAGES:
        said = dictionary(language)
        assert {code for code in found if f"releases.mistake.{code}" not in said} == set()


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
