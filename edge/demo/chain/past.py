"""The stores of the invented chain and its members, who are regulars in all of them.

Nobody here exists. Their consents are written down without a photo: no face is needed to see how
a withdrawal travels.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from edge import contract
from edge.domain import Consent, Language, Member, new_id
from edge.store import Reader, Store, Transaction

MEMBERS = 150
NOTICE = "2026-01"
_FIRST = ("Anna", "Chloé", "Hugo", "Inès", "Jules", "Léa", "Lin", "Louis", "Marc", "Mei", "Nora")
_LAST = ("Arnaud", "Bernard", "Caron", "Chen", "Dubois", "Fabre", "Girard", "Lambert", "Roy")
_TASTES = ("wool", "linen", "navy", "no wool", "wide fit", "evening", "travel", "silk")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """A store of the chain; ``falls_out`` where its line is cut now and then."""

    id: str
    name: str
    transport: Literal["https", "nats"]
    falls_out: bool = False


SHOPS = (
    Shop(id="paris-marais", name="Paris Marais", transport="https"),
    Shop(id="lyon-1", name="Lyon Bellecour", transport="nats"),
    Shop(id="nice-1", name="Nice Masséna", transport="https", falls_out=True),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Regular:
    """A member as a store's guide meets them; ``consent_id`` None once it was withdrawn."""

    member_id: str
    name: str
    consent_id: str | None


async def remembered(shop: Shop, state_dir: Path) -> list[Regular]:
    """The regulars of a store, put into it at its first start."""

    def story(tx: Transaction) -> list[Regular]:
        if not tx.members.count():
            for number, member in enumerate(_members()):
                _join(tx, shop, member, home=SHOPS[number % len(SHOPS)])
        return _regulars(tx)

    async with Store.open(state_dir, lambda: datetime.now(UTC)) as store:
        return await store.write(story)


def _members() -> Iterator[Member]:
    """The same ones for every store."""
    rng, joined_at = random.Random(12), datetime.now(UTC) - timedelta(days=200)
    for number in range(MEMBERS):
        yield Member(
            id=f"chain-{number:04d}",
            name=f"{rng.choice(_FIRST)} {rng.choice(_LAST)}",
            card_number=f"CHAIN-{number:04d}",
            language=Language.ENGLISH,
            preferences=tuple(rng.sample(_TASTES, 2)),
            joined_at=joined_at,
            updated_at=joined_at,
        )


def _join(tx: Transaction, shop: Shop, member: Member, home: Shop) -> None:
    """Headquarters hears of a member from the home store, of a consent from where it was given."""
    consent = Consent(
        id=new_id(),
        member_id=member.id,
        notice_version=NOTICE,
        language=member.language,
        given_at=datetime.now(UTC),
    )
    tx.members.put(member)
    tx.consents.put(consent)
    if shop is home:
        profile = contract.Profile(
            name=member.name,
            card_number=member.card_number,
            language=member.language,
            preferences=member.preferences,
        )
        tx.outbox.put(
            contract.MemberChanged(
                message_id=new_id(),
                store_id=shop.id,
                at=member.joined_at,
                member_id=member.id,
                joined_at=member.joined_at,
                profile=profile,
            )
        )
    tx.outbox.put(
        contract.ConsentGiven(
            message_id=new_id(),
            store_id=shop.id,
            at=consent.given_at,
            consent_id=consent.id,
            member_id=member.id,
            notice_version=NOTICE,
            language=member.language,
        )
    )


def _regulars(reader: Reader) -> list[Regular]:
    found = []
    for number in range(MEMBERS):
        member = reader.members.get(f"chain-{number:04d}")
        if member is not None:
            consent = reader.consents.active_of(member.id)
            found.append(
                Regular(
                    member_id=member.id,
                    name=member.name,
                    consent_id=consent.id if consent else None,
                )
            )
    return found
