"""Pairing phones, and ending it."""

from __future__ import annotations

from edge import __version__
from edge.clienteling_api import guard, mapping, qr, wire
from edge.clienteling_api.parts import Parts
from edge.clienteling_api.requests import Id, PairingCodeRequest, PairRequest
from edge.clienteling_api.routing import Reply
from edge.domain import Session
from edge.errors import Conflict


async def pair(parts: Parts, secure: bool, body: PairRequest) -> Reply[wire.Paired]:
    """Turn the code from the QR into a session of this phone.

    A code works once and for five minutes. Browsers get the token as a cookie too.
    """
    token, session = await parts.pairing.pair(body.code, body.device)
    paired = wire.Paired(
        token=token, session_id=session.id, guide_name=session.guide_name, role=session.role
    )
    return Reply(paired, headers=guard.set_cookie(token, secure=secure))


async def get_me(parts: Parts, guide: Session) -> wire.Me:
    """Whose phone this is, and which shop it serves."""
    why_off = parts.privacy.why_off()
    return wire.Me(
        session_id=guide.id,
        guide_name=guide.guide_name,
        role=guide.role,
        store_id=parts.shop.id,
        store_name=parts.shop.name,
        timezone=parts.shop.timezone,
        language=parts.shop.language,
        version=__version__,
        face_matching=why_off is None,
        face_matching_off_because=why_off,
    )


async def unpair(parts: Parts, guide: Session, secure: bool) -> Reply[None]:
    """Unpair this phone."""
    await parts.pairing.revoke(guide, guide.id)
    return Reply(None, headers=guard.drop_cookie(secure=secure))


async def list_sessions(parts: Parts, guide: Session) -> wire.SessionList:
    """The paired phones."""
    sessions = await parts.pairing.sessions()
    return wire.SessionList(
        sessions=[mapping.session_view(s, this_phone=s.id == guide.id) for s in sessions]
    )


async def revoke_session(parts: Parts, guide: Session, session_id: Id) -> None:
    """End another phone's session; its feed closes at once."""
    if session_id == guide.id:
        raise Conflict("This is the phone in your hand; unpair it with DELETE /me")
    await parts.pairing.revoke(guide, session_id)


async def invite(parts: Parts, guide: Session, body: PairingCodeRequest) -> wire.PairingCodeView:
    """Invite one phone, with a code that works once and for five minutes."""
    code, pairing = await parts.pairing.invite(guide, body.guide_name, body.role)
    url = qr.pairing_url(parts.address(), code)
    return wire.PairingCodeView(
        code=code, url=url, qr_svg=qr.svg(url), expires_at=pairing.expires_at
    )
