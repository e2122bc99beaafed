"""The keys that sign vouchers: made here, rotated, revoked.

Retired keys keep their private half, sealed, so that a batch of theirs can be written again;
a revoked one loses it for good.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from edge.domain import VoucherKey
from edge.errors import NotFound
from edge.store import Reader, Store, Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyState:
    """A signing key and how many vouchers it signed.

    ``needed_until`` is when the last of them ends; None where one never does.
    """

    key: VoucherKey
    signs: bool
    revoked_at: datetime | None
    vouchers: int
    needed_until: datetime | None


class VoucherKeys:
    """Looks after the keys; ``actor`` is who answers for it in the audit log."""

    def __init__(self, store: Store, clock: Callable[[], datetime], actor: str) -> None:
        self._store = store
        self._clock = clock
        self._actor = actor

    async def all(self) -> list[KeyState]:
        """The newest first."""
        return await self._store.read(
            lambda reader: [_key_state(reader, key) for key in reader.code_keys.all()]
        )

    async def rotate(self) -> VoucherKey:
        """A new key signs from now on; the old ones go on verifying."""
        now = self._clock()

        def story(tx: Transaction) -> VoucherKey:
            for key in tx.code_keys.all():
                tx.code_keys.put(replace(key, retired_at=key.retired_at or now))
            key = tx.code_keys.create(now)
            self._note(tx, "voucher_key_created", key.id, "rotation")
            return key

        return await self._store.write(story)

    async def revoke(self, key_id: str) -> None:
        """Nothing that a key signed holds any longer. Raises ``NotFound``."""
        now = self._clock()

        def story(tx: Transaction) -> None:
            key = tx.code_keys.get(key_id)
            if key is None:
                raise NotFound(f"there is no key {key_id}; list them: regulars vouchers keys list")
            tx.vouchers.revoke("key", key_id, now)
            tx.code_keys.put(replace(key, retired_at=key.retired_at or now))
            tx.code_keys.destroy(key_id)
            self._note(tx, "voucher_key_revoked", key_id, "its vouchers hold no longer")

        await self._store.write(story)

    def _note(self, tx: Transaction, action: str, subject: str, reason: str) -> None:
        tx.audit.append(actor=self._actor, action=action, subject=subject, reason=reason)


def signing_key(reader: Reader) -> VoucherKey | None:
    """The key that signs: neither retired nor revoked, and made here."""
    usable = (key for key in reader.code_keys.all() if key.retired_at is None)
    return next((key for key in usable if reader.code_keys.private(key.id)), None)


def _key_state(reader: Reader, key: VoucherKey) -> KeyState:
    batches = reader.vouchers.batches_of_key(key.id)
    ends = [_ends(reader, batch.campaign_id) for batch in batches]
    last = [end for end in ends if end is not None]
    signing = signing_key(reader)
    return KeyState(
        key=key,
        signs=signing is not None and signing.id == key.id,
        revoked_at=reader.vouchers.revoked_at("key", key.id),
        vouchers=sum(batch.count for batch in batches),
        needed_until=max(last) if last and len(last) == len(ends) else None,
    )


def _ends(reader: Reader, campaign_id: str) -> datetime | None:
    campaign = reader.vouchers.campaign(campaign_id)
    return campaign.valid_until if campaign else None
