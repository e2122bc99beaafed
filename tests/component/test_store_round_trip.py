"""Every value that goes into the store comes out as it was."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from component.store_values import TEXTS, Clock, a_consent, a_member, a_template, any_value, put
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge import contract
from edge.domain import Consent, Member, Note, PairingCode, Purchase, Session, Template, Visit
from edge.store import Store, Transaction

# Each example is undone, so that one store serves them all.
one_store = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
OWNER = a_member(id="owner")
OTHER = a_member(id="other")
CONSENT = a_consent(OWNER, id="consent")


class _Undo(Exception):
    """Ends a story without a trace."""


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with Store.open(tmp_path / "state", Clock()) as store:
        await store.write(put(OWNER, OTHER, CONSENT))
        yield store


async def echo(store: Store, value: object, question: Callable[[Transaction], Any]) -> Any:
    """The answer after a value was put in; then everything is undone."""
    answers: list[Any] = []

    def story(tx: Transaction) -> None:
        put(value)(tx)
        answers.append(question(tx))
        raise _Undo

    with pytest.raises(_Undo):
        await store.write(story)
    return answers[0]


@one_store
@given(member=any_value(Member))
async def test_a_member_comes_back(store: Store, member: Member) -> None:
    assert await echo(store, member, lambda tx: tx.members.get(member.id)) == member


@one_store
@given(note=any_value(Note, member_id="owner"))
async def test_a_note_comes_back(store: Store, note: Note) -> None:
    assert await echo(store, note, lambda tx: tx.notes.of("owner")) == [note]


@one_store
@given(purchase=any_value(Purchase, member_id="owner"))
async def test_a_purchase_comes_back(store: Store, purchase: Purchase) -> None:
    found = await echo(store, purchase, lambda tx: tx.purchases.of("owner"))
    assert found == [purchase]
    assert str(found[0].amount) == str(purchase.amount)


@one_store
@given(visit=any_value(Visit, member_id="owner"))
async def test_a_visit_comes_back(store: Store, visit: Visit) -> None:
    assert await echo(store, visit, lambda tx: tx.visits.get(visit.id)) == visit


@one_store
@given(consent=any_value(Consent, member_id="other"))
async def test_a_consent_comes_back(store: Store, consent: Consent) -> None:
    assert await echo(store, consent, lambda tx: tx.consents.get(consent.id)) == consent


@one_store
@given(template=any_value(Template, member_id="owner", consent_id="consent"))
async def test_a_template_comes_back(store: Store, template: Template) -> None:
    assert await echo(store, template, lambda tx: tx.templates.of("owner")) == [template]


@one_store
@given(session=any_value(Session))
async def test_a_session_comes_back(store: Store, session: Session) -> None:
    by_token = await echo(store, session, lambda tx: tx.sessions.by_token_hash(session.token_hash))
    assert by_token == session


@one_store
@given(code=any_value(PairingCode))
async def test_a_pairing_code_comes_back_once(store: Store, code: PairingCode) -> None:
    def take_twice(tx: Transaction) -> tuple[PairingCode | None, PairingCode | None]:
        return tx.pairing.take(code.code_hash), tx.pairing.take(code.code_hash)

    assert await echo(store, code, take_twice) == (code, None)


@one_store
@given(said=st.tuples(*[TEXTS] * 4))
async def test_an_audit_entry_comes_back(store: Store, said: tuple[str, str, str, str]) -> None:
    actor, action, subject, reason = said

    def append_and_read(tx: Transaction) -> bool:
        entry = tx.audit.append(actor=actor, action=action, subject=subject, reason=reason)
        return tx.audit.tail(1) == [entry] and tx.audit.of(subject, 1) == [entry]

    assert await echo(store, OWNER, append_and_read)


async def test_messages_come_back_in_order_until_forgotten(store: Store) -> None:
    messages = [
        contract.MemberChanged(
            message_id=f"m{n}", store_id="s", at=datetime(2026, 1, 1, tzinfo=UTC), member_id="owner"
        )
        for n in range(5)
    ]

    def story(tx: Transaction) -> None:
        for message in messages:
            tx.outbox.put(message)

    await store.write(story)
    first = await store.read(lambda reader: reader.outbox.pending(3))
    assert [outgoing.message for outgoing in first] == messages[:3]
    await store.write(lambda tx: tx.outbox.forget(outgoing.id for outgoing in first))
    rest = await store.read(lambda reader: reader.outbox.pending(3))
    assert [outgoing.message for outgoing in rest] == messages[3:]


async def test_a_time_without_a_zone_is_refused(store: Store) -> None:
    naive = a_template(CONSENT, made_at=datetime(2026, 1, 1))  # noqa: DTZ001 - the point
    with pytest.raises(ValueError, match="time zone"):
        await store.write(put(naive))
