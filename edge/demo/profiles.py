"""Who the demo's regulars are said to be. Every name, size and purchase is invented."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from edge.domain import (
    AgeBand,
    ArrivedBy,
    Claim,
    Garment,
    Language,
    Note,
    Purchase,
    Size,
    SizeSystem,
    Visit,
    new_id,
)
from edge.rules.profile import Profile

CURRENCY = "EUR"
GUIDE = "Robin"
"""The invented guide who took the consents."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bought:
    """One line of a receipt, so many days before the demo's first start."""

    days_ago: int
    item: str
    category: str
    amount: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Regular:
    """A member of the demo: ``person`` is the key of a face in ``people.photographs``."""

    person: str
    profile: Profile
    bought: tuple[Bought, ...]
    note: str

    def purchases(self, member_id: str, now: datetime) -> Iterator[Purchase]:
        """The lines of their receipts."""
        for line in self.bought:
            yield Purchase(
                id=new_id(),
                member_id=member_id,
                item=line.item,
                category=line.category,
                amount=Decimal(line.amount),
                currency=CURRENCY,
                bought_at=now - timedelta(days=line.days_ago, minutes=20),
            )

    def visits(self, member_id: str, now: datetime) -> Iterator[Visit]:
        """A visit for each day on which something was bought."""
        for days_ago in sorted({line.days_ago for line in self.bought}):
            opened_at = now - timedelta(days=days_ago, minutes=55)
            closed_at = opened_at + timedelta(minutes=40)
            yield Visit(
                id=new_id(),
                member_id=member_id,
                arrived_by=ArrivedBy.CODE,
                claim=Claim.CERTAIN,
                place="Till",
                opened_at=opened_at,
                last_seen_at=closed_at,
                closed_at=closed_at,
            )

    def remark(self, member_id: str, now: datetime) -> Note:
        """What the guide wrote down."""
        written_at = now - timedelta(days=min(line.days_ago for line in self.bought))
        return Note(
            id=new_id(), member_id=member_id, text=self.note, author=GUIDE, written_at=written_at
        )


def _size(garment: Garment, system: SizeSystem, value: str) -> Size:
    return Size(garment=garment, system=system, value=value)


REGULARS = (
    Regular(
        person="astronaut",
        profile=Profile(
            name="Mara Lindqvist",
            card_number="DEMO-0001",
            phone="+49 30 5550 1001",
            age_band=AgeBand.FROM_35,
            sizes=(
                _size(Garment.SHOE, SizeSystem.EU, "38.5"),
                _size(Garment.TOP, SizeSystem.EU, "38"),
                _size(Garment.BOTTOM, SizeSystem.EU, "40"),
            ),
            preferences=("trail running", "wide toe box", "muted colours"),
        ),
        bought=(
            Bought(days_ago=12, item="Fjell GTX trail shoe", category="Running", amount="169.00"),
            Bought(days_ago=12, item="Merino socks, 3 pairs", category="Socks", amount="34.50"),
            Bought(days_ago=48, item="Wind vest, orange", category="Running", amount="89.00"),
            Bought(days_ago=131, item="Running tights", category="Running", amount="74.90"),
            Bought(days_ago=260, item="Day pack 18 l", category="Bags", amount="119.00"),
        ),
        note="Trains for a mountain marathon in June; ask how the Fjell shoes feel.",
    ),
    Regular(
        person="group-3",
        profile=Profile(
            name="Jonas Okafor",
            card_number="DEMO-0002",
            phone="+49 30 5550 1002",
            age_band=AgeBand.FROM_25,
            sizes=(
                _size(Garment.SHOE, SizeSystem.EU, "44"),
                _size(Garment.TOP, SizeSystem.EU, "L"),
                _size(Garment.BOTTOM, SizeSystem.US, "33/34"),
            ),
            preferences=("dark denim", "slim fit"),
        ),
        bought=(
            Bought(days_ago=33, item="Selvedge jeans, indigo", category="Denim", amount="139.00"),
            Bought(days_ago=96, item="Chambray shirt", category="Shirts", amount="69.00"),
            Bought(days_ago=120, item="Selvedge jeans, black", category="Denim", amount="139.00"),
            Bought(days_ago=171, item="Leather belt", category="Accessories", amount="49.00"),
        ),
        note="Waits for the grey selvedge in 33/34.",
    ),
    Regular(
        person="group-6",
        profile=Profile(
            name="林晓雨",
            card_number="DEMO-0003",
            phone="+86 138 0000 1003",
            language=Language.CHINESE,
            age_band=AgeBand.FROM_25,
            sizes=(
                _size(Garment.SHOE, SizeSystem.CN, "37"),
                _size(Garment.TOP, SizeSystem.CN, "165/88A"),
                _size(Garment.BOTTOM, SizeSystem.CN, "165/70A"),
            ),
            preferences=("真丝", "浅色", "通勤"),
        ),
        bought=(
            Bought(days_ago=5, item="真丝衬衫，米白", category="上衣", amount="189.00"),
            Bought(days_ago=27, item="阔腿长裤", category="下装", amount="129.00"),
            Bought(days_ago=64, item="羊绒开衫", category="上衣", amount="229.00"),
            Bought(days_ago=140, item="真丝丝巾", category="配饰", amount="79.00"),
        ),
        note="喜欢先自己看看，再请导购推荐搭配。",
    ),
    Regular(
        person="portrait",
        profile=Profile(
            name="Emil Castellan",
            card_number="DEMO-0004",
            phone="+49 30 5550 1004",
            age_band=AgeBand.FROM_45,
            sizes=(
                _size(Garment.SHOE, SizeSystem.UK, "9.5"),
                _size(Garment.TOP, SizeSystem.UK, "42"),
            ),
            preferences=("classic cut", "wool"),
            do_not_disturb=True,
        ),
        bought=(
            Bought(days_ago=110, item="Wool blazer, navy", category="Tailoring", amount="349.00"),
            Bought(days_ago=165, item="Oxford shirt, white", category="Shirts", amount="79.00"),
            Bought(days_ago=301, item="Derby shoes", category="Shoes", amount="219.00"),
        ),
        note="Prefers to look around alone; comes to the till when he is ready.",
    ),
    Regular(
        person="group-4",
        profile=Profile(
            name="Teo Marchetti",
            card_number="DEMO-0005",
            phone="+49 30 5550 1005",
            age_band=AgeBand.FROM_25,
            sizes=(
                _size(Garment.SHOE, SizeSystem.US, "10.5"),
                _size(Garment.TOP, SizeSystem.US, "M"),
            ),
            preferences=("bright colours", "gifts"),
        ),
        bought=(
            Bought(days_ago=20, item="Canvas sneaker, red", category="Shoes", amount="64.90"),
            Bought(days_ago=103, item="Gift card", category="Gifts", amount="60.00"),
        ),
        note="Buys a present for his sister every December.",
    ),
)
