"""Whose card is this: one that turns on a screen, one that was printed, or a plain number."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from edge.config import StoreConfig
from edge.domain import ArrivedBy, Member, Reason, Refusal
from edge.errors import BadRequest, Conflict, TooManyTries
from edge.flows.guesses import Guesses
from edge.rules import clock, member_card
from edge.rules.guessing import WRONG
from edge.rules.member_card import CardKind
from edge.rules.profile import normalise_phone
from edge.rules.refusal_words import words
from edge.store import Reader

CARDS = 10_000
"""Cards remembered at once; beyond, the one shown longest ago is forgotten. A code lives for a
minute and a half, in which no store sees so many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A member as somebody names them, by exactly one of the three."""

    member_id: str | None = None
    code: str | None = None
    phone: str | None = None

    def __post_init__(self) -> None:
        """Raises ``BadRequest`` for none or several."""
        if sum(given is not None for given in (self.member_id, self.code, self.phone)) != 1:
            raise BadRequest("give one of member_id, code and phone")


class MemberCodes:
    """Finds members by their codes; each code of a card that turns counts once.

    Whoever read it first may go on with it, from the glance to the redemption; to anybody
    else, and any earlier code of the same card, it is a copy. Memory only, and asked from the
    store's threads. ``guesses`` bars whoever tries wrong codes from all that take codes.
    """

    def __init__(self) -> None:
        self.guesses = Guesses()
        self._lock = threading.Lock()
        self._shown: OrderedDict[str, tuple[int, str]] = OrderedDict()

    def find(self, reader: Reader, text: str, device: str, now: datetime) -> Member | Refusal:
        """The member, or why this code names none. ``device`` is the phone or scanner."""
        code = text.strip()
        if not member_card.looks_like_card(code):
            return reader.members.by_card(code) or Refusal(reason=Reason.UNKNOWN_MEMBER)
        card = member_card.take_apart(code)
        if card is None:
            return Refusal(reason=Reason.CARD_FORGED)
        key = member_card.member_key(reader.code_keys.cards(), card.member_id)
        replaced_at = reader.vouchers.revoked_at("card", card.member_id)
        passed_at = clock.passed(reader.redemptions.latest_at())
        reason = member_card.refuse(card, key, now, replaced_at, passed_at)
        if reason is not None:
            until_at = passed_at if reason is Reason.CLOCK_WENT_BACK else None
            return Refusal(reason=reason, until_at=until_at)
        if card.kind is CardKind.SHOWN and not self._first(card.member_id, card.step, device):
            return Refusal(reason=Reason.CARD_SHOWN_ELSEWHERE)
        return reader.members.get(card.member_id) or Refusal(reason=Reason.UNKNOWN_MEMBER)

    def find_or_raise(
        self, reader: Reader, text: str, device: str, now: datetime, shop: StoreConfig
    ) -> Member | None:
        """The same for an arrival: None for nobody, ``Conflict`` for a card that does not hold,
        and ``TooManyTries`` for a device that guesses.
        """
        say = partial(words, language=shop.language, now=now, tz=ZoneInfo(shop.timezone))
        until = self.guesses.barred_until(device, now)
        if until is not None:
            raise TooManyTries(say(Refusal(reason=Reason.TOO_MANY_TRIES, from_at=until)))
        found = self.find(reader, text, device, now)
        if isinstance(found, Member):
            return found
        if found.reason in WRONG:
            self.guesses.wrong(device, now)
        if found.reason is Reason.UNKNOWN_MEMBER:
            return None
        raise Conflict(say(found))

    def finder(
        self, named: Named, device: str, now: datetime, shop: StoreConfig
    ) -> tuple[Callable[[Reader], Member | None], ArrivedBy]:
        """How to look a member up, and what evidence that makes. Raises ``BadRequest``."""
        member_id, code = named.member_id, named.code
        if member_id is not None:
            return (lambda reader: reader.members.get(member_id)), ArrivedBy.GUIDE
        if code is not None:
            find = self.find_or_raise
            return (lambda reader: find(reader, code, device, now, shop)), ArrivedBy.CODE
        number = normalise_phone(named.phone or "")
        if number is None:
            raise BadRequest("a phone number has 4 to 20 digits; check it", field="phone")
        return (lambda reader: reader.members.by_phone(number)), ArrivedBy.PHONE

    def _first(self, member_id: str, step: int, device: str) -> bool:
        """Whether this code is new, or is this device's own."""
        with self._lock:
            seen = self._shown.get(member_id)
            if seen is not None and (step < seen[0] or (step == seen[0] and device != seen[1])):
                return False
            self._shown[member_id] = (step, device)
            self._shown.move_to_end(member_id)
            if len(self._shown) > CARDS:
                self._shown.popitem(last=False)
            return True
