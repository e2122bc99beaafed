"""The names on a NATS server. Every subject of a store ends with its id and its certificate's name,
and the server lets a certificate use only those: so the subject says who speaks.

A certificate's name is 128 random bits that stand in it as a URI. Nobody but its holder, the
server and headquarters knows it, so that no other store can even name the subject.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from edge.contract.exchange import PAGE_CHANGES, Feed
from edge.contract.fields import Count

Kind = Literal["withdrawals", "events"]
KINDS: tuple[Kind, ...] = ("withdrawals", "events")
"""Each has a stream of its own, so that no event ever stands before a withdrawal."""

CERTIFICATE_URI = "urn:regulars:certificate:"
HEADQUARTERS_NAME = "headquarters"
"""The name in headquarters' own certificate, with which it speaks to the server."""

WITHDRAWAL_TOLD = "regulars.told.withdrawals"
"""Something was put into the feed of withdrawals: whoever hears it asks at once."""
PROBLEM_HEADER = "Nats-Service-Error-Code"
"""On an answer whose body is a ``Problem``."""
ID_HEADER = "Nats-Msg-Id"


class VisitsAsked(msgspec.Struct, frozen=True, kw_only=True):
    """Headquarters asks a store for its aggregated visits."""

    after: Count = 0
    limit: int = PAGE_CHANGES


def stream(kind: Kind) -> str:
    """The stream that holds batches of one kind until headquarters has them."""
    return f"regulars-{kind}"


def batches(kind: Kind | Literal["*"], store_id: str, certificate: str) -> str:
    """Where a store publishes its batches; ``*`` for the whole stream."""
    return f"regulars.up.{kind}.{store_id}.{certificate}"


def pages(feed: Feed | Literal["*"], store_id: str, certificate: str) -> str:
    """Where a store asks for a page of a feed; the body is the cursor."""
    return f"regulars.down.{feed}.{store_id}.{certificate}"


def visits(store_id: str) -> str:
    """Where a store answers headquarters, which asks ``VisitsAsked``."""
    return f"regulars.visits.{store_id}"


def inbox(certificate: str) -> str:
    """The beginning of every subject on which this one hears answers."""
    return f"_INBOX.{certificate}"


def answer(certificate: str, token: str) -> str:
    """Where one hears the answer to what went out under ``token``."""
    return f"{inbox(certificate)}.{token}"
