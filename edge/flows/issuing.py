"""Vouchers are made: a campaign, a batch of its codes, a word of marketing.

A batch is one row, written before the first of its codes exists, and all of its codes follow
from it. So whatever breaks off while they are written to a file, the same codes are made
again: none is lost, and no number is given twice.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from edge.domain import Batch, Campaign, Holder, IssuedVoucher, Member, new_id
from edge.errors import BadRequest, Conflict, NotFound
from edge.flows.voucher_keys import signing_key
from edge.rules.credentials import tidy_word
from edge.rules.digits import NUMBERS
from edge.rules.issuing import Press
from edge.rules.profile import normalise_phone
from edge.store import Reader, Store, Transaction

BATCH_MAX = 5_000_000
_BATCH_ID_BYTES = 12


class Issuing:
    """Issues vouchers; ``actor`` is who answers for it in the audit log."""

    def __init__(self, store: Store, clock: Callable[[], datetime], actor: str) -> None:
        self._store = store
        self._clock = clock
        self._actor = actor

    # --- campaigns -------------------------------------------------------------------------

    async def create(self, campaign: Campaign) -> None:
        """Raises ``Conflict`` for an id that is taken: what was promised stays as it was."""

        def story(tx: Transaction) -> None:
            if tx.vouchers.campaign(campaign.id) is not None:
                raise Conflict(
                    f"there is a campaign {campaign.id} already, and codes may be out; "
                    "choose another id"
                )
            tx.vouchers.put_campaign(campaign)
            self._note(tx, "campaign_created", campaign.id, campaign.name)

        await self._store.write(story)

    async def end(self, campaign_id: str) -> None:
        """Its vouchers hold no longer. Raises ``NotFound``."""
        now = self._clock()

        def story(tx: Transaction) -> None:
            campaign = _campaign(tx, campaign_id)
            tx.vouchers.put_campaign(replace(campaign, ended_at=campaign.ended_at or now))
            self._note(tx, "campaign_ended", campaign_id, campaign.name)

        await self._store.write(story)

    # --- vouchers --------------------------------------------------------------------------

    async def begin(
        self, campaign_id: str, count: int, channel: str, members: Sequence[str] = ()
    ) -> Batch:
        """A batch, or the same one again that was begun and never written to its end.

        ``members`` are card numbers, phone numbers or ids; each gets one, whatever ``count``.
        Raises ``NotFound``, ``Conflict``, ``BadRequest``.
        """
        if not 1 <= count <= BATCH_MAX:
            raise BadRequest(f"a batch has 1 to {BATCH_MAX:,} vouchers")
        now = self._clock()

        def story(tx: Transaction) -> Batch:
            campaign = _campaign(tx, campaign_id)
            if campaign.ended_at is not None:
                raise Conflict(f"campaign {campaign_id} has ended; create another")
            holders = _holders(tx, campaign, members)
            asked = len(holders) or count
            begun = _broken_off(tx, campaign_id, asked, channel, holders)
            if begun is not None:
                return begun
            batch = Batch(
                id=secrets.token_hex(_BATCH_ID_BYTES),
                campaign_id=campaign_id,
                first_number=tx.vouchers.next_number(),
                count=asked,
                channel=channel,
                key_id=(signing_key(tx) or tx.code_keys.create(now)).id,
                issued_at=now,
            )
            if batch.first_number + asked > NUMBERS:
                raise Conflict("all digits are given out; ask for a longer format")
            tx.vouchers.put_batch(batch)
            tx.vouchers.issue(_rows(batch, holders))
            self._note(tx, "vouchers_issued", batch.id, f"{asked} of {campaign_id}, {channel}")
            return batch

        return await self._store.write(story)

    async def press(self, batch_id: str) -> Press:
        """What the codes of a batch are made from. Raises ``NotFound``, ``Conflict``."""

        def question(reader: Reader) -> Press:
            batch = reader.vouchers.batch(batch_id)
            if batch is None:
                raise NotFound(f"there is no batch {batch_id}")
            private = reader.code_keys.private(batch.key_id)
            if private is None or reader.vouchers.revoked_at("key", batch.key_id):
                raise Conflict(
                    f"key {batch.key_id} of this batch was revoked; issue a new batch instead"
                )
            campaign = _campaign(reader, batch.campaign_id)
            return Press(
                batch=batch,
                campaign=campaign,
                private=private,
                digits_key=reader.code_keys.digits(),
                members=_members_of(reader, batch) if campaign.holder is Holder.MEMBER else {},
            )

        return await self._store.read(question)

    async def written(self, batch_id: str) -> None:
        """The codes of a batch are in a file, durably."""
        now = self._clock()

        def story(tx: Transaction) -> None:
            batch = tx.vouchers.batch(batch_id)
            if batch is not None and batch.written_at is None:
                tx.vouchers.put_batch(replace(batch, written_at=now))

        await self._store.write(story)

    async def word(self, campaign_id: str, word: str, channel: str) -> IssuedVoucher:
        """An exclusive code that marketing chose. Raises ``BadRequest``, ``Conflict``."""
        if tidy_word(word) is None:
            raise BadRequest(
                "a code has 4 to 32 letters and digits, with a letter other than I, L and O"
            )
        issued = IssuedVoucher(
            id=new_id(),
            campaign_id=campaign_id,
            code=word,
            channel=channel,
            issued_at=self._clock(),
        )

        def story(tx: Transaction) -> None:
            _campaign(tx, campaign_id)
            tx.vouchers.issue([issued])
            self._note(tx, "vouchers_issued", issued.id, f"a word of {campaign_id}, {channel}")

        await self._store.write(story)
        return issued

    def _note(self, tx: Transaction, action: str, subject: str, reason: str) -> None:
        tx.audit.append(actor=self._actor, action=action, subject=subject, reason=reason)


def _campaign(reader: Reader, campaign_id: str) -> Campaign:
    campaign = reader.vouchers.campaign(campaign_id)
    if campaign is None:
        raise NotFound(f"there is no campaign {campaign_id}; create it first")
    return campaign


def _holders(reader: Reader, campaign: Campaign, members: Sequence[str]) -> list[str]:
    """The ids of those who get a voucher, each named once."""
    if bool(members) != (campaign.holder is Holder.MEMBER):
        raise BadRequest(
            "a campaign whose holder is a member is issued to members, any other to nobody by name"
        )
    found = {text: _member(reader, text.strip()) for text in members}
    unknown = [text for text, member in found.items() if member is None]
    if unknown:
        raise NotFound(f"{len(unknown)} members are not known, the first: {unknown[0]}")
    return list(dict.fromkeys(member.id for member in found.values() if member))


def _member(reader: Reader, text: str) -> Member | None:
    number = normalise_phone(text)
    return (
        reader.members.by_card(text)
        or reader.members.get(text)
        or (reader.members.by_phone(number) if number else None)
    )


def _broken_off(
    reader: Reader, campaign_id: str, count: int, channel: str, holders: list[str]
) -> Batch | None:
    for batch in reader.vouchers.batches(campaign_id):
        asked = batch.written_at is None and (batch.count, batch.channel) == (count, channel)
        if asked and list(_members_of(reader, batch).values()) == holders:
            return batch
    return None


def _rows(batch: Batch, holders: list[str]) -> list[IssuedVoucher]:
    """Vouchers of members have rows, so that their digits, too, know whose they are."""
    return [
        IssuedVoucher(
            id=batch.voucher_id(index),
            campaign_id=batch.campaign_id,
            member_id=member_id,
            channel=batch.channel,
            key_id=batch.key_id,
            issued_at=batch.issued_at,
        )
        for index, member_id in enumerate(holders)
    ]


def _members_of(reader: Reader, batch: Batch) -> dict[int, str]:
    rows = reader.vouchers.issued_in(batch.id)
    return {int(row.id[len(batch.id) :], 16): row.member_id for row in rows if row.member_id}
