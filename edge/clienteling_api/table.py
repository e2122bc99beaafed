"""Every route of the API, on one page. What each asks for stands in its handler's signature."""

from __future__ import annotations

from functools import cache
from typing import Any

from edge.clienteling_api import (
    catalogue,
    checkup,
    claims,
    consents,
    gateway,
    headquarters,
    live,
    load,
    members,
    openapi,
    phones,
    sales,
    scans,
    setup,
    trust,
    visits,
    vouchers,
    wire,
)
from edge.clienteling_api.parts import Parts
from edge.clienteling_api.routing import Route, route
from edge.domain import Role
from edge.errors import (
    CameraUnavailable,
    Conflict,
    FaceMatchingOff,
    Gone,
    MatchingRests,
    NotAllowed,
    NotFound,
    ScannerUnavailable,
    TooManyTries,
    VisionUnavailable,
)

PUBLIC = None
MANAGER = Role.MANAGER
TECHNICIAN = Role.TECHNICIAN
LOOKING = (Conflict, CameraUnavailable)
LENDING = (*LOOKING, VisionUnavailable)
ENROLLING = (NotFound, Conflict, FaceMatchingOff)
CHANGING = (NotFound, Conflict)
CREATED = (201,)
NO_CONTENT = (204,)


async def get_openapi(parts: Parts) -> dict[str, Any]:
    """This document."""
    return _document()


@cache
def _document() -> dict[str, Any]:
    return openapi.document(ROUTES)


ROUTES: tuple[Route, ...] = (
    route("GET", "/health", gateway.get_health, role=PUBLIC),
    route("GET", "/openapi.json", get_openapi, role=PUBLIC),
    route("GET", "/authority", trust.get_authority, role=PUBLIC),
    route("POST", "/pair", phones.pair, Gone, TooManyTries, role=PUBLIC, status=CREATED),
    route("GET", "/me", phones.get_me),
    route("DELETE", "/me", phones.unpair, NotFound, status=NO_CONTENT),
    route("GET", "/visits", visits.list_visits),
    route("POST", "/visits", visits.arrive, NotFound, Conflict, TooManyTries, status=(201, 200)),
    route("POST", "/visits/{visit_id}/confirm", visits.confirm_visit, NotFound, Conflict),
    route("POST", "/visits/{visit_id}/refuse", visits.refuse_visit, NotFound, Conflict),
    route("POST", "/visits/{visit_id}/close", visits.close_visit, NotFound, status=NO_CONTENT),
    route("GET", "/members", members.search_members),
    route("POST", "/members", members.create_member, NotFound, Conflict, status=CREATED),
    route("GET", "/members/{member_id}", members.get_card, NotFound),
    route("PATCH", "/members/{member_id}", members.edit_member, NotFound, Conflict),
    route("POST", "/members/{member_id}/notes", members.add_note, NotFound, status=CREATED),
    route("GET", "/members/{member_id}/card-code", members.card_code, NotFound),
    route("DELETE", "/members/{member_id}/cards", members.void_cards, NotFound, status=NO_CONTENT),
    route("GET", "/members/{member_id}/audit", members.who_looked, NotFound),
    route("GET", "/guards", members.list_guards, role=MANAGER),
    route("DELETE", "/guards/{guard_id}", members.remove_guard, NotFound, status=NO_CONTENT),
    route("GET", "/products/{gtin}", catalogue.get_product, NotFound),
    route("POST", "/scans", scans.scan, NotFound),
    route("POST", "/scans/picture", scans.scan_picture, NotFound, ScannerUnavailable),
    route("POST", "/scans/{scan_id}", scans.answer_scan, NotFound),
    route("GET", "/notices/{language}", consents.get_notice, FaceMatchingOff, role=PUBLIC),
    route("GET", "/members/{member_id}/consents", consents.list_consents, NotFound),
    route(
        "POST",
        "/members/{member_id}/consents",
        consents.give_consent,
        *ENROLLING,
        status=CREATED,
    ),
    route("GET", "/consents/{consent_id}", consents.get_consent, NotFound),
    route(
        "POST",
        "/consents/{consent_id}/photos",
        consents.add_photo,
        *ENROLLING,
        MatchingRests,
        VisionUnavailable,
    ),
    route(
        "POST",
        "/consents/{consent_id}/door-photos",
        consents.add_door_photo,
        *ENROLLING,
        MatchingRests,
        VisionUnavailable,
    ),
    route("POST", "/consents/{consent_id}/withdraw", consents.withdraw, NotFound, Conflict),
    route("POST", "/vouchers/check", vouchers.check_voucher),
    route("GET", "/vouchers/{voucher_id}/life", vouchers.voucher_life, NotFound),
    route("POST", "/redemptions", vouchers.redeem, Conflict, status=(201, 200)),
    route("POST", "/redemptions/{redemption_id}/commit", vouchers.commit_redemption, *CHANGING),
    route("POST", "/redemptions/{redemption_id}/release", vouchers.release_redemption, *CHANGING),
    route("POST", "/redemptions/{redemption_id}/reverse", vouchers.reverse_redemption, *CHANGING),
    route("POST", "/sales", sales.record_sale, NotFound, Conflict, TooManyTries, status=(201, 200)),
    route("GET", "/double-uses", vouchers.list_double_uses, role=MANAGER),
    route("POST", "/clock/trust", vouchers.trust_clock, role=MANAGER, status=NO_CONTENT),
    route("GET", "/cameras", gateway.list_cameras),
    route("GET", "/load", load.get_load, role=MANAGER),
    route("GET", "/checkup", checkup.get_checkup, role=MANAGER),
    route("GET", "/headquarters", headquarters.get_headquarters, role=MANAGER),
    route("POST", "/headquarters/try-again", headquarters.try_again, role=MANAGER),
    route("GET", "/setup", setup.get_setup, Conflict, role=TECHNICIAN),
    route("PATCH", "/setup", setup.change_setup, Conflict, role=TECHNICIAN),
    route("GET", "/setup/cameras", setup.find_cameras, Conflict, role=TECHNICIAN),
    route("POST", "/setup/streams", setup.list_streams, *LOOKING, role=TECHNICIAN),
    route("POST", "/setup/still", setup.get_still, NotFound, *LENDING, role=TECHNICIAN),
    route("GET", "/setup/scanners", setup.find_scanners, Conflict, role=TECHNICIAN),
    route("POST", "/setup/claim", claims.take_claim_in, Conflict, role=TECHNICIAN),
    route("GET", "/setup/sign", setup.get_sign, Conflict, role=TECHNICIAN),
    route(
        "POST", "/setup/manager", setup.invite_manager, Conflict, role=TECHNICIAN, status=CREATED
    ),
    route("POST", "/setup/end", setup.finish_setup, Conflict, role=TECHNICIAN, status=NO_CONTENT),
    route("GET", "/sessions", phones.list_sessions, role=MANAGER),
    route(
        "DELETE",
        "/sessions/{session_id}",
        phones.revoke_session,
        NotFound,
        Conflict,
        role=MANAGER,
        status=NO_CONTENT,
    ),
    route("POST", "/pairing-codes", phones.invite, NotAllowed, role=MANAGER, status=CREATED),
    route(
        "GET",
        "/feed",
        live.where_the_feed_stands,
        upgrade=live.listen,
        messages=wire.FeedMessage,
    ),
)
