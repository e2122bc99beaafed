"""Values that the store's tests put in, a clock they set, and strategies for any value."""

from __future__ import annotations

import typing
from collections.abc import Callable
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import strategies as st

from edge import contract
from edge.domain import (
    ArrivedBy,
    Claim,
    Consent,
    Language,
    Member,
    Note,
    PairingCode,
    Purchase,
    Session,
    Template,
    Visit,
    new_id,
)
from edge.store import Store, Transaction

START = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = START
        self.passed_s = 0.0

    def ran_s(self) -> float:
        """A monotonic clock beside it: it runs on when this one is moved, and never back."""
        return self.passed_s

    def jump(self, **duration: float) -> None:
        """Somebody sets the clock; no time passes."""
        self.now += timedelta(**duration)

    def __call__(self) -> datetime:
        return self.now

    def move(self, **duration: float) -> datetime:
        self.now += timedelta(**duration)
        self.passed_s += max(0.0, timedelta(**duration).total_seconds())
        return self.now


def a_member(**changes: Any) -> Member:
    plain = {"id": new_id(), "name": "Anna", "joined_at": START, "updated_at": START}
    return Member(**(plain | changes))


def a_visit(member: Member, **changes: Any) -> Visit:
    plain = {
        "id": new_id(),
        "member_id": member.id,
        "arrived_by": ArrivedBy.FACE,
        "claim": Claim.POSSIBLE,
        "place": "door",
        "opened_at": START,
        "last_seen_at": START,
    }
    return Visit(**(plain | changes))


def a_consent(member: Member, **changes: Any) -> Consent:
    plain = {
        "id": new_id(),
        "member_id": member.id,
        "notice_version": "1",
        "language": Language.CHINESE,
        "given_at": START,
    }
    return Consent(**(plain | changes))


def a_vector(seed: int = 1, dim: int = 128) -> bytes:
    vector = np.random.default_rng(seed).standard_normal(dim)
    return bytes((vector / np.linalg.norm(vector)).astype("<f4").tobytes())


def a_template(consent: Consent, **changes: Any) -> Template:
    plain = {
        "id": new_id(),
        "member_id": consent.member_id,
        "consent_id": consent.id,
        "model": "sface",
        "vector": a_vector(),
        "quality": 0.9,
        "made_at": START,
    }
    return Template(**(plain | changes))


def opened_message(visit: Visit) -> contract.VisitOpened:
    return contract.VisitOpened(
        message_id=new_id(),
        store_id="demo",
        at=visit.opened_at,
        visit_id=visit.id,
        member_id=visit.member_id,
        arrived_by=visit.arrived_by,
    )


_PUT: dict[type, Callable[[Transaction], Callable[[Any], None]]] = {
    Member: lambda tx: tx.members.put,
    Note: lambda tx: tx.notes.add,
    Purchase: lambda tx: tx.purchases.add,
    Visit: lambda tx: tx.visits.put,
    Consent: lambda tx: tx.consents.put,
    Template: lambda tx: tx.templates.add,
    Session: lambda tx: tx.sessions.put,
    PairingCode: lambda tx: tx.pairing.put,
}


def put(*values: object) -> Callable[[Transaction], None]:
    """A story that writes these values, each where it belongs."""

    def story(tx: Transaction) -> None:
        for value in values:
            _PUT[type(value)](tx)(value)

    return story


ANNA = a_member(id="anna", name="Anna")
BEN = a_member(id="ben", name="Ben")


async def enrol(state: Path, *consents: Consent) -> None:
    """Open the store in ``state``, and give Anna or Ben a template under each consent."""
    async with Store.open(state, Clock()) as store:
        await store.write(put(ANNA, BEN))
        for consent in consents:
            await store.write(put(consent, a_template(consent)))


async def withdraw(state: Path, consent: Consent) -> int:
    """What a withdrawal writes; returns how many templates were erased."""

    def story(tx: Transaction) -> int:
        tx.consents.put(replace(consent, withdrawn_at=START))
        return tx.templates.erase(consent.member_id)

    async with Store.open(state, Clock()) as store:
        return await store.write(story)


TEXTS = st.text(st.characters(codec="utf-8"), max_size=20)
_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
_PLAIN: dict[object, st.SearchStrategy[Any]] = {
    str: TEXTS,
    bool: st.booleans(),
    int: st.integers(1, 2**62),
    float: st.floats(allow_nan=False, allow_infinity=False),
    bytes: st.binary(min_size=4, max_size=64),
    datetime: st.datetimes(timezones=st.just(UTC)),
    Decimal: st.decimals(allow_nan=False, allow_infinity=False),
    dict: st.dictionaries(TEXTS, _JSON, max_size=4),
}


def any_value(kind: Any, **fixed: Any) -> st.SearchStrategy[Any]:
    """Any value of a domain dataclass, by its annotations; ``fixed`` fields stay as given."""
    hints = typing.get_type_hints(kind)
    wanted = {f.name: _any(hints[f.name]) for f in fields(kind) if f.name not in fixed}
    return st.builds(kind, **wanted, **{name: st.just(value) for name, value in fixed.items()})


def _any(hint: Any) -> st.SearchStrategy[Any]:
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin is tuple:
        return st.lists(_any(inner[0]), max_size=3).map(tuple)
    if type(None) in inner:
        return st.none() | _any(inner[0])
    if isinstance(hint, type) and issubclass(hint, Enum):
        return st.sampled_from(hint)
    plain = origin or hint
    return _PLAIN[plain] if plain in _PLAIN else any_value(hint)
