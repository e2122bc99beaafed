"""Invented days: the messages that a store's flows write, in the order in which they are written.

Each message id carries the message's number, so that the books can be held against the order in
which it was put in.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from edge import contract
from edge.contract import Message, Profile
from edge.domain import ArrivedBy, Claim, Language, RedemptionState

BEGAN_AT = datetime.now(UTC).replace(microsecond=0) - timedelta(days=1)
_EVERY = timedelta(milliseconds=200)


@dataclass(frozen=True, slots=True)
class Day:
    """So many messages of one store about so many of its members."""

    store_id: str
    messages: int
    members: int = 2000

    def told(self) -> Iterator[Message]:
        """The same ones every time."""
        rng = random.Random(self.store_id)
        number = 0
        while True:
            for make, fields in _visit(rng, self.store_id, self.members):
                if number == self.messages:
                    return
                number += 1
                yield make(
                    message_id=f"{self.store_id}-{number:08d}",
                    store_id=self.store_id,
                    at=BEGAN_AT + number * _EVERY,
                    **fields(number),
                )


def _visit(rng: random.Random, store_id: str, members: int) -> Iterator[tuple[Any, Any]]:
    """One visit: every second one is answered, every third buys, every eighth edits."""
    member_id = f"{store_id}-m{rng.randrange(members)}"
    visit_id = f"{store_id}-v{rng.getrandbits(48):012x}"
    about = {"member_id": member_id, "visit_id": visit_id}
    yield contract.VisitOpened, lambda _: {**about, "arrived_by": ArrivedBy.FACE}
    if rng.random() < 1 / 2:
        yield contract.VisitAnswered, lambda _: {**about, "claim": Claim.CONFIRMED}
    if rng.random() < 1 / 6:
        yield (
            contract.RedemptionChanged,
            lambda number: {
                "redemption_id": f"{store_id}-r{number}",
                "voucher_id": f"{store_id}-w{number}",
                "campaign_id": "bench",
                "state": RedemptionState.COMMITTED,
                "member_id": member_id,
                "discount": "5.00",
                "currency": "EUR",
            },
        )
    if rng.random() < 1 / 8:
        yield (
            contract.MemberChanged,
            lambda number: {
                "member_id": member_id,
                "profile": Profile(name=f"Ana {number}", language=Language.ENGLISH),
            },
        )
    if rng.random() < 1 / 20:
        yield (
            contract.ConsentGiven,
            lambda number: {
                "consent_id": f"{store_id}-c{number}",
                "member_id": member_id,
                "notice_version": "2026-01",
                "language": Language.ENGLISH,
                "receipt": '{"purpose": "recognition at the door"}',
                "signature": "bm90IGEgcmVhbCBvbmU",
            },
        )
    yield contract.VisitClosed, lambda _: about
