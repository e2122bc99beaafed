"""Every value that goes into the store comes out as it was."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from component.store_values import Clock, a_consent, a_member, a_template, any_value
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
CONSENT = a_consent(OWNER, id="consent")


class _Undo(Exception):
    """Ends a story without a trace."""


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with Store.open(tmp_path / "state", Clock()) as store:

        def story(tx: Transaction) -> None:
            tx.members.put(OWNER)
            tx.consents.put(CONSENT)

        await store.write(story)
        yield store


async def echo(store: Store, there_and_back: Callable[[Transaction], Any]) -> Any:
    """What a story returns, with everything undone that it wrote."""
    came_back: list[Any] = []

    def story(tx: Transaction) -> None:
        came_back.append(there_and_back(tx))
        raise _Undo

    with pytest.raises(_Undo):
        await store.write(story)
    return came_back[0]


@one_store
@given(member=any_value(Member))
async def test_a_member_comes_back(store: Store, member: Member) -> None:
    assert await echo(store, lambda tx: (tx.members.put(member), tx.members.get(member.id))[1]) == (
        member
    )


@one_store
@given(note=any_value(Note, member_id="owner"))
async def test_a_note_comes_back(store: Store, note: Note) -> None:
    assert await echo(store, lambda tx: (tx.notes.add(note), tx.notes.of("owner"))[1]) == [note]


@one_store
@given(purchase=any_value(Purchase, member_id="owner"))
async def test_a_purchase_comes_back(store: Store, purchase: Purchase) -> None:
    found = await echo(store, lambda tx: (tx.purchases.add(purchase), tx.purchases.of("owner"))[1])
    assert found == [purchase]
    assert str(found[0].amount) == str(purchase.amount)


@one_store
@given(visit=any_value(Visit, member_id="owner"))
async def test_a_visit_comes_back(store: Store, visit: Visit) -> None:
    assert await echo(store, lambda tx: (tx.visits.put(visit), tx.visits.get(visit.id))[1]) == visit


@one_store
@given(consent=any_value(Consent, member_id="other"))
async def test_a_consent_comes_back(store: Store, consent: Consent) -> None:
    def there_and_back(tx: Transaction) -> Consent | None:
        tx.members.put(a_member(id="other"))
        tx.consents.put(consent)
        return tx.consents.get(consent.id)

    assert await echo(store, there_and_back) == consent


@one_store
@given(template=any_value(Template, member_id="owner", consent_id="consent"))
async def test_a_template_comes_back(store: Store, template: Template) -> None:
    def there_and_back(tx: Transaction) -> list[Template]:
        tx.templates.add(template)
        return tx.templates.of("owner")

    assert await echo(store, there_and_back) == [template]


@one_store
@given(session=any_value(Session))
async def test_a_session_comes_back(store: Store, session: Session) -> None:
    def there_and_back(tx: Transaction) -> Session | None:
        tx.sessions.put(session)
        return tx.sessions.by_token_hash(session.token_hash)

    assert await echo(store, there_and_back) == session


@one_store
@given(code=any_value(PairingCode))
async def test_a_pairing_code_comes_back_once(store: Store, code: PairingCode) -> None:
    def there_and_back(tx: Transaction) -> tuple[PairingCode | None, PairingCode | None]:
        tx.pairing.put(code)
        return tx.pairing.take(code.code_hash), tx.pairing.take(code.code_hash)

    assert await echo(store, there_and_back) == (code, None)


@one_store
@given(said=st.tuples(*[st.text(st.characters(codec="utf-8"), max_size=20)] * 4))
async def test_an_audit_entry_comes_back(store: Store, said: tuple[str, str, str, str]) -> None:
    actor, action, subject, reason = said

    def there_and_back(tx: Transaction) -> bool:
        entry = tx.audit.append(actor=actor, action=action, subject=subject, reason=reason)
        return tx.audit.tail(1) == [entry] and tx.audit.of(subject, 1) == [entry]

    assert await echo(store, there_and_back)


async def test_messages_come_back_in_order_until_forgotten(store: Store) -> None:
    messages = [
        contract.MemberChanged(
            message_id=f"m{n}", store_id="s", at=datetime(2026, 1, 1, tzinfo=UTC), member_id="owner"
        )
        for n in range(5)
    ]
    await store.write(lambda tx: [tx.outbox.put(message) for message in messages])
    first = await store.read(lambda reader: reader.outbox.pending(3))
    assert [outgoing.message for outgoing in first] == messages[:3]
    await store.write(lambda tx: tx.outbox.forget(outgoing.id for outgoing in first))
    rest = await store.read(lambda reader: reader.outbox.pending(3))
    assert [outgoing.message for outgoing in rest] == messages[3:]


async def test_a_time_without_a_zone_is_refused(store: Store) -> None:
    naive = a_template(CONSENT, made_at=datetime(2026, 1, 1))  # noqa: DTZ001 - the point
    with pytest.raises(ValueError, match="time zone"):
        await store.write(lambda tx: tx.templates.add(naive))
