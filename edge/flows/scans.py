"""A code was read: by a phone, by a scanner of the shop, in a picture. What is it, what follows?

A member's code opens their visit, a voucher is judged, a product comes with the size of the
member being served; all else is told honestly. What a phone reads is answered to it. What a
scanner of the shop reads is told to all phones without its content, and answered to those who
ask for it within ``KEPT``.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from edge.config import CodesConfig, StoreConfig
from edge.domain import (
    BadCode,
    Basket,
    CodeKind,
    Credential,
    CredentialKind,
    Meaning,
    Reason,
    Refusal,
    Scan,
    ScanHeard,
    Session,
    StoreCode,
    TradeItem,
    Unknown,
)
from edge.errors import NotFound
from edge.feed import Feed
from edge.flows.arrivals import Arrivals, Arrived
from edge.flows.catalogue import Catalogue, ProductDetails
from edge.flows.guesses import Guesses
from edge.flows.member_codes import MemberCodes
from edge.flows.presenting import Offer
from edge.flows.redemptions import Redemptions, Verdict
from edge.rules.credentials import recognise
from edge.rules.guessing import WRONG, may_be_guess
from edge.rules.meaning import meaning
from edge.store import Reader, Store

KEPT = timedelta(minutes=2)
KEPT_SCANS = 256
"""Scans of the shop's scanners that phones may still ask for. Overflow policy: *oldest dropped*."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Whom the guide is serving and what is being bought, as far as the phone knows."""

    visit_id: str | None = None
    basket: Basket | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VoucherSeen:
    """A voucher, judged. ``code`` redeems it."""

    code: str
    verdict: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class NoProduct:
    """A product's number that the catalogue does not have; None for a label without one."""

    number: str | None


Answer = Arrived | VoucherSeen | ProductDetails | NoProduct | BadCode | Unknown | Refusal


class Scans:
    """Answers codes. ``places`` names the place of each scanner."""

    def __init__(
        self,
        store: Store,
        feed: Feed,
        clock: Callable[[], datetime],
        *,
        arrivals: Arrivals,
        redemptions: Redemptions,
        catalogue: Catalogue,
        guesses: Guesses,
        member_codes: MemberCodes,
        codes: CodesConfig,
        shop: StoreConfig,
        places: Mapping[str, str],
    ) -> None:
        self._store = store
        self._feed = feed
        self._clock = clock
        self._arrivals = arrivals
        self._redemptions = redemptions
        self._catalogue = catalogue
        self._guesses = guesses
        self._member_codes = member_codes
        self._link_hosts = codes.link_hosts
        self._tz = ZoneInfo(shop.timezone)
        self._places = places
        self._heard: OrderedDict[str, _Heard] = OrderedDict()

    async def answer(self, guide: Session, scans: Sequence[Scan], context: Context) -> Answer:
        """What this phone read, at least one code: of several, the one that is most ours.

        Raises ``NotFound`` for a member who has just gone.
        """
        found = await self._look(guide.id, scans)
        if kind_of(found) is CodeKind.MEMBER and isinstance(found, Credential):
            return await self._arrivals.typed(guide, code=found.text)
        return await self._judge(guide, found, context)

    async def heard(self, scan: Scan) -> None:
        """A scanner of the shop read a code: open the member's visit, tell the phones."""
        found = await self._look(scan.device_id, [scan])
        kind, member_id = kind_of(found), None
        if kind is CodeKind.MEMBER and isinstance(found, Credential):
            place = self._places.get(scan.device_id, scan.device_id)
            arrived = await self._arrivals.scanned(scan.device_id, found.text, place)
            member_id = arrived.details.member.id
        self._keep(_Heard(scan=scan, found=found, member_id=member_id))
        self._feed.publish(
            ScanHeard(
                scan_id=scan.id, scanner_id=scan.device_id, kind=kind, scanned_at=scan.scanned_at
            )
        )

    async def answer_heard(self, guide: Session, scan_id: str, context: Context) -> Answer:
        """What a scanner of the shop read. Raises ``NotFound`` where that is too long ago."""
        heard = self._heard.get(scan_id)
        if heard is None or self._clock() - heard.scan.scanned_at > KEPT:
            raise NotFound("this was scanned too long ago; scan it again")
        if heard.member_id is not None:
            return await self._arrivals.typed(guide, member_id=heard.member_id)
        return await self._judge(guide, heard.found, context)

    # --- how it is done --------------------------------------------------------------------

    async def _look(self, device: str, scans: Sequence[Scan]) -> Meaning | Refusal:
        """The most ours of several codes, read in one snapshot; a member's has been proven.

        Whoever guesses learns nothing but products. A code that is nothing, of a form that
        somebody would try, counts as a guess; wrong vouchers count where they are judged.
        """
        now = self._clock()
        found, refusal = await self._store.read(lambda reader: self._read(reader, scans, device))
        until = self._guesses.barred_until(device, now)
        if until is not None and kind_of(found) is not CodeKind.PRODUCT:
            return Refusal(reason=Reason.TOO_MANY_TRIES, from_at=until)
        guessed = isinstance(found, Unknown) and may_be_guess(found.text)
        if guessed or (refusal is not None and refusal.reason in WRONG):
            self._guesses.wrong(device, now)
        return refusal or found

    def _read(
        self, reader: Reader, scans: Sequence[Scan], device: str
    ) -> tuple[Meaning, Refusal | None]:
        now = self._clock()
        meanings = [
            meaning(
                scan.text,
                scan.symbology,
                scan.aim_id,
                recognise=lambda text: _ours(reader, text),
                link_hosts=self._link_hosts,
                today=now.astimezone(self._tz).date(),
            )
            for scan in scans
        ]
        found = min(meanings, key=lambda each: _ORDER[kind_of(each)])
        if kind_of(found) is CodeKind.MEMBER and isinstance(found, Credential):
            member = self._member_codes.find(reader, found.text, device, now)
            return found, member if isinstance(member, Refusal) else None
        return found, None

    async def _judge(self, guide: Session, found: Meaning | Refusal, context: Context) -> Answer:
        """The answer to anything but a member."""
        match found:
            case Credential(text=code):
                offer = Offer(code=code, visit_id=context.visit_id, basket=context.basket)
                return VoucherSeen(code=code, verdict=await self._redemptions.check(guide, offer))
            case TradeItem(gtin=number) | StoreCode(number=number):
                return await self._product(guide, number, context)
            case BadCode() | Unknown() | Refusal():
                return found

    async def _product(
        self, guide: Session, number: str | None, context: Context
    ) -> ProductDetails | NoProduct:
        def question(reader: Reader) -> tuple[bool, str | None]:
            visit = reader.visits.get(context.visit_id) if context.visit_id else None
            served = visit.member_id if visit is not None and visit.open else None
            return bool(number and reader.catalogue.variant(number)), served

        known, served = await self._store.read(question)
        if number is None or not known:
            return NoProduct(number=number)
        return await self._catalogue.find(guide, number, served)

    def _keep(self, heard: _Heard) -> None:
        self._heard[heard.scan.id] = heard
        if len(self._heard) > KEPT_SCANS:
            self._heard.popitem(last=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Heard:
    """A scan of the shop's scanners. ``member_id`` is whose visit it opened."""

    scan: Scan
    found: Meaning | Refusal
    member_id: str | None


_ORDER = {kind: place for place, kind in enumerate(CodeKind)}


def kind_of(found: Meaning | Refusal) -> CodeKind:
    """What a phone is told of a code that it has not asked for."""
    match found:
        case Credential(kind=CredentialKind.MEMBER_CARD):
            return CodeKind.MEMBER
        case Credential():
            return CodeKind.VOUCHER
        case TradeItem() | StoreCode():
            return CodeKind.PRODUCT
        case BadCode() | Unknown():
            return CodeKind.UNKNOWN
        case Refusal():
            return CodeKind.REFUSED


def _ours(reader: Reader, text: str) -> Credential | None:
    """Our own codes: by their form, or because the store knows them."""
    code = text.strip()
    if reader.members.by_card(code):
        return Credential(kind=CredentialKind.MEMBER_CARD, text=code)
    if reader.vouchers.by_code(code):
        return Credential(kind=CredentialKind.VOUCHER, text=code)
    return recognise(code)
