"""What must hold of a chain whatever happened to it, in the spirit of Jepsen and Elle.

The history is what each store put into its outbox, written down by a trigger of its own
database; what is observed is headquarters' database and every store's at the end. The rules are
written here a second time, in a few plain lines, and not asked of the code under test.
"""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import asyncpg
import msgspec
from faults.chain import Chain
from faults.outlets import Outlet, Told

from edge import contract
from edge.domain import RedemptionState
from edge.flows.member_messages import profile_of
from edge.rules.profile import Profile
from edge.store import Reader

FACTS: dict[str, tuple[Any, ...]] = {
    "visits": ("visit_id", contract.VisitOpened, contract.VisitAnswered, contract.VisitClosed),
    "consents": ("consent_id", contract.ConsentGiven, contract.ConsentWithdrawn),
    "redemptions": ("redemption_id", contract.RedemptionChanged),
}
"""The tables of headquarters that hold a row for each thing told of, and by which id."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """A message as headquarters holds it, at its place in the order of arrival."""

    place: int
    received_at: datetime
    message: contract.Message


@dataclass(slots=True)
class Seen:
    """What one store looks like at the end."""

    waiting: int
    poison: dict[int, str]
    refused: list[tuple[str, int, str]]
    members: dict[str, Profile]
    consents: dict[str, str]
    """The consents in force, each with its member."""
    templates: set[str]
    """Members with a template."""


@dataclass(slots=True)
class History:
    """All that is known of a chain at the end."""

    told: dict[str, list[Told]]
    arrived: dict[str, list[Arrived]]
    seen: dict[str, Seen]
    tables: dict[str, list[asyncpg.Record]]
    uses: dict[str, int] = field(default_factory=dict)
    """How many uses each lease allows."""


async def check(chain: Chain, *, poison: Collection[str] = (), ago: Iterable[Told] = ()) -> History:
    """Assert every invariant. ``poison`` names the ids of messages that are to wait in
    quarantine; ``ago`` is what stores told in lives that a backup has undone.
    """
    history = await observe(chain)
    may_arrive = {each.message.message_id for each in ago}
    nothing_is_lost_or_invented(history, poison, may_arrive)
    nothing_counts_twice(history)
    order_is_kept(history)
    all_agree(history)
    nobody_withdrawn_is_recognised(history)
    leases_hold(history)
    quarantine_is_for_poison(history, poison)
    return history


# --- observing -----------------------------------------------------------------------------


async def observe(chain: Chain) -> History:
    outlets = chain.outlets.values()
    events = await chain.headquarters.do("SELECT * FROM events ORDER BY arrived")
    arrived: dict[str, list[Arrived]] = {outlet.id: [] for outlet in outlets}
    for row in events:
        message = contract.decode(row["body"])
        arrived[row["store_id"]].append(Arrived(row["arrived"], row["received_at"], message))
    tables = ("members", "member_history", "quarantine", "visits", "consents", "redemptions")
    leases = await chain.headquarters.do("SELECT id, uses FROM leases")
    return History(
        told={outlet.id: outlet.told() for outlet in outlets},
        arrived=arrived,
        seen={outlet.id: await _look(outlet) for outlet in outlets},
        tables={name: await chain.headquarters.do(f"SELECT * FROM {name}") for name in tables},
        uses={row["id"]: row["uses"] for row in leases},
    )


async def _look(outlet: Outlet) -> Seen:
    def question(reader: Reader) -> Seen:
        members = {member.id: Profile.of(member) for member in reader.members._rows.all("")}
        consents = {consent.id: consent.member_id for consent in reader.consents.all_active()}
        templates = {id for id in members if reader.templates.count_of(id)}
        return Seen(
            waiting=reader.outbox.count(),
            poison=reader.outbox.refused(),
            refused=reader.exchange.refused(),
            members=members,
            consents=consents,
            templates=templates,
        )

    async with outlet.open() as shop:
        return await shop.store.read(question)


# --- the invariants ------------------------------------------------------------------------


def nothing_is_lost_or_invented(
    history: History, poison: Collection[str], may_arrive: set[str]
) -> None:
    for store_id, told in history.told.items():
        ids = {each.message.message_id for each in told} - set(poison)
        held = {arrived.message.message_id for arrived in history.arrived[store_id]}
        assert not ids - held, f"{store_id}: lost {_named(told, ids - held)}"
        invented = held - ids - may_arrive
        assert not invented, f"{store_id}: headquarters has what was never told: {invented}"


def nothing_counts_twice(history: History) -> None:
    for store_id, arrived in history.arrived.items():
        ids = Counter(each.message.message_id for each in arrived)
        assert max(ids.values(), default=1) == 1, f"{store_id}: {ids.most_common(1)} twice"
    lost = Counter(
        (row["member_id"], row["field"], row["value"], row["set_at"], row["set_by"])
        for row in history.tables["member_history"]
    )
    assert max(lost.values(), default=1) == 1, f"kept twice: {lost.most_common(1)}"
    everything = [each.message for arrived in history.arrived.values() for each in arrived]
    for table, (name, *kinds) in FACTS.items():
        expected = {
            getattr(message, name) for message in everything if isinstance(message, tuple(kinds))
        }
        rows = [row["id"] for row in history.tables[table]]
        assert sorted(rows) == sorted(expected), f"{table} is not what was told"
    states: dict[str, RedemptionState] = {}
    for message in everything:
        if isinstance(message, contract.RedemptionChanged):
            states[message.redemption_id] = message.state
    assert {row["id"]: row["state"] for row in history.tables["redemptions"]} == states


def order_is_kept(history: History) -> None:
    """Of each member and voucher, except that withdrawals may overtake."""
    for store_id, told in history.told.items():
        place = {each.message.message_id: each.place for each in history.arrived[store_id]}
        lines: dict[str, list[contract.Message]] = defaultdict(list)
        for message in (each.message for each in told):
            if not contract.is_urgent(message) and message.message_id in place:
                lines[contract.aggregate(message)].append(message)
        for about, line in lines.items():
            places = [place[message.message_id] for message in line]
            assert places == sorted(places), f"{store_id}: {about} arrived out of order"


def all_agree(history: History) -> None:
    """Headquarters by the rule as it is written down, and every store with headquarters."""
    expected = by_the_rule(history)
    held = {row["id"]: msgspec.json.decode(row["profile"]) for row in history.tables["members"]}
    assert held == expected, _differences("headquarters", held, expected)
    profiles = {
        member_id: profile_of(msgspec.convert(fields, contract.Profile))
        for member_id, fields in expected.items()
    }
    for store_id, seen in history.seen.items():
        assert seen.members == profiles, _differences(store_id, seen.members, profiles)


def by_the_rule(history: History) -> dict[str, dict[str, Any]]:
    """Each field's latest edit; of two at the same moment, of the store whose name sorts last,
    and of one store's own, the one that came last. A clock that is ahead counts as of arrival.
    """
    best: dict[tuple[str, str], tuple[datetime, str, int]] = {}
    values: dict[str, dict[str, Any]] = {}
    for store_id, arrived in history.arrived.items():
        for each in arrived:
            if not isinstance(each.message, contract.MemberChanged):
                continue
            member = values.setdefault(each.message.member_id, {})
            rank = (min(each.message.at, each.received_at), store_id, each.place)
            for name, value in _plain(each.message.profile).items():
                key = (each.message.member_id, name)
                if key not in best or best[key] < rank:
                    best[key], member[name] = rank, value
    return values


def nobody_withdrawn_is_recognised(history: History) -> None:
    """No consent stands that was given before its member withdrew, anywhere, by whatever clock;
    and nobody has a template without one."""
    given: dict[str, str] = {}
    withdrawn: dict[str, str] = {}
    for told in itertools.chain.from_iterable(history.told.values()):
        message, at = told.message, told.really_at
        if isinstance(message, contract.ConsentGiven):
            given[message.consent_id] = at
        elif isinstance(message, contract.ConsentWithdrawn) and message.ended_by == "member":
            withdrawn[message.member_id] = max(at, withdrawn.get(message.member_id, at))
    for store_id, seen in history.seen.items():
        for consent_id, member_id in seen.consents.items():
            back = given.get(consent_id, "") < withdrawn.get(member_id, "")
            assert not back, f"{store_id}: {member_id} withdrew and can be recognised"
        without = seen.templates - set(seen.consents.values())
        assert not without, f"{store_id}: templates of {without} without a consent"


def leases_hold(history: History) -> None:
    taken: Counter[str] = Counter()
    for arrived in history.arrived.values():
        for each in arrived:
            message = each.message
            if isinstance(message, contract.RedemptionChanged) and message.lease_id is not None:
                taken[message.lease_id] += 1 if message.state is RedemptionState.COMMITTED else -1
    for lease_id, count in taken.items():
        assert count <= history.uses[lease_id], f"{lease_id}: {count} uses taken"


def quarantine_is_for_poison(history: History, poison: Collection[str]) -> None:
    for store_id, seen in history.seen.items():
        assert seen.waiting == len(seen.poison), f"{store_id}: {seen.waiting} wait for ever"
        assert bool(seen.poison) <= bool(poison), f"{store_id}: in quarantine: {seen.poison}"
        assert not seen.refused, f"{store_id}: could not take {seen.refused}"
    held = [(row["store_id"], row["code"]) for row in history.tables["quarantine"]]
    assert bool(held) <= bool(poison), f"headquarters has in quarantine: {held}"


def _plain(profile: contract.Profile) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(profile))
    return plain


def _named(told: list[Told], ids: set[str]) -> list[str]:
    lost = [each.message for each in told if each.message.message_id in ids]
    return [f"{type(message).__name__} {message.message_id}" for message in lost]


def _differences(where: str, held: dict[str, Any], expected: dict[str, Any]) -> str:
    ids = [id for id in held.keys() | expected.keys() if held.get(id) != expected.get(id)]
    return f"{where}: " + "; ".join(f"{i}: {held.get(i)} not {expected.get(i)}" for i in ids[:3])
