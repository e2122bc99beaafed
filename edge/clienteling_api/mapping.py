"""From the shop's values to what phones see, and from what phones fill in to the shop's values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

import msgspec

from edge import domain
from edge.clienteling_api import qr, requests, wire
from edge.flows.members import CardView, Found, ProfileChanges
from edge.flows.photos import PhotoResult
from edge.flows.withdrawals import Withdrawal
from edge.rules.notice import Notice
from edge.rules.profile import Profile
from edge.rules.receipt import copy_text

PHONE_DIGITS_SHOWN = 4

_ADVICE: Mapping[domain.PhotoFault, str] = {
    domain.PhotoFault.NOT_AN_IMAGE: "This is not a picture that can be read; take it again",
    domain.PhotoFault.TOO_LARGE: "The picture is too large; take it at a lower resolution",
    domain.PhotoFault.NO_FACE: "No face is to be seen; hold the phone at eye level",
    domain.PhotoFault.SEVERAL_FACES: "Several faces are to be seen; take only the member",
    domain.PhotoFault.TOO_SMALL: "The face is too small; step closer",
    domain.PhotoFault.BLURRED: "The picture is blurred; hold still",
    domain.PhotoFault.TURNED_AWAY: "The face is turned away; look into the camera",
    domain.PhotoFault.TOO_DARK: "It is too dark; turn towards the light",
    domain.PhotoFault.OTHER_PERSON: "This looks like someone else than the photos before",
}


# --- members and visits ----------------------------------------------------------------


def member_view(member: domain.Member, *, face_enrolled: bool) -> wire.MemberView:
    return wire.MemberView(
        id=member.id,
        name=member.name,
        card_number=member.card_number,
        phone_ending=member.phone[-PHONE_DIGITS_SHOWN:] if member.phone else None,
        language=member.language,
        sizes=member.sizes,
        preferences=member.preferences,
        do_not_disturb=member.do_not_disturb,
        face_enrolled=face_enrolled,
    )


def member_list(found: Sequence[Found]) -> wire.MemberList:
    return wire.MemberList(members=_rows(found))


def _rows(found: Sequence[Found]) -> list[wire.MemberView]:
    return [member_view(row.member, face_enrolled=row.face_enrolled) for row in found]


def visit_view(details: domain.VisitDetails) -> wire.VisitView:
    visit = details.visit
    return wire.VisitView(
        id=visit.id,
        arrived_by=visit.arrived_by,
        claim=visit.claim,
        place=visit.place,
        opened_at=visit.opened_at,
        last_seen_at=visit.last_seen_at,
        closed_at=visit.closed_at,
        answered_by=visit.answered_by,
        member=member_view(details.member, face_enrolled=details.face_enrolled),
        summary=details.summary,
        recent_purchases=list(details.recent_purchases),
        look_alikes=details.look_alikes,
    )


def card(view: CardView) -> wire.Card:
    return wire.Card(
        member=view.member,
        summary=view.summary,
        purchases=list(view.purchases),
        notes=list(view.notes),
        open_visit=visit_view(view.open_visit) if view.open_visit else None,
        consent_id=view.consent_id,
        templates=view.templates,
        look_alikes=_rows(view.look_alikes),
        guards=guard_list(view.guards).guards,
    )


def guard_list(guards: Sequence[domain.GuardDetails]) -> wire.GuardList:
    return wire.GuardList(guards=[_guard_view(details) for details in guards])


def _guard_view(details: domain.GuardDetails) -> wire.GuardView:
    guard, other = details.guard, details.other
    return wire.GuardView(
        id=guard.id,
        member_id=guard.member_id,
        member_name=details.member.name,
        other_id=guard.other_id,
        other_name=other.name if other else None,
        set_by=guard.set_by,
        set_at=guard.set_at,
        ends_at=guard.ends_at,
    )


def audit_list(entries: Sequence[domain.AuditEntry]) -> wire.AuditList:
    return wire.AuditList(
        entries=[
            wire.AuditView(at=e.at, actor=e.actor, action=e.action, reason=e.reason)
            for e in entries
        ]
    )


def profile(body: requests.MemberRequest) -> Profile:
    return Profile(
        name=body.name,
        card_number=body.card_number,
        phone=body.phone,
        language=body.language,
        age_band=body.age_band,
        sizes=sizes(body.sizes),
        preferences=tuple(body.preferences),
        do_not_disturb=body.do_not_disturb,
    )


def changes(body: requests.MemberPatch) -> ProfileChanges:
    """The fields to change."""
    fields = sent(body)
    if not isinstance(body.sizes, msgspec.UnsetType):
        fields["sizes"] = sizes(body.sizes)
    if not isinstance(body.preferences, msgspec.UnsetType):
        fields["preferences"] = tuple(body.preferences)
    return cast(ProfileChanges, fields)


def sent(body: msgspec.Struct) -> dict[str, Any]:
    """The fields that were sent, as the keyword arguments of a flow."""
    fields = {name: getattr(body, name) for name in body.__struct_fields__}
    return {name: value for name, value in fields.items() if value is not msgspec.UNSET}


def sizes(bodies: Sequence[requests.SizeBody]) -> tuple[domain.Size, ...]:
    """One size for each garment and system; the one named last counts."""
    found = {
        (body.garment, body.system): domain.Size(
            garment=body.garment, system=body.system, value=body.value
        )
        for body in bodies
    }
    return tuple(found.values())


# --- consent ---------------------------------------------------------------------------


def notice(text: Notice) -> wire.Notice:
    return wire.Notice(
        version=text.version,
        language=text.language,
        title=text.title,
        paragraphs=list(text.paragraphs),
        agree_label=text.agree_label,
    )


def consent_view(consent: domain.Consent) -> wire.ConsentView:
    copy = copy_text(consent)
    return wire.ConsentView(
        id=consent.id,
        member_id=consent.member_id,
        notice_version=consent.notice_version,
        language=consent.language,
        given_at=consent.given_at,
        withdrawn_at=consent.withdrawn_at,
        receipt=consent.receipt,
        signature=consent.signature,
        copy_text=copy,
        copy_qr_svg=qr.svg(copy),
    )


def photo_judgement(result: PhotoResult) -> wire.PhotoJudgement:
    return wire.PhotoJudgement(
        accepted=result.accepted,
        fault=result.fault,
        message=_ADVICE[result.fault] if result.fault else "",
        templates=result.templates,
        # Their own consent is not this guide's question: a look-alike was found, so it is there.
        look_alikes=[member_view(member, face_enrolled=True) for member in result.look_alikes],
    )


def withdrawn(result: Withdrawal) -> wire.Withdrawn:
    assert result.consent.withdrawn_at is not None, "a withdrawal has its time"
    return wire.Withdrawn(
        consent_id=result.consent.id,
        withdrawn_at=result.consent.withdrawn_at,
        templates_erased=result.templates_erased,
        proof=msgspec.to_builtins(result.proof),
    )


# --- phones and cameras ------------------------------------------------------------------


def session_view(session: domain.Session, *, this_phone: bool) -> wire.SessionView:
    return wire.SessionView(
        id=session.id,
        guide_name=session.guide_name,
        role=session.role,
        device=session.device,
        paired_at=session.paired_at,
        last_used_at=session.last_used_at,
        this_phone=this_phone,
    )


def camera_views(
    states: Sequence[domain.CameraState], places: Mapping[str, str]
) -> list[wire.CameraView]:
    return [
        wire.CameraView(place=places.get(state.camera_id, state.camera_id), state=state)
        for state in states
    ]


def scanner_views(
    states: Sequence[domain.ScannerState], places: Mapping[str, str]
) -> list[wire.ScannerView]:
    return [
        wire.ScannerView(place=places.get(state.scanner_id, state.scanner_id), state=state)
        for state in states
    ]


def line_view(line: domain.LineState, *, matching_rests: bool) -> wire.LineView:
    """What every phone may know of the line to headquarters."""
    return wire.LineView(
        status=line.status,
        in_line_at=line.in_line_at,
        trouble=line.trouble,
        trouble_since_at=line.trouble_since_at,
        matching_rests=matching_rests,
    )
