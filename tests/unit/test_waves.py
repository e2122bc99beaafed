"""Who gets a release when: pure rules, and a chain that lives through rollouts by them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hq.problems import Mistake
from hq.releases import waves
from hq.releases.waves import Fares, Place, Wave, check_taken, next_step, plan

NOW = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
STORES = tuple(f"store-{number:02}" for number in range(12))


@st.composite
def _waves(draw: st.DrawFn) -> list[Wave]:
    """Waves that can be gone by: some stores by name in some of them, shares that grow."""
    named = draw(st.lists(st.sampled_from(STORES), unique=True, max_size=4))
    shares = sorted(draw(st.sets(st.integers(1, 99), max_size=3)))
    found: list[Wave] = list(shares)
    if named:
        found.insert(draw(st.integers(0, len(shares))), named)
    return [*found, 100]


WAVES = _waves()


@given(version=st.from_regex(r"\A[0-9]{1,3}\.[0-9]{1,3}\Z"), asked=WAVES)
def test_every_store_has_one_wave_and_shares_are_what_was_said(
    version: str, asked: list[Wave]
) -> None:
    placed = plan(version, STORES, asked)
    assert placed.keys() == set(STORES)
    for number, wave in enumerate(asked):
        there = {store_id for store_id, of in placed.items() if of <= number}
        if isinstance(wave, list):
            assert set(wave) <= there
        else:
            assert len(there) >= len(STORES) * wave / 100
        before = [w for w in asked[: number + 1] if isinstance(w, list)]
        least = max([w for w in asked[: number + 1] if isinstance(w, int)], default=0)
        assert len(there) <= -(len(STORES) * least // -100) + sum(map(len, before))


def test_the_first_stores_are_others_each_time() -> None:
    names = [f"store-{number}" for number in range(2000)]
    first = {
        version: {n for n, wave in plan(version, names, [5, 100]).items() if wave == 0}
        for version in ("1.4.0", "1.5.0")
    }
    assert all(len(found) == 100 for found in first.values())
    assert len(first["1.4.0"] & first["1.5.0"]) < 25


@dataclass
class Chain:
    """Stores that are told and take, or give up, in any order; and a rollout that is stopped.

    What it asserts in ``tick`` is what everybody relies on.
    """

    placed: dict[str, int]
    rest: timedelta
    wave: int = 0
    well_at: datetime | None = None
    now: datetime = NOW
    told: dict[str, datetime] = field(default_factory=dict)
    well_since: dict[str, datetime] = field(default_factory=dict)
    failed: set[str] = field(default_factory=set)
    stopped: bool = False
    over: bool = False

    def fares(self, store_id: str) -> Fares:
        if store_id in self.failed:
            return Fares.FAILED
        return Fares.WELL if store_id in self.well_since else Fares.WAITS

    def tick(self, rest: timedelta | None = None) -> None:
        if self.stopped or self.over:
            return
        step = next_step(
            [
                Place(store_id=s, wave=w, told=s in self.told, fares=self.fares(s))
                for s, w in self.placed.items()
            ],
            wave=self.wave,
            well_at=self.well_at,
            rest=self.rest if rest is None else rest,
            now=self.now,
        )
        assert self.wave <= step.wave < max(self.placed.values()) + 1
        if step.failed is not None:
            assert step.failed in self.failed
            assert step.due == ()
            self.stopped = True
            return
        assert not self.failed, "a store failed, and it went on"
        for store_id in step.due:
            assert store_id not in self.told, "told twice"
            before = [s for s, w in self.placed.items() if w < self.placed[store_id]]
            assert all(s in self.well_since for s in before), "told before its wave"
            if rest is None and step.wave > self.wave:
                last = max((self.well_since[s] for s in before), default=self.now)
                assert self.now - last >= self.rest, "told before the rest was over"
            self.told[store_id] = self.now
        self.wave, self.well_at, self.over = step.wave, step.well_at, step.is_over
        assert not self.over or set(self.placed) <= set(self.well_since), "somebody is left out"


ACTS = st.lists(
    st.tuples(
        st.sampled_from(["well", "well", "well", "fail", "stop", "wait"]), st.integers(0, 99)
    ),
    max_size=80,
)


@given(asked=WAVES, hours=st.integers(0, 48), acts=ACTS)
def test_a_store_gets_it_once_in_its_wave_and_a_stop_holds(
    asked: list[Wave], hours: int, acts: list[tuple[str, int]]
) -> None:
    chain = Chain(placed=plan("1.4.0", STORES, asked), rest=timedelta(hours=hours))
    chain.tick(timedelta(0))
    assert chain.told
    for act, number in acts:
        waiting = sorted(s for s in chain.told if chain.fares(s) is Fares.WAITS)
        who = waiting[number % len(waiting)] if waiting else None
        match act:
            case "well" if who is not None:
                chain.well_since[who] = chain.now
            case "fail" if who is not None and number < 10:
                chain.failed.add(who)
            case "stop" if number < 5:
                chain.stopped = True
            case _:
                chain.now += timedelta(hours=number % 60)
        told = dict(chain.told)
        held = chain.stopped or bool(chain.failed)
        chain.tick()
        assert not held or chain.told == told, "a stop did not hold"


@given(asked=WAVES, hours=st.integers(0, 48))
def test_where_all_fare_well_nobody_is_left_out(asked: list[Wave], hours: int) -> None:
    chain = Chain(placed=plan("1.4.0", STORES, asked), rest=timedelta(hours=hours))
    chain.tick(timedelta(0))
    for _ in range(2 * len(asked) + 1):
        for store_id in chain.told:
            chain.well_since.setdefault(store_id, chain.now)
        chain.tick()
        chain.now += timedelta(hours=48)
    assert chain.over
    assert chain.told.keys() == set(STORES)


@given(asked=WAVES, joins=st.integers(0, 5))
def test_whoever_comes_later_is_in_the_last_wave_and_gets_it_too(
    asked: list[Wave], joins: int
) -> None:
    chain = Chain(placed=plan("1.4.0", STORES, asked), rest=timedelta(0))
    chain.tick(timedelta(0))
    for turn in range(2 * len(asked) + 8):
        if turn == joins and not chain.over:
            chain.placed = {**chain.placed, "new": len(asked) - 1}
        for store_id in chain.told:
            chain.well_since.setdefault(store_id, chain.now)
        chain.tick()
    assert chain.over
    assert chain.told.keys() == set(chain.placed)


def test_a_wave_that_runs_it_already_is_passed_over() -> None:
    places = [
        Place(store_id="lyon", wave=0, told=False, fares=Fares.WELL),
        Place(store_id="nice", wave=1, told=False, fares=Fares.WAITS),
    ]
    step = next_step(places, wave=0, well_at=None, rest=timedelta(0), now=NOW)
    assert (step.wave, step.due) == (1, ("nice",))
    rested = next_step(places, wave=0, well_at=None, rest=timedelta(hours=1), now=NOW)
    assert (rested.wave, rested.due, rested.well_at) == (0, (), NOW)
    waits = [*places, replace(places[1], store_id="metz", wave=0)]
    assert next_step(waits, wave=0, well_at=NOW, rest=timedelta(0), now=NOW).well_at is None


@pytest.mark.parametrize(
    ("text", "wave"),
    [
        ("10%", 10),
        (" 5 % ", 5),
        ("100%", 100),
        ("lyon", ["lyon"]),
        ("lyon, nice", ["lyon", "nice"]),
    ],
)
def test_a_wave_as_people_write_it(text: str, wave: Wave) -> None:
    assert waves.read(text) == wave


@pytest.mark.parametrize("text", ["", " , ", "10%,lyon", "1000%", "-5%"])
def test_what_is_no_wave(text: str) -> None:
    with pytest.raises(Mistake, match="is no wave"):
        waves.read(text)


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ([50, 10, 100], "grow and end at 100%"),
        ([5, 50], "end at 100%"),
        ([0, 100], "grow and end at 100%"),
        ([], "end at 100%"),
        ([["lyon"]], "end at 100%"),
        ([["nowhere", "store-01", "else"], 100], "no store is called else, nowhere"),
    ],
)
def test_waves_that_cannot_be_gone_by(asked: list[Wave], says: str) -> None:
    with pytest.raises(Mistake, match=says):
        plan("1.4.0", STORES, asked)


@pytest.mark.parametrize(
    ("runs", "asked", "code"),
    [
        ({"lyon": "1.4.0", "nice": "1.10.0"}, [100], "not_newer"),
        ({"lyon": "1.4.0", "nice": None}, [100], "not_newer"),
        ({"lyon": "1.5.0", "nice": "1.3.0"}, [["nice", "lyon"], 100], "newer_there"),
    ],
)
def test_no_store_goes_back_by_a_release(
    runs: dict[str, str | None], asked: list[Wave], code: str
) -> None:
    with pytest.raises(Mistake) as refused:
        check_taken("1.4.0", runs, asked)
    assert refused.value.code == code


def test_a_store_ahead_of_it_holds_up_nobody_else() -> None:
    check_taken("1.4.0", {"lyon": "1.5.0", "nice": "1.3.0"}, [["nice"], 100])
    check_taken("1.4.0", {"lyon": None, "nice": None}, [100])
