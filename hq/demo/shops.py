"""The shops of an invented chain, and how busy a day is in each of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

WEEKDAYS = (0.78, 0.74, 0.82, 0.93, 1.18, 1.62, 0.93)
SEASONS = (1.12, 0.86, 0.94, 0.98, 1.0, 1.06, 1.0, 0.78, 1.02, 1.04, 1.16, 1.42)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """A shop of the chain. ``daily`` is its footfall on a plain day, ``loyal`` how often people
    return, as a factor."""

    id: str
    name: str
    time_zone: str = "Europe/Paris"
    currency: str = "EUR"
    daily: int = 320
    members: int = 700
    loyal: float = 1.0
    opens: int = 10
    closes: int = 20
    basket: float = 1.0


SHOPS = (
    Shop(id="paris-marais", name="Paris Marais", daily=560, members=3900, loyal=1.06),
    Shop(id="paris-saint-germain", name="Paris Saint-Germain", daily=470, members=3000),
    Shop(id="lyon-1", name="Lyon Bellecour", daily=390, members=2700, loyal=1.1),
    Shop(id="nice-1", name="Nice Masséna", daily=310, members=1900, loyal=0.9, closes=21),
    Shop(id="bordeaux-1", name="Bordeaux", daily=280, members=1700, loyal=1.02),
    Shop(id="lille-1", name="Lille", daily=240, members=1250, loyal=0.84),
    Shop(id="geneva-1", name="Genève", time_zone="Europe/Zurich", currency="CHF", daily=180,
         members=1000, loyal=1.12, basket=1.5),
    Shop(id="annecy-1", name="Annecy", daily=64, members=60, closes=19),
)  # fmt: skip


def many(count: int, members: int) -> tuple[Shop, ...]:
    """So many shops of one kind, for what has to hold at the size of a large chain."""
    return tuple(
        Shop(id=f"store-{n:04}", name=f"Store {n:04}", members=members) for n in range(count)
    )


def season(day: date) -> float:
    """How busy a day is against a plain one."""
    return SEASONS[day.month - 1] * WEEKDAYS[day.weekday()]
