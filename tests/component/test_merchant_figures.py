"""The figures of the merchant's pages on a real PostgreSQL, each against an answer made by hand."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from component.merchant_town import NOW, PARIS, SHANGHAI, Books, days_ago, local, rhythm

from edge.contract.footfall import Measure, Period
from hq.cells import FEW, Total
from hq.figures import attention, chain, consents, regulars, repurchase
from hq.figures.chain import Takings
from hq.figures.store import details
from hq.figures.working import worked_out_at

TODAY = date(2026, 3, 11)


async def test_a_day_is_the_stores_own_and_what_it_hid_stays_hidden(books: Books) -> None:
    """At 14:20 UTC it is Wednesday in Paris, and at 22:20 still Wednesday in Shanghai."""
    await books.store("paris", PARIS)
    await books.store("shanghai", SHANGHAI)
    yesterday = TODAY - timedelta(days=1)
    await books.counted("paris", local(PARIS, TODAY), traffic_in=120, transactions=30)
    await books.counted("shanghai", local(SHANGHAI, TODAY), traffic_in=80, transactions=10)
    await books.counted("paris", local(PARIS, yesterday), traffic_in=50, transactions=20)
    hidden = (Measure.TRAFFIC_IN,)
    await books.counted("shanghai", local(SHANGHAI, yesterday), suppressed=hidden)
    found = await chain.chain(books.connection, NOW)
    assert [store.id for store in found.stores] == ["paris", "shanghai"]
    assert found.stores[1].days.traffic[:3] == (80, FEW, None)
    assert found.days.traffic[:3] == (200, 50, None)
    assert found.days.conversion(0, 1) == 40 / 200
    assert found.days.conversion(1, 2) == 20 / 50  # of the store that shows both


async def test_noise_below_zero_reads_as_nobody(books: Books) -> None:
    await books.store("paris")
    await books.counted("paris", local(PARIS, TODAY), traffic_in=-3)
    (store,) = (await chain.chain(books.connection, NOW)).stores
    assert store.days.traffic[0] == 0
    assert store.days.member_visits[0] is None


async def test_takings_leave_out_a_store_with_too_few_sales(books: Books) -> None:
    await books.store("lyon")
    await books.store("nice")
    for _ in range(12):
        await books.sell("lyon", NOW - timedelta(hours=1))
    for _ in range(3):
        await books.sell("nice", NOW - timedelta(hours=1), amount="99.00")
    found = await chain.chain(books.connection, NOW)
    assert found.takings(0, 1) == [
        Takings(currency="EUR", sales=Total(count=12, left_out=1), amount=Decimal("120.00"))
    ]


async def test_takings_are_the_same_counted_or_worked_out_before(books: Books) -> None:
    """Sales on both sides of midnight in two zones, today, and before the days that are shown."""
    for store, zone in (("lyon", PARIS), ("shanghai", SHANGHAI)):
        await books.store(store, zone)
        for back in range(17):
            for hour in (0, 23):
                at = local(zone, TODAY - timedelta(days=back), hour)
                for _ in range(10 + back):
                    await books.sell(store, min(at, NOW))
    counted = await chain.chain(books.connection, NOW)
    await books.work_out(NOW - timedelta(hours=30))
    assert await chain.chain(books.connection, NOW) == counted
    await books.work_out(NOW)
    assert await chain.chain(books.connection, NOW) == counted
    assert counted.takings(1, 2)[0].sales == Total(count=44)


async def test_the_usual_hour_is_the_median_of_its_weeks_with_hidden_ones_in_rank(
    books: Books,
) -> None:
    """Of 40, hidden, 20 it is 20; of hidden, hidden, 20 it is hidden; of 0, 0, hidden it is 0."""
    await books.store("paris")
    hidden = (Measure.TRAFFIC_IN,)
    weeks = {10: (40, None, 20), 11: (None, None, 20), 12: (0, 0, None)}
    for hour, counts in weeks.items():
        for week, count in enumerate(counts, start=1):
            at = local(PARIS, TODAY - timedelta(weeks=week), hour)
            if count is None:
                await books.counted("paris", at, Period.HOUR, hidden)
            else:
                await books.counted("paris", at, Period.HOUR, traffic_in=count)
    yesterday = TODAY - timedelta(days=1)
    await books.counted("paris", local(PARIS, yesterday, 10), Period.HOUR, traffic_in=33)
    found = (await details(books.connection, NOW, "paris", PARIS)).hours
    assert found.usual[TODAY.weekday()][10:13] == (20, FEW, 0)
    assert found.day == yesterday
    assert found.last[10:12] == (33, None)
    assert found.open() == range(10, 12)


async def test_alerts_of_four_weeks_are_shown_roughly(books: Books) -> None:
    """Of 20 days with ten confirmed and one refused: 200 of 220, to the nearest 5 % nine in ten."""
    await books.store("paris")
    for at in days_ago(*range(1, 21)):
        await books.visit("paris", at, "m", "refused")
        for _ in range(10):
            await books.visit("paris", at, "m", "confirmed")
    found = await details(books.connection, NOW, "paris", PARIS)
    assert found.confirmed == pytest.approx(0.9)


async def test_few_alerts_have_no_share(books: Books) -> None:
    await books.store("paris")
    assert (await details(books.connection, NOW, "paris", PARIS)).confirmed is None
    for at in days_ago(*range(1, 21)):
        await books.visit("paris", at, "m", "confirmed")
    assert (await details(books.connection, NOW, "paris", PARIS)).confirmed is FEW


async def test_the_days_of_a_store_are_summed_as_far_as_they_are_shown(books: Books) -> None:
    await books.store("paris")
    for back in (1, 2):
        day = local(PARIS, TODAY - timedelta(days=back))
        await books.counted(
            "paris", day, dwell_under_5_min=30, dwell_5_to_15_min=12, occupancy_peak=40 + back
        )
    found = await details(books.connection, NOW, "paris", PARIS)
    assert [day.most_inside for day in found.days] == [41, 42]
    assert found.dwell() == (60, 24, None, None, None)


async def test_the_last_day_is_the_one_that_most_stores_have_told(books: Books) -> None:
    for store, last in (("a", 1), ("b", 2), ("c", 2)):
        await books.store(store)
        for back in range(last, 4):
            day = local(PARIS, TODAY - timedelta(days=back))
            await books.counted(store, day, traffic_in=100)
    assert (await chain.chain(books.connection, NOW)).latest() == 2
    await books.counted("b", local(PARIS, TODAY - timedelta(days=1)), traffic_in=100)
    assert (await chain.chain(books.connection, NOW)).latest() == 1


async def bought(books: Books, member: str, store: str, *days: int) -> None:
    for at in days_ago(*days):
        await books.sell(store, at, member)


async def test_repurchase_counts_two_days_at_the_store_that_won_the_member(books: Books) -> None:
    await books.store("lyon")
    await books.store("nice")
    for number in range(20):  # twenty came back, to another store
        await bought(books, f"back-{number}", "lyon", 200)
        await bought(books, f"back-{number}", "nice", 20)
    for number in range(10):  # ten bought twice, on one day
        await bought(books, f"once-{number}", "lyon", 50, 50)
    await books.sell("lyon", NOW - timedelta(days=9), "once-1", amount="-10.00")  # brought back
    await bought(books, "long-ago", "lyon", 380)
    await books.work_out()
    whole, lyon = await repurchase.rates(books.connection)
    assert (lyon.store_id, lyon.buyers, lyon.rate) == ("lyon", 30, 20 / 30)
    assert (whole.store_id, whole.buyers, whole.rate) == ("", 30, 20 / 30)


async def test_repurchase_hides_a_store_that_few_came_back_to(books: Books) -> None:
    for store, back, once in (("lyon", 20, 30), ("nice", 4, 16)):
        await books.store(store)
        for number in range(back):
            await bought(books, f"{store}-b{number}", store, 100, 10)
        for number in range(once):
            await bought(books, f"{store}-o{number}", store, 100)
    await books.work_out()
    rates = {rate.store_id: rate.rate for rate in await repurchase.rates(books.connection)}
    assert rates == {"lyon": 20 / 50, "nice": FEW, "": 20 / 50}


async def test_a_cohort_shows_who_bought_in_each_month_after_the_first(books: Books) -> None:
    """First purchase on 11 January (59 days before); 12 of 24 in February, 10 in March."""
    await books.store("lyon")
    for number in range(24):
        await bought(books, f"m{number}", "lyon", 59)
        if number < 12:
            await bought(books, f"m{number}", "lyon", 20, 25)
        if number < 10:
            await bought(books, f"m{number}", "lyon", 2)
    await books.work_out()
    (cohort,) = await repurchase.cohorts(books.connection, TODAY, "lyon")
    assert (cohort.month, cohort.size) == (date(2026, 1, 1), 24)
    assert cohort.shares == (12 / 24, 10 / 24)
    assert await repurchase.cohorts(books.connection, TODAY, None) == [cohort]


async def test_at_risk_is_who_is_silent_beyond_their_longest_wait_and_twice_the_median(
    books: Books,
) -> None:
    await books.store("lyon")
    await rhythm(books, "just-not", silent=19)
    await rhythm(books, "just", silent=20)
    await rhythm(books, "long", silent=90)
    await rhythm(books, "gone", silent=366)
    await rhythm(books, "no-rhythm", silent=60, waits=4)
    await rhythm(books, "quiet", silent=60, profile='{"do_not_disturb": true}')
    await rhythm(books, "not-them", silent=60)
    for at in days_ago(30):  # a visit that was refused was somebody else's
        await books.visit("lyon", at, "not-them", "refused")
    await books.work_out()
    found = await regulars.at_risk(books.connection, TODAY, None, 0)
    assert {one.member_id: one.silent_days for one in found.regulars} == {
        "just": 20,
        "long": 90,
        "not-them": 60,
    }
    assert found.count == 3
    assert found.by_store == (("lyon", 3, 5),)  # who is gone is a regular no longer
    one = await regulars.regular(books.connection, TODAY, "just")
    assert one is not None
    assert (one.usual_days, one.longest_days, one.waits) == (10, 10, 5)
    assert one.seen == (20, 30, 40, 50, 60, 70)


async def test_a_member_who_is_no_longer_held_is_listed_nowhere(books: Books) -> None:
    await books.store("lyon")
    await rhythm(books, "erased", silent=60)
    await books.work_out()
    await books.connection.execute("DELETE FROM members")
    assert (await regulars.at_risk(books.connection, TODAY, None, 0)).regulars == ()
    assert await regulars.line(books.connection, "erased") is None


async def test_consents_by_month_and_the_deletions_that_nobody_proved(books: Books) -> None:
    await books.store("lyon")
    await books.store("nice")
    february = local(PARIS, date(2026, 2, 28), 23)
    for number in range(15):
        await books.consent(f"l{number}", "lyon", february)
    for number in range(11):
        ended = NOW - timedelta(days=2)
        await books.consent(f"n{number}", "nice", february, ended)
        if number:
            await books.prove(f"n{number}", "nice")
    found = await consents.consents(books.connection, TODAY, None)
    assert found.months.given[-2:] == (26, 0)
    assert found.months.withdrawn[-2:] == (0, 11)
    assert found.in_force == Total(count=15)
    lyon, nice = found.stores
    assert (lyon.in_force, lyon.withdrawn, lyon.unproven) == (15, 0, 0)
    assert (nice.in_force, nice.withdrawn, nice.unproven) == (0, 11, 1)
    waiting = await attention.attention(books.connection, NOW)
    assert waiting.unproven == (("nice", 1),)


async def test_few_consents_in_one_of_two_stores_are_not_in_the_total(books: Books) -> None:
    await books.store("lyon")
    await books.store("nice")
    for number in range(18):
        store = "lyon" if number < 14 else "nice"
        await books.consent(f"c{number}", store, NOW - timedelta(days=1))
    found = await consents.consents(books.connection, TODAY, None)
    assert found.months.given[-1] == 14
    assert found.given == Total(count=14, left_out=1)
    assert found.stores[1].given is FEW
    only = await consents.consents(books.connection, TODAY, "nice")
    assert only.months.given[-1] is FEW


async def test_what_needs_a_person(books: Books) -> None:
    await books.store("well")
    await books.store("silent", last_contact_at=NOW - timedelta(hours=2))
    await books.store("new", last_contact_at=None)
    assert (await attention.attention(books.connection, NOW)).never_heard == ("new",)
    await books.quarantine("well", 7, "malformed", b"{")
    await books.connection.execute(
        "INSERT INTO certificates (fingerprint, store_id, issued_at) VALUES "
        "('old', 'well', $1::timestamptz - interval '3640 days'), "
        "('old-renewed', 'silent', $1::timestamptz - interval '3640 days'), "
        "('new', 'silent', $1)",
        NOW,
    )
    found = await attention.attention(books.connection, NOW)
    assert (found.quarantined, found.quarantined_stores) == (1, 1)
    assert found.silent == ("silent",)
    assert [store for store, _ in found.certificates] == ["well"]
    assert not found.healthy()


async def test_a_new_chain_has_figures_of_nothing(books: Books) -> None:
    assert await worked_out_at(books.connection) is None
    await books.work_out()
    assert await worked_out_at(books.connection) == NOW
    found = await chain.chain(books.connection, NOW)
    assert found.stores == ()
    assert found.takings(0, 1) == []
    assert (await attention.attention(books.connection, NOW)).healthy()
    (whole,) = await repurchase.rates(books.connection)
    assert whole.rate is None
