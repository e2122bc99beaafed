"""A voucher at the counter: looked at, reserved, committed, released, reversed.

Load, decide by ``rules.redemption``, one transaction for the use, its step, the tallies and the
message to headquarters, commit, tell the phones. Each request has an id and happens once: the
same again is answered the same, and an id that comes with something else is refused. A refusal
changes nothing and is not remembered, so the same request may succeed later.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from edge.config import StoreConfig, VouchersConfig
from edge.domain import (
    Campaign,
    Member,
    Reason,
    Redemption,
    RedemptionChanged,
    RedemptionState,
    Refusal,
    Role,
    Session,
    Showing,
    Voucher,
    new_id,
)
from edge.errors import Conflict, NotFound
from edge.feed import Feed
from edge.flows.guesses import Guesses
from edge.flows.member_codes import MemberCodes
from edge.flows.presenting import Offer, Place, present
from edge.flows.steps import record_step
from edge.flows.vouchers import Life, life_of
from edge.rules import redemption as rules
from edge.rules.guessing import WRONG
from edge.rules.pairing import digest
from edge.store import Reader, Store, Transaction

LAPSED_AT_ONCE = 100
SHOWINGS_KEPT = 1000

Change = Callable[[Redemption], Redemption | Refusal]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a code is worth here and now.

    ``redemption`` is what redeeming would give or gave; None with a ``refusal``. ``repeated``
    says that the request had been answered before. ``voucher`` and ``campaign`` are None where
    the code is not even one of ours.
    """

    redemption: Redemption | None = None
    refusal: Refusal | None = None
    voucher: Voucher | None = None
    campaign: Campaign | None = None
    repeated: bool = False


class Redemptions:
    """Redeems vouchers, exactly once for each use."""

    def __init__(
        self,
        store: Store,
        feed: Feed,
        clock: Callable[[], datetime],
        *,
        shop: StoreConfig,
        vouchers: VouchersConfig,
        guesses: Guesses,
        member_codes: MemberCodes,
    ) -> None:
        self._store = store
        self._feed = feed
        self._clock = clock
        self._place = Place(
            store_id=shop.id, tz=ZoneInfo(shop.timezone), offline_cap=vouchers.offline_cap
        )
        self._hold = timedelta(seconds=vouchers.hold_s)
        self._guesses = guesses
        self._member_codes = member_codes
        self._shown: deque[Showing] = deque(maxlen=SHOWINGS_KEPT)

    # --- looking ---------------------------------------------------------------------------

    async def check(self, guide: Session, offer: Offer) -> Verdict:
        """Whether a voucher would be redeemed now. Changes nothing."""
        now = self._clock()
        barred = self._barred(guide, now)
        if barred is not None:
            return barred
        verdict = await self._store.read(lambda reader: self._judge(reader, guide, offer, now))
        self._note(guide, verdict, now)
        if verdict.voucher is not None:
            showing = Showing(
                voucher_id=verdict.voucher.id, actor=guide.guide_name, device=guide.device, at=now
            )
            self._shown.append(showing)
        return verdict

    async def life(self, voucher_id: str) -> Life:
        """A voucher's life on one page. Raises ``NotFound``."""
        life = await self._store.read(lambda reader: life_of(reader, voucher_id))
        if life is None:
            raise NotFound("nobody here has heard of this voucher; check its number")
        return life

    # --- redeeming -------------------------------------------------------------------------

    async def redeem(
        self, guide: Session, request_id: str, offer: Offer, *, reserve: bool = False
    ) -> Verdict:
        """Take one use: at once, or held back until ``commit`` or ``release``.

        Raises ``Conflict`` for a request id that was used for something else.
        """
        now = self._clock()
        barred = self._barred(guide, now)
        if barred is not None:
            return barred
        content = digest(f"redeem {reserve} {offer}")

        def story(tx: Transaction) -> Verdict:
            repeated = _repeated(tx, request_id, content)
            if repeated is not None:
                return repeated
            self._expire(tx, now)
            verdict = self._judge(tx, guide, offer, now)
            if verdict.redemption is None:
                return verdict
            use = verdict.redemption
            if not reserve:
                use = replace(use, state=RedemptionState.COMMITTED)
            tx.redemptions.see(use.changed_at)
            record_step(tx, use, request_id=request_id, content=content, guide=guide)
            return replace(verdict, redemption=use)

        verdict = await self._store.write(story)
        self._note(guide, verdict, now)
        return self._published(verdict)

    async def commit(self, guide: Session, request_id: str, redemption_id: str) -> Verdict:
        """A reserved use is made. Raises ``NotFound``, ``Conflict``."""
        now = self._clock()
        return await self._change(
            guide, request_id, redemption_id, "commit", lambda use: rules.commit(use, now)
        )

    async def release(self, guide: Session, request_id: str, redemption_id: str) -> Verdict:
        """A reserved use is given back. Raises ``NotFound``, ``Conflict``."""
        now = self._clock()
        return await self._change(
            guide, request_id, redemption_id, "release", lambda use: rules.release(use, now)
        )

    async def reverse(self, guide: Session, request_id: str, redemption_id: str) -> Verdict:
        """A use that was made is undone. Raises ``NotFound``, ``Conflict``."""
        now, manager = self._clock(), guide.role is Role.MANAGER
        return await self._change(
            guide,
            request_id,
            redemption_id,
            "reverse",
            lambda use: rules.reverse(use, now, manager=manager),
        )

    # --- time ------------------------------------------------------------------------------

    async def sweep(self) -> int:
        """Give back the reservations that have run out; returns how many."""
        now = self._clock()
        shown = [self._shown.popleft() for _ in range(len(self._shown))]

        def story(tx: Transaction) -> list[Redemption]:
            for showing in shown:
                tx.redemptions.show(showing)
            return self._expire(tx, now)

        waiting = await self._store.read(lambda reader: reader.redemptions.lapsed(now, 1))
        if not waiting and not shown:
            return 0
        expired = await self._store.write(story)
        for use in expired:
            self._feed.publish(RedemptionChanged(redemption=use))
        return len(expired)

    async def trust_clock(self, guide: Session) -> None:
        """A manager says that the clock is right, after it had run ahead."""
        now = self._clock()

        def story(tx: Transaction) -> None:
            latest = tx.redemptions.latest_at()
            tx.redemptions.see(now)
            tx.audit.append(
                actor=guide.guide_name,
                action="clock_trusted",
                subject=self._place.store_id,
                reason=f"the latest redemption was at {latest}",
            )

        await self._store.write(story)

    # --- how it is done --------------------------------------------------------------------

    async def _change(
        self, guide: Session, request_id: str, redemption_id: str, word: str, change: Change
    ) -> Verdict:
        content = digest(f"{word} {redemption_id}")

        def story(tx: Transaction) -> Verdict:
            repeated = _repeated(tx, request_id, content)
            if repeated is not None:
                return repeated
            before = tx.redemptions.get(redemption_id)
            if before is None:
                raise NotFound("there is no such redemption; scan the code again")
            after = change(before)
            if isinstance(after, Refusal):
                return Verdict(refusal=after)
            record_step(tx, after, request_id=request_id, content=content, guide=guide)
            campaign = tx.vouchers.campaign(after.campaign_id)
            return Verdict(redemption=after, campaign=campaign, repeated=after == before)

        return self._published(await self._store.write(story))

    def _judge(self, reader: Reader, guide: Session, offer: Offer, now: datetime) -> Verdict:
        def by_code(code: str) -> Member | Refusal:
            return self._member_codes.find(reader, code, guide.id, now)

        presented = present(reader, offer, self._place, now, by_code)
        if isinstance(presented, Refusal):
            return Verdict(refusal=presented)
        decision = rules.decide(presented, hold=self._hold)
        known = Verdict(voucher=presented.voucher, campaign=presented.campaign)
        if isinstance(decision, Refusal):
            return replace(known, refusal=decision)
        return replace(known, redemption=decision)

    def _expire(self, tx: Transaction, now: datetime) -> list[Redemption]:
        """Reservations that have run out no longer hold their use."""
        ended = [rules.expire(u, now) for u in tx.redemptions.lapsed(now, LAPSED_AT_ONCE)]
        for use in ended:
            record_step(tx, use, request_id=new_id(), content="", guide=None)
        return ended

    def _barred(self, guide: Session, now: datetime) -> Verdict | None:
        until = self._guesses.barred_until(guide.id, now)
        if until is None:
            return None
        return Verdict(refusal=Refusal(reason=Reason.TOO_MANY_TRIES, from_at=until))

    def _note(self, guide: Session, verdict: Verdict, now: datetime) -> None:
        if verdict.refusal is not None and verdict.refusal.reason in WRONG:
            self._guesses.wrong(guide.id, now)

    def _published(self, verdict: Verdict) -> Verdict:
        if verdict.redemption is not None and not verdict.repeated:
            self._feed.publish(RedemptionChanged(redemption=verdict.redemption))
        return verdict


def _repeated(tx: Transaction, request_id: str, content: str) -> Verdict | None:
    """The answer that a request had before: the use as that step left it."""
    done = tx.redemptions.step(request_id)
    if done is None:
        return None
    use = tx.redemptions.get(done.redemption_id)
    if use is None or done.content != content:
        raise Conflict("this request id was used for something else; take a new one")
    answered = replace(use, state=done.state, changed_at=done.at)
    campaign = tx.vouchers.campaign(use.campaign_id)
    return Verdict(redemption=answered, campaign=campaign, repeated=True)
