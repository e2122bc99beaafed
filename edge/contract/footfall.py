"""Aggregated visit data: what headquarters pulls from a store. Sums of intervals, and nobody.

A row is one interval of one zone. A number that is None was hidden, if ``suppressed`` names it,
and was not measured otherwise. ``docs/footfall.md`` explains each field to its readers.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from edge.contract.fields import Count, Identifier, Moment, Text

WHOLE_STORE = ""
"""The zone that stands for all of them."""
PAGE_ROWS = 1000

Measured = Annotated[int, Meta(ge=-(2**53), le=2**53)]
"""A count. With ``differential`` noise one of nearly nothing can fall below zero."""
Place = Annotated[str, Meta(max_length=64)]


class Period(StrEnum):
    """How long an interval is; each is a whole number of the one before."""

    QUARTER = "15min"
    HOUR = "hour"
    DAY = "day"


class Privacy(StrEnum):
    """What keeps single people out of the sums."""

    SUPPRESSION = "suppression"
    DIFFERENTIAL = "differential"


class Measure(StrEnum):
    """The numbers of a row, by the names of its fields."""

    TRAFFIC_IN = "traffic_in"
    TRAFFIC_OUT = "traffic_out"
    OCCUPANCY_END = "occupancy_end"
    OCCUPANCY_PEAK = "occupancy_peak"
    MEMBER_VISITS = "member_visits"
    ARRIVALS_RECOGNISED = "arrivals_recognised"
    ARRIVALS_CODE = "arrivals_code"
    ARRIVALS_PHONE = "arrivals_phone"
    ARRIVALS_GUIDE = "arrivals_guide"
    ALERTS_CONFIRMED = "alerts_confirmed"
    ALERTS_REFUSED = "alerts_refused"
    GREETING_MEDIAN_S = "greeting_median_s"
    DWELL_UNDER_5_MIN = "dwell_under_5_min"
    DWELL_5_TO_15_MIN = "dwell_5_to_15_min"
    DWELL_15_TO_30_MIN = "dwell_15_to_30_min"
    DWELL_30_TO_60_MIN = "dwell_30_to_60_min"
    DWELL_OVER_60_MIN = "dwell_over_60_min"
    TRANSACTIONS = "transactions"
    CONVERSION_PERMILLE = "conversion_permille"


class FootfallRow(msgspec.Struct, frozen=True, kw_only=True):
    """One interval of one zone, as last revised: half-open, from ``starts_at`` to ``ends_at``.

    ``zone`` is the place of a camera or a scanner, or ``WHOLE_STORE``. A later ``revision``
    replaces every earlier one of the same zone, period and start.
    """

    version: Literal[1] = 1
    store_id: Identifier
    zone: Place
    period: Period
    starts_at: Moment
    ends_at: Moment
    revision: Count
    traffic_in: Measured | None = None
    traffic_out: Measured | None = None
    occupancy_end: Measured | None = None
    occupancy_peak: Measured | None = None
    member_visits: Measured | None = None
    arrivals_recognised: Measured | None = None
    arrivals_code: Measured | None = None
    arrivals_phone: Measured | None = None
    arrivals_guide: Measured | None = None
    alerts_confirmed: Measured | None = None
    alerts_refused: Measured | None = None
    greeting_median_s: Count | None = None
    dwell_under_5_min: Measured | None = None
    dwell_5_to_15_min: Measured | None = None
    dwell_15_to_30_min: Measured | None = None
    dwell_30_to_60_min: Measured | None = None
    dwell_over_60_min: Measured | None = None
    transactions: Measured | None = None
    conversion_permille: Measured | None = None
    suppressed: Annotated[tuple[Measure, ...], Meta(max_length=len(Measure))] = ()


class FootfallPage(msgspec.Struct, frozen=True, kw_only=True):
    """What follows a cursor, in the order in which it came to be told.

    ``cursor`` asks for what follows the page, ``remaining`` counts that. ``time_zone`` is the
    IANA name of the store's, in which its days and hours begin.
    """

    store_id: Identifier
    time_zone: Text
    privacy: Privacy
    rows: Annotated[list[FootfallRow], Meta(max_length=PAGE_ROWS)]
    cursor: Count
    remaining: Count
