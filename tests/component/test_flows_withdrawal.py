"""The way out: after a withdrawal or the end of retention nothing of a face is left."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from component.flows_shop import GUIDE, Shop, open_shop

from edge import contract
from edge.domain import (
    ArrivedBy,
    AuditEntry,
    Claim,
    Consent,
    Member,
    Template,
    VisitClosed,
    new_id,
)
from edge.errors import Conflict, NotFound


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    async with open_shop(tmp_path / "state") as shop:
        yield shop


async def templates_of(shop: Shop, member: Member) -> list[Template]:
    return await shop.store.read(lambda reader: reader.templates.of(member.id))


async def test_withdrawal_erases_everywhere_and_returns_a_signed_proof(shop: Shop) -> None:
    member, consent = await shop.enrolled()
    withdrawal = await shop.enrollment.withdraw(GUIDE, consent.id)
    assert withdrawal.templates_erased == 1
    assert withdrawal.consent.withdrawn_at == shop.clock()
    assert await templates_of(shop, member) == []
    assert shop.gallery.templates == {}
    proof: AuditEntry = withdrawal.proof
    assert (proof.actor, proof.action, proof.subject) == ("Ana", "consent_withdrawn", member.id)
    assert await shop.store.read(lambda reader: reader.audit.verify()) >= proof.sequence
    pending = await shop.store.read(lambda reader: reader.outbox.pending(100))
    assert isinstance(pending[0].message, contract.ConsentWithdrawn)  # overtakes what waits
    told = pending[-1].message
    assert isinstance(told, contract.DeletionProven)
    assert (told.audit_hash, told.signature) == (proof.hash, proof.signature)


async def test_withdrawing_again_returns_the_same_proof(shop: Shop) -> None:
    _, consent = await shop.enrolled()
    first = await shop.enrollment.withdraw(GUIDE, consent.id)
    shop.clock.move(hours=1)
    again = await shop.enrollment.withdraw(GUIDE, consent.id)
    assert again.proof == first.proof
    assert again.consent == first.consent


async def test_an_unknown_consent_cannot_be_withdrawn(shop: Shop) -> None:
    with pytest.raises(NotFound):
        await shop.enrollment.withdraw(GUIDE, new_id())


async def test_withdrawal_ends_a_claim_by_face_and_tells_the_phones(shop: Shop) -> None:
    member, consent = await shop.enrolled()
    await shop.arrivals.saw(shop.sighting(member))
    (details,) = await shop.arrivals.now_in_store()
    await shop.enrollment.withdraw(GUIDE, consent.id)
    visit = await shop.store.read(lambda reader: reader.visits.get(details.visit.id))
    assert visit is not None
    assert (visit.claim, visit.open) == (Claim.REFUSED, False)
    assert VisitClosed(visit_id=visit.id) in await shop.heard()


async def test_withdrawal_leaves_a_typed_visit_open(shop: Shop) -> None:
    member, consent = await shop.enrolled()
    await shop.arrivals.typed(GUIDE, member_id=member.id)
    await shop.enrollment.withdraw(GUIDE, consent.id)
    (details,) = await shop.arrivals.now_in_store()
    assert details.visit.arrived_by is ArrivedBy.GUIDE
    assert not details.face_enrolled


async def test_a_withdrawn_face_does_not_extend_a_visit_that_a_guide_opened(shop: Shop) -> None:
    member, consent = await shop.enrolled()
    arrived = await shop.arrivals.typed(GUIDE, member_id=member.id)
    await shop.enrollment.withdraw(GUIDE, consent.id)
    shop.clock.move(seconds=5)
    await shop.arrivals.saw(shop.sighting(member))
    (details,) = await shop.arrivals.now_in_store()
    assert details.visit.last_seen_at == arrived.details.visit.last_seen_at


async def test_withdrawal_succeeds_while_vision_is_away(shop: Shop) -> None:
    member, consent = await shop.enrolled()
    shop.gallery.away = True
    withdrawal = await shop.enrollment.withdraw(GUIDE, consent.id)
    assert withdrawal.templates_erased == 1
    assert await templates_of(shop, member) == []


async def test_a_slow_photo_does_not_undo_a_withdrawal(shop: Shop) -> None:
    """The photo is being judged while the member withdraws: nothing of it may stay."""
    member, consent = await shop.enrolled()
    shop.gallery.judging.clear()
    shop.gallery.may_judge.clear()
    photo = asyncio.create_task(shop.enrollment.add_photo(GUIDE, consent.id, b"photo"))
    await shop.gallery.judging.wait()
    await shop.enrollment.withdraw(GUIDE, consent.id)
    shop.gallery.may_judge.set()
    with pytest.raises(Conflict, match="has ended"):
        await photo
    assert await templates_of(shop, member) == []
    assert shop.gallery.templates == {}


async def test_a_slow_gallery_does_not_undo_a_withdrawal(shop: Shop) -> None:
    """The template is on its way into the gallery while the member withdraws."""
    _, consent = await shop.enrolled()
    shop.gallery.adding.clear()
    shop.gallery.may_add.clear()
    photo = asyncio.create_task(shop.enrollment.add_photo(GUIDE, consent.id, b"photo"))
    await shop.gallery.adding.wait()
    with shop.feed.subscribe(None, None) as news:
        withdrawal = asyncio.create_task(shop.enrollment.withdraw(GUIDE, consent.id))
        await news.next()  # the withdrawal is committed, and turns to the gallery
    for _ in range(20):
        await shop.store.read(lambda reader: reader.members.count())
    shop.gallery.may_add.set()
    await asyncio.gather(photo, withdrawal)
    assert shop.gallery.templates == {}


async def test_photos_and_withdrawal_at_once_leave_nothing_behind(shop: Shop) -> None:
    member, consent = await shop.enrolled()
    await asyncio.gather(
        *(shop.enrollment.add_photo(GUIDE, consent.id, b"photo") for _ in range(3)),
        shop.enrollment.withdraw(GUIDE, consent.id),
        return_exceptions=True,
    )
    assert await templates_of(shop, member) == []
    assert shop.gallery.templates == {}


async def test_a_member_may_consent_again_after_withdrawing(shop: Shop) -> None:
    member, consent = await shop.enrolled()
    await shop.enrollment.withdraw(GUIDE, consent.id)
    shop.clock.move(days=1)
    again = await shop.consent(member)
    assert again.id != consent.id
    result = await shop.enrollment.add_photo(GUIDE, again.id, b"photo")
    assert result.templates == 1


# --- retention -----------------------------------------------------------------------------------


async def test_templates_end_with_their_retention_and_not_before(shop: Shop) -> None:
    member, consent = await shop.enrolled()
    shop.clock.move(days=364)
    assert await shop.enrollment.end_retention() == 0
    shop.clock.move(days=1)
    assert await shop.enrollment.end_retention() == 1
    ended: Consent = await shop.enrollment.get(consent.id)
    assert not ended.active
    assert await templates_of(shop, member) == []
    assert shop.gallery.templates == {}
    newest = (await shop.store.read(lambda reader: reader.audit.of(member.id, 1)))[0]
    assert (newest.actor, newest.action) == ("gateway", "consent_withdrawn")
    assert "retention" in newest.reason


async def test_a_visit_renews_the_term_and_a_refused_one_does_not(shop: Shop) -> None:
    seen, _ = await shop.enrolled("Seen")
    taken_for, _ = await shop.enrolled("Taken for")
    shop.clock.move(days=200)
    await shop.arrivals.saw(shop.sighting(seen, track="t1"))
    await shop.arrivals.saw(shop.sighting(taken_for, track="t2"))
    visits = {d.member.id: d.visit for d in await shop.arrivals.now_in_store()}
    await shop.answers.answer(GUIDE, visits[taken_for.id].id, confirmed=False)
    shop.clock.move(days=200)
    assert await shop.enrollment.end_retention() == 1
    assert await templates_of(shop, taken_for) == []
    assert len(await templates_of(shop, seen)) == 1


async def test_a_shorter_policy_ends_what_was_promised_for_longer(shop: Shop) -> None:
    _, consent = await shop.enrolled()
    shop.clock.move(days=40)
    stricter = replace(shop, privacy=msgspec.structs.replace(shop.privacy, retention_months=1))
    assert await stricter.enrollment.end_retention() == 1
    assert not (await shop.enrollment.get(consent.id)).active
