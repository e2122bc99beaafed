"""Codes: what a phone reads, what a picture shows, what a scanner of the shop has read."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from msgspec import UnsetType

from edge import domain
from edge.clienteling_api import mapping, voucher_mapping, wire
from edge.clienteling_api.catalogue import product_view
from edge.clienteling_api.parts import Parts
from edge.clienteling_api.requests import Id
from edge.clienteling_api.scan_requests import PictureQuery, ScanContext, ScanRequest
from edge.domain import Language, PhotoFault, Scan, Session, Symbology, new_id
from edge.errors import BadRequest, TooLarge
from edge.flows.arrivals import Arrived
from edge.flows.catalogue import ProductDetails
from edge.flows.scans import Answer, Context, NoProduct, VoucherSeen
from edge.rules.refusal_words import words


async def scan(parts: Parts, guide: Session, body: ScanRequest) -> wire.ScanAnswer:
    """Say what a code is, and what follows from it.

    A member's code opens their visit; a voucher is judged, not redeemed; a product comes with the
    size of the member whose visit is given.
    """
    read = _scan(parts, guide, body.text, body.symbology, body.aim_id)
    answer = await parts.scans.answer(guide, [read], _context(body))
    return _view(parts, answer, body.language)


async def scan_picture(
    parts: Parts, guide: Session, photo: bytes, query: PictureQuery
) -> wire.ScanAnswer:
    """Say what the code in a picture is; of several, the one that is most ours.

    A picture without a code is answered with `nothing`.
    """
    codes = await parts.scanners.read(photo)
    if codes is PhotoFault.TOO_LARGE:
        raise TooLarge("The picture is too large; take it at a lower resolution", field="photo")
    if isinstance(codes, PhotoFault):
        raise BadRequest("This is not a picture that can be read; take it again", field="photo")
    scans = [_scan(parts, guide, code.text, code.symbology, code.aim_id) for code in codes]
    if not scans:
        return wire.NothingScanned()
    answer = await parts.scans.answer(guide, scans, Context(visit_id=_sent(query.visit_id)))
    return _view(parts, answer, query.language)


async def answer_scan(
    parts: Parts, guide: Session, scan_id: Id, body: ScanContext
) -> wire.ScanAnswer:
    """Say what a scanner of the shop has just read, as `scan.heard` told of it.

    For two minutes, and to every phone that asks.
    """
    answer = await parts.scans.answer_heard(guide, scan_id, _context(body))
    return _view(parts, answer, body.language)


def _scan(parts: Parts, guide: Session, text: str, symbology: Symbology, aim_id: str) -> Scan:
    return Scan(
        id=new_id(),
        device_id=guide.id,
        symbology=symbology,
        text=text,
        aim_id=aim_id,
        scanned_at=parts.clock(),
    )


def _context(body: ScanContext) -> Context:
    basket = None if isinstance(body.basket, UnsetType) else voucher_mapping.basket(body.basket)
    return Context(visit_id=_sent(body.visit_id), basket=basket)


def _view(parts: Parts, answer: Answer, language: Language | UnsetType) -> wire.ScanAnswer:
    match answer:
        case Arrived(details=details, opened=opened):
            return wire.MemberScanned(visit=mapping.visit_view(details), opened=opened)
        case VoucherSeen(code=code, verdict=verdict):
            shown = voucher_mapping.verdict(
                verdict, parts.shop, language, now=parts.clock(), done=False
            )
            return wire.VoucherScanned(code=code, verdict=shown)
        case ProductDetails():
            return wire.ProductScanned(product=product_view(answer))
        case NoProduct(number=number):
            return wire.NoProductScanned(number=number)
        case domain.BadCode(fault=fault, ai=ai):
            return wire.BadCodeScanned(fault=fault, ai=ai)
        case domain.Unknown(text=text):
            return wire.UnknownScanned(text=text)
        case domain.Refusal():
            spoken = parts.shop.language if isinstance(language, UnsetType) else language
            tz = ZoneInfo(parts.shop.timezone)
            message = words(answer, spoken, now=parts.clock(), tz=tz)
            return wire.ScanRefused(message=message, refusal=answer)


def _sent(text: str | UnsetType) -> str | None:
    return None if isinstance(text, UnsetType) else text
