"""Consent to face matching: the notice, the receipt, the photos, and the way back out."""

from __future__ import annotations

from edge.clienteling_api import mapping, wire
from edge.clienteling_api.parts import Parts
from edge.clienteling_api.requests import ConsentRequest, DoorPhotoRequest, Id
from edge.domain import Language, Session


async def get_notice(parts: Parts, language: Language) -> wire.Notice:
    """The notice to read before consent, in the member's language."""
    return mapping.notice(parts.enrollment.notice(language))


async def list_consents(parts: Parts, guide: Session, member_id: Id) -> wire.ConsentList:
    """Every consent of a member, the newest first."""
    consents = await parts.enrollment.consents(member_id)
    return wire.ConsentList(consents=[mapping.consent_view(consent) for consent in consents])


async def give_consent(
    parts: Parts, guide: Session, member_id: Id, body: ConsentRequest
) -> wire.ConsentView:
    """Record the member's consent with its signed receipt, before any photo is taken."""
    consent = await parts.enrollment.consent(
        guide, member_id, language=body.language, notice_version=body.notice_version
    )
    return mapping.consent_view(consent)


async def get_consent(parts: Parts, guide: Session, consent_id: Id) -> wire.ConsentView:
    """A consent with its receipt and the member's copy."""
    return mapping.consent_view(await parts.enrollment.get(consent_id))


async def add_photo(
    parts: Parts, guide: Session, consent_id: Id, photo: bytes
) -> wire.PhotoJudgement:
    """Judge a photo at once; keep its template, never the photo.

    A photo that cannot be used is answered with 200, `accepted` false and what to change.
    """
    return mapping.photo_judgement(await parts.enrollment.add_photo(guide, consent_id, photo))


async def add_door_photo(
    parts: Parts, guide: Session, consent_id: Id, body: DoorPhotoRequest
) -> wire.PhotoJudgement:
    """Let a door camera take the photo while the member stands there."""
    result = await parts.enrollment.add_door_photo(guide, consent_id, body.camera_id)
    return mapping.photo_judgement(result)


async def withdraw(parts: Parts, guide: Session, consent_id: Id) -> wire.Withdrawn:
    """End a consent: matching stops at once, and the templates are erased."""
    return mapping.withdrawn(await parts.enrollment.withdraw(guide, consent_id))
