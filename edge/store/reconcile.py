"""What the store sets right when it opens: keys decide who may be recognised, not the data.

A database put back from a backup can hold people who withdrew since. Their keys are gone, so
their templates cannot be opened; here they go too, and their consents end.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from edge.store.audit import GATEWAY
from edge.store.connection import Connection
from edge.store.keyring import Keyring
from edge.store.rotation import settle
from edge.store.transaction import Transaction


def reconcile(connection: Connection, keyring: Keyring, clock: Callable[[], datetime]) -> None:
    """Bring data and keys to agree, in one audited transaction."""
    settle(connection, keyring)
    story = Transaction(connection, keyring, clock)
    with connection.transaction("IMMEDIATE"):
        story.audit.begin()
        keys = keyring.consents()
        _end_consents_without_key(story, keys, clock())
        active = frozenset(consent.id for consent in story.consents.all_active())
        for consent_id in keys.keys() - active:
            keyring.destroy(consent_id)
        _drop_templates(story, active)
    story.audit.anchor()


def _end_consents_without_key(story: Transaction, keys: dict[str, str], now: datetime) -> None:
    for consent in story.consents.all_active():
        if consent.id not in keys:
            story.consents.put(replace(consent, withdrawn_at=now))
            story.audit.append(
                actor=GATEWAY,
                action="consent_withdrawn",
                subject=consent.member_id,
                reason=f"consent {consent.id} has no key: it was withdrawn before this database "
                "was put back, or the keys were made anew",
            )


def _drop_templates(story: Transaction, consent_ids: frozenset[str]) -> None:
    for member_id, count in story.templates.drop_unusable(consent_ids).items():
        story.audit.append(
            actor=GATEWAY,
            action="templates_erased",
            subject=member_id,
            reason=f"{count} without a consent in force, or of an earlier rotation",
        )
