"""Histories of stores at random: what they tell, cut into batches that come again and mixed."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import timedelta

from component.headquarters_town import numbered
from component.store_values import START

from edge import contract
from edge.contract import EndedBy
from edge.domain import ArrivedBy, Claim, RedemptionState
from hq.ingest import ingest
from hq.schema import Connection

STORES = ("lyon-1", "nice-2")
MEMBERS = ("ana", "bea", "cleo")


class History:
    """Messages of one store, each at a time of its own."""

    def __init__(self, chance: random.Random, store_id: str, part: str = "") -> None:
        self.store_id = store_id
        self.part = part
        self.messages: list[contract.Message] = []
        self._chance = chance

    def tell(self, kind: type[contract.Message], **fields: object) -> None:
        number = len(self.messages)
        self.messages.append(
            kind(
                message_id=f"{self.store_id}{self.part}-{number}",
                store_id=self.store_id,
                at=START + timedelta(seconds=self._chance.randrange(10**6)),
                **fields,
            )
        )

    def visit(self) -> None:
        about = {"visit_id": self._new("v"), "member_id": self._chance.choice(MEMBERS)}
        self.tell(contract.VisitOpened, arrived_by=self._chance.choice(list(ArrivedBy)), **about)
        if self._chance.random() < 0.6:
            claim = self._chance.choice([Claim.CONFIRMED, Claim.REFUSED])
            self.tell(contract.VisitAnswered, claim=claim, **about)
        if self._chance.random() < 0.8:
            self.tell(contract.VisitClosed, **about)

    def consent(self) -> None:
        about = {"consent_id": self._new("c"), "member_id": self._chance.choice(MEMBERS)}
        self.tell(contract.ConsentGiven, notice_version="1", language="en", **about)
        if self._chance.random() < 0.5:
            ended_by = self._chance.choice(list(EndedBy))
            self.tell(contract.ConsentWithdrawn, ended_by=ended_by, **about)

    def redemption(self) -> None:
        member_id = self._chance.choice([None, *MEMBERS])
        about = {"redemption_id": self._new("r"), "voucher_id": "w", "campaign_id": "spring"}
        about |= {"member_id": member_id, "discount": "20.50", "currency": "EUR"}
        self.tell(contract.RedemptionChanged, state=RedemptionState.COMMITTED, **about)
        if self._chance.random() < 0.5:
            self.tell(contract.RedemptionChanged, state=RedemptionState.REVERSED, **about)

    def sale(self) -> None:
        member_id = self._chance.choice([None, *MEMBERS])
        line = contract.SaleLine(item="Wax", category="care", quantity="2", amount="11.80")
        self.tell(
            contract.SaleMade,
            sale_id=self._new("s"),
            amount="11.80",
            currency="EUR",
            sold_at=START,
            member_id=member_id,
            lines=(line,) * self._chance.randrange(3) if member_id else (),
        )

    def edit(self) -> None:
        profile = contract.Profile(name=f"name {self._chance.randrange(99)}")
        if self._chance.random() < 0.5:
            profile = contract.Profile(phone=str(self._chance.randrange(10**6, 10**7)))
        self.tell(contract.MemberChanged, member_id=self._chance.choice(MEMBERS), profile=profile)

    def _new(self, kind: str) -> str:
        return f"{self.store_id}{self.part}-{kind}{len(self.messages)}"


def histories(seed: int, length: int = 25, part: str = "") -> list[History]:
    """A history of each store, the same for the same seed; ``part`` names one that follows."""
    chance = random.Random(seed)
    told = []
    for store_id in STORES:
        history = History(chance, store_id, part)
        happenings = (
            *(history.visit, history.consent, history.redemption),
            *(history.sale, history.edit),
        )
        for _ in range(length):
            chance.choice(happenings)()
        told.append(history)
    return told


async def take_in(
    connection: Connection, told: Sequence[History], *, mixed: random.Random | None = None
) -> None:
    """Let headquarters hear histories; ``mixed``, some batches come twice and in any order."""
    batches = [batch for history in told for batch in _batches(history, mixed)]
    if mixed is not None:
        batches += mixed.sample(batches, len(batches) // 2)
        mixed.shuffle(batches)
    for history in told:
        await connection.execute(
            "INSERT INTO stores (id) VALUES ($1) ON CONFLICT DO NOTHING", history.store_id
        )
    for batch in batches:
        answer = await ingest(connection, batch.store_id, batch)
        assert answer.refused == []


def _batches(history: History, mixed: random.Random | None) -> list[contract.Batch]:
    first = 10_000 if history.part else 0
    messages = [numbered(first + n, message) for n, message in enumerate(history.messages)]
    cut, batches = 0, []
    while cut < len(messages):
        size = mixed.randint(1, 12) if mixed else len(messages)
        batches.append(
            contract.Batch(store_id=history.store_id, messages=messages[cut : cut + size])
        )
        cut += size
    return batches
