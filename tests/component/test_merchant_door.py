"""Who comes in to the merchant's pages, and who does not."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta

import pytest
from component.merchant_town import NOW, SCREENS, Books, Browser, open_pages
from ports import free_port
from typer.testing import CliRunner

from hq import people, quarantine
from hq.cli import app


async def test_a_stranger_sees_the_way_in_and_nothing_else(stranger: Browser) -> None:
    for path in (*SCREENS, "/stores/lyon", "/regulars/m", "/quarantine/lyon/1", "/nothing"):
        status, text = await stranger.get(path)
        assert (status, "/sign-in" in text or text) == (303, "303: See Other"), path
    assert (await stranger.get("/sign-in"))[0] == 200
    assert (await stranger.post("/quarantine/lyon/1", decision="discard")).status == 303


async def test_an_invitation_works_once(books: Books, stranger: Browser) -> None:
    code = await people.invite(books.connection, "Camille", NOW)
    entered = await stranger.post("/sign-in", code=code)
    assert (entered.status, entered.headers["Location"]) == (303, "/")
    cookie = entered.headers["Set-Cookie"]
    assert all(word in cookie for word in ("HttpOnly", "SameSite=Strict", "Path=/"))
    assert (await stranger.post("/sign-in", code=code)).status == 403
    assert (await stranger.get("/"))[0] == 200


async def test_an_invitation_ends_after_a_day(books: Books, stranger: Browser) -> None:
    code = await people.invite(books.connection, "Camille", NOW - timedelta(hours=24))
    assert (await stranger.post("/sign-in", code=code)).status == 403


async def test_the_database_holds_no_secret(books: Books, browser: Browser) -> None:
    code = await people.invite(books.connection, "Noor", NOW)
    (token,) = [morsel.value for morsel in browser.session.cookie_jar]
    for table in ("people", "invitations", "sessions", "audit"):
        rows = await books.connection.fetch(f"SELECT * FROM {table}")
        held = " ".join(str(value) for row in rows for value in row)
        assert token not in held
        assert code not in held


async def test_a_session_that_was_not_used_for_a_month_is_over(
    books: Books, browser: Browser
) -> None:
    used_at = NOW - people.SESSION_LIFE
    await books.connection.execute("UPDATE sessions SET used_at = $1", used_at)
    assert (await browser.get("/"))[0] == 303


async def test_who_is_dismissed_is_out_at_the_next_request(books: Books, browser: Browser) -> None:
    code = await people.invite(books.connection, "Camille", NOW)
    assert await people.dismiss(books.connection, "Camille", NOW)
    assert (await browser.get("/"))[0] == 303
    assert (await browser.post("/sign-in", code=code)).status == 403
    assert not await people.dismiss(books.connection, "Camille", NOW)


async def test_signing_out_ends_the_session_itself(books: Books, browser: Browser) -> None:
    (token,) = [morsel.value for morsel in browser.session.cookie_jar]
    left = await browser.post("/sign-out", form_token=await browser.form_token())
    assert left.status == 303
    assert await people.signed_in(books.connection, token, NOW) is None


async def test_behind_a_proxy_the_cookie_is_bound_to_https(books: Books) -> None:
    origin = "https://hq.example.com"
    port = free_port()
    async with open_pages(books, port=port, origin=origin) as browser:
        assert browser.address == origin
        browser.address = f"http://127.0.0.1:{port}"  # as the proxy sees it
        code = await people.invite(books.connection, "Camille", NOW)
        entered = await browser.post("/sign-in", origin, code=code)
        cookie = entered.headers["Set-Cookie"]
        assert cookie.startswith("__Host-")
        assert "Secure" in cookie


async def test_another_sites_form_is_refused(books: Books, browser: Browser) -> None:
    await books.store("lyon")
    await books.quarantine("lyon", 7, "malformed", b"{")
    path, form = "/quarantine/lyon/7", {"decision": "discard", "reason": "because"}
    assert (await browser.post(path, **form)).status == 403
    token = await browser.form_token()
    foreign = await browser.post(path, "https://elsewhere.example", form_token=token, **form)
    assert foreign.status == 403
    assert await quarantine.one(books.connection, "lyon", 7) is not None
    assert (await browser.post("/sign-in", "https://elsewhere.example", code="x")).status == 403


async def test_every_answer_carries_the_content_policy(browser: Browser) -> None:
    for path in (*SCREENS, "/static/pages.js", "/nothing"):
        async with browser.session.get(browser.address + path) as answer:
            policy = answer.headers["Content-Security-Policy"]
            assert policy.startswith("default-src 'none'")
            assert "unsafe" not in policy
            text = await answer.text()
        assert not re.search(r"<[^>]+\sstyle=|<style|<script>|\son\w+=", text), path


async def test_no_page_is_kept_on_the_way(browser: Browser) -> None:
    async with browser.session.get(browser.address + "/") as answer:
        assert answer.headers["Cache-Control"] == "no-store"


async def test_the_command_prints_a_link_that_lets_somebody_in(
    books: Books, stranger: Browser
) -> None:
    command = ["invite", "--dsn", books.dsn, "--origin", stranger.address, "Camille"]
    printed = await asyncio.to_thread(CliRunner().invoke, app, command)
    link = printed.output.strip()
    assert link.startswith(f"{stranger.address}/sign-in#")
    entered = await stranger.post("/sign-in", code=link.partition("#")[2])
    assert entered.status == 303
    gone = await asyncio.to_thread(
        CliRunner().invoke, app, ["dismiss", "--dsn", books.dsn, "Camille"]
    )
    assert gone.exit_code == 0
    assert (await stranger.get("/"))[0] == 303


@pytest.mark.parametrize("address", ["0.0.0.0:9480", "9480", "127.0.0.1:", "hq.example.com:80"])
def test_people_elsewhere_are_not_served_without_https(address: str) -> None:
    command = ["serve", "--dsn", "postgresql://", "--folder", "x", "--pages", address]
    refused = CliRunner().invoke(app, command)
    assert refused.exit_code == 2
    assert "127.0.0.1" in refused.output
