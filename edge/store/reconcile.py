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
    """Bring data and keys to agree, in one audited transaction.

    The transaction holds the write lock before it looks at the keys: another process that is
    in the middle of a story (an import beside a running gateway) is waited for.
    """
    story = Transaction(connection, keyring, clock)
    with connection.transaction("IMMEDIATE"):
        story.audit.begin()
        settle(story.templates, keyring)
        _end_consents_without_key(story, keyring, clock())
        _destroy_keys_without_consent(story, keyring)
        _drop_unusable_templates(story)
    story.audit.anchor()


def _end_consents_without_key(story: Transaction, keyring: Keyring, now: datetime) -> None:
    keys = keyring.consent_ids()
    for consent in story.consents.all_active():
        if consent.id not in keys:
            story.consents.put(replace(consent, withdrawn_at=now))
            story.guards.remove_of(consent.member_id)
            story.audit.append(
                actor=GATEWAY,
                action="consent_withdrawn",
                subject=consent.member_id,
                reason=f"consent {consent.id} has no key: it was withdrawn before this database "
                "was put back, or the keys were made anew",
            )


def _destroy_keys_without_consent(story: Transaction, keyring: Keyring) -> None:
    active = {consent.id for consent in story.consents.all_active()}
    for consent_id in keyring.consent_ids() - active:
        keyring.destroy(consent_id)


def _drop_unusable_templates(story: Transaction) -> None:
    for member_id, count in story.templates.drop_unusable().items():
        story.audit.append(
            actor=GATEWAY,
            action="templates_erased",
            subject=member_id,
            reason=f"{count} without a consent in force, or of an earlier rotation",
        )
