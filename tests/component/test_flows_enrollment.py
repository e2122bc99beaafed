"""Enrollment: no photo before the receipt, no template after the withdrawal."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from component.flows_shop import GUIDE, Shop, open_shop, unusable, usable
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from edge import contract
from edge.domain import (
    AgeBand,
    Language,
    Member,
    MemberChanged,
    PhotoFault,
    Template,
    new_id,
)
from edge.errors import Conflict, FaceMatchingOff, NotFound, VisionUnavailable
from edge.rules.profile import Profile
from edge.rules.receipt import canonical, read


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    async with open_shop(tmp_path / "state") as shop:
        yield shop


async def templates_of(shop: Shop, member: Member) -> list[Template]:
    return await shop.store.read(lambda reader: reader.templates.of(member.id))


async def actions_on(shop: Shop, member: Member) -> list[str]:
    """The newest first."""
    entries = await shop.store.read(lambda reader: reader.audit.of(member.id, 100))
    return [entry.action for entry in entries]


# --- consent -----------------------------------------------------------------------------------


async def test_the_receipt_is_signed_and_stored_with_audit_and_message(shop: Shop) -> None:
    member = await shop.member()
    consent = await shop.consent(member)
    assert await shop.enrollment.get(consent.id) == consent
    signature = base64.urlsafe_b64decode(consent.signature + "==")
    key = Ed25519PublicKey.from_public_bytes(shop.store.public_key())
    key.verify(signature, canonical(consent.receipt))
    assert read(consent.receipt).pii_principal_id == member.id
    assert (await actions_on(shop, member))[0] == "consent_given"
    pending = await shop.store.read(lambda reader: reader.outbox.pending(100))
    (given,) = [o.message for o in pending if isinstance(o.message, contract.ConsentGiven)]
    assert given.consent_id == consent.id


async def test_the_same_consent_asked_twice_is_one(shop: Shop) -> None:
    member = await shop.member()
    first, second = await asyncio.gather(shop.consent(member), shop.consent(member))
    assert first == second
    assert await shop.enrollment.consents(member.id) == [first]


async def test_a_notice_that_has_changed_must_be_read_again(shop: Shop) -> None:
    member = await shop.member()
    with pytest.raises(Conflict, match="read it again"):
        await shop.enrollment.consent(
            GUIDE, member.id, language=Language.ENGLISH, notice_version="2020-01.00000000"
        )
    assert await shop.enrollment.consents(member.id) == []


async def test_a_minor_cannot_consent(shop: Shop) -> None:
    minor = await shop.members.create(GUIDE, Profile(name="Kid", age_band=AgeBand.UNDER_18))
    with pytest.raises(Conflict, match="under 18"):
        await shop.consent(minor)


async def test_an_enrolled_member_cannot_be_made_a_minor_in_silence(shop: Shop) -> None:
    member, _ = await shop.enrolled()
    with pytest.raises(Conflict, match="withdraw"):
        await shop.members.edit(GUIDE, member.id, age_band=AgeBand.UNDER_18)


async def test_nothing_biometric_happens_where_face_matching_is_off(tmp_path: Path) -> None:
    async with open_shop(tmp_path / "state", profile="off") as shop:
        member = await shop.member()
        with pytest.raises(FaceMatchingOff, match=r"privacy\.profile"):
            shop.enrollment.notice(Language.ENGLISH)
        with pytest.raises(FaceMatchingOff):
            await shop.enrollment.consent(
                GUIDE, member.id, language=Language.ENGLISH, notice_version="1"
            )
        with pytest.raises(FaceMatchingOff):
            await shop.enrollment.add_photo(GUIDE, new_id(), b"photo")
        assert shop.gallery.photos == []


# --- photos ------------------------------------------------------------------------------------


async def test_a_good_photo_becomes_a_template_in_store_and_gallery(shop: Shop) -> None:
    member, consent = await shop.enrolled()
    (template,) = await templates_of(shop, member)
    assert template.consent_id == consent.id
    assert shop.gallery.templates == {member.id: {template.id: template}}
    assert (await shop.heard())[-1] == MemberChanged(member_id=member.id)


async def test_no_photo_is_processed_without_a_consent_in_force(shop: Shop) -> None:
    _, consent = await shop.enrolled()
    await shop.enrollment.withdraw(GUIDE, consent.id)
    processed = len(shop.gallery.photos)
    with pytest.raises(NotFound):
        await shop.enrollment.add_photo(GUIDE, new_id(), b"photo")
    with pytest.raises(Conflict, match="has ended"):
        await shop.enrollment.add_photo(GUIDE, consent.id, b"photo")
    with pytest.raises(Conflict, match="has ended"):
        await shop.enrollment.add_door_photo(GUIDE, consent.id, "door")
    assert len(shop.gallery.photos) == processed


@pytest.mark.parametrize("fault", [f for f in PhotoFault if f is not PhotoFault.OTHER_PERSON])
async def test_a_photo_at_fault_is_refused_with_its_fault(shop: Shop, fault: PhotoFault) -> None:
    member = await shop.member()
    consent = await shop.consent(member)
    shop.gallery.judged = unusable(fault)
    result = await shop.enrollment.add_door_photo(GUIDE, consent.id, "door")
    assert (result.accepted, result.fault, result.templates) == (False, fault, 0)
    assert await templates_of(shop, member) == []


async def test_a_photo_of_somebody_else_is_refused(shop: Shop) -> None:
    member, consent = await shop.enrolled()
    shop.gallery.judged = usable(seed=2)
    result = await shop.enrollment.add_photo(GUIDE, consent.id, b"photo")
    assert (result.accepted, result.fault) == (False, PhotoFault.OTHER_PERSON)
    assert len(await templates_of(shop, member)) == 1


async def test_five_photos_are_enough_even_when_they_come_at_once(shop: Shop) -> None:
    member = await shop.member()
    consent = await shop.consent(member)
    results = await asyncio.gather(
        *(shop.enrollment.add_photo(GUIDE, consent.id, b"photo") for _ in range(8)),
        return_exceptions=True,
    )
    refused = [result for result in results if isinstance(result, BaseException)]
    assert {type(result) for result in refused} == {Conflict}
    assert len(refused) == 3
    templates = await templates_of(shop, member)
    assert len(templates) == 5
    assert shop.gallery.templates[member.id] == {t.id: t for t in templates}


async def test_a_look_alike_with_consent_is_reported_and_shown_on_the_card(shop: Shop) -> None:
    twin, _ = await shop.enrolled("Twin")
    plain = await shop.member("Plain")
    member = await shop.member("Ana")
    consent = await shop.consent(member)
    shop.gallery.judged = usable(3, **{twin.id: 0.45, plain.id: 0.60, member.id: 0.90})
    result = await shop.enrollment.add_photo(GUIDE, consent.id, b"photo")
    assert result.look_alikes == (twin,)
    card = await shop.members.card(GUIDE, member.id, "enrollment")
    assert [found.member for found in card.look_alikes] == [twin]


async def test_a_photo_whose_vision_is_away_is_not_kept(shop: Shop) -> None:
    member = await shop.member()
    consent = await shop.consent(member)
    shop.gallery.away = True
    with pytest.raises(VisionUnavailable):
        await shop.enrollment.add_photo(GUIDE, consent.id, b"photo")
    assert await templates_of(shop, member) == []


async def test_a_template_is_kept_where_vision_goes_away_after_judging(shop: Shop) -> None:
    """Vision loads it from the store when it starts again."""
    member = await shop.member()
    consent = await shop.consent(member)
    shop.gallery.may_judge.clear()
    photo = asyncio.create_task(shop.enrollment.add_photo(GUIDE, consent.id, b"photo"))
    await shop.gallery.judging.wait()
    shop.gallery.away = True
    shop.gallery.may_judge.set()
    assert (await photo).accepted
    assert len(await templates_of(shop, member)) == 1
