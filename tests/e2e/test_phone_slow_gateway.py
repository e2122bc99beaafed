"""A gateway whose answers come late, or break off: the phone stays usable."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from email.utils import format_datetime

from e2e.shop import ANNA, NOW, Pick, Shop
from playwright.async_api import Route

PATIENCE_S = 4
"""How long the service worker waits for a gateway whose files it has."""
ANSWERS_BREAK_OFF = """(end) => {
  const whole = window.fetch;
  window.fetch = (where, asked) => {
    if (!String(where).endsWith(end)) return whole(where, asked);
    const body = new ReadableStream({
      start(stream) {
        stream.enqueue(new TextEncoder().encode('{"visit'));
        stream.error(new TypeError("network error"));
      },
    });
    return Promise.resolve(new Response(body, { headers: { "Content-Type": "application/json" } }));
  };
}"""
"""What a browser makes of a line that is lost in the middle of an answer."""
OFF_AFTER = """async (asked) => {
  const api = await import("/app/api.js");
  await api[asked]();
  return api.now() - Date.now();
}"""
"""By how many milliseconds the app takes the phone's clock for wrong after an answer."""


async def test_a_line_lost_in_the_middle_of_an_answer_is_a_line_that_is_lost(
    shop: Shop, pick_up: Pick
) -> None:
    member = await shop.consented(ANNA)
    phone = await pick_up()
    await phone.pair(shop)
    await shop.at_the_door(member)
    await phone.page.evaluate(ANSWERS_BREAK_OFF, "/confirm")
    await phone.page.get_by_role("button", name=f"It's them: {member.name}").click()
    await phone.hears("Check that this phone is on the shop's Wi-Fi")


async def test_an_answer_that_was_late_is_not_the_time_of_day_for_ever(
    shop: Shop, pick_up: Pick
) -> None:
    phone = await pick_up()
    await phone.pair(shop)
    hour = timedelta(hours=1)

    async def an_hour_late(route: Route) -> None:
        answer = await route.fetch()
        date = format_datetime(NOW - hour, usegmt=True)
        await route.fulfill(response=answer, headers={**answer.headers, "date": date})

    await phone.page.route("**/api/v1/cameras", an_hour_late)
    for asked, off_by in (("cameras", -hour), ("health", timedelta())):
        found = await phone.page.evaluate(OFF_AFTER, asked)
        assert abs(timedelta(milliseconds=found) - off_by) < hour / 2


async def test_the_app_opens_though_a_file_comes_later_than_a_kept_one_would(
    shop: Shop, pick_up: Pick
) -> None:
    """The second time all files pass through the service worker, which has kept none so far."""
    phone = await pick_up()
    await phone.pair(shop)
    await phone.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    passed: list[bool] = []

    async def late(route: Route) -> None:
        passed.append(route.request.service_worker is not None)
        await asyncio.sleep(PATIENCE_S + 1)
        await route.continue_()

    await phone.page.context.route("**/app/i18n.js", late)
    await phone.page.reload()
    await phone.sees("In store now")
    assert passed == [True]
