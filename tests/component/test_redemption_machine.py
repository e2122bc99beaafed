"""No sequence of reserve, commit, release, reverse, crash and retry redeems more than granted."""

from __future__ import annotations

import asyncio
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from component.counter import CAP, Counterpart, open_counter, recounted
from component.flows_shop import GUIDE, MANAGER
from component.store_values import Clock
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule
from unit.voucher_values import a_campaign, an_issued

from edge import contract
from edge.domain import Lease, Redemption, RedemptionState, new_id
from edge.flows.presenting import Offer
from edge.flows.redemptions import Verdict
from edge.store import Reader

USES = 1
TOTAL = 3
LEASED = 2
CAMPAIGN = a_campaign(stores=("lyon-1", "lyon-2"), uses=USES, total=TOTAL)
CODES = ("11111111", "22222222", "33333333", "44444444")
WORDS = st.sampled_from(("commit", "release", "reverse"))
SESSIONS = st.sampled_from((GUIDE, MANAGER))


class Counter(RuleBasedStateMachine):
    """Four vouchers of one use, a limit of three, a lease of two, a cap of two."""

    uses = Bundle("uses")

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = tempfile.TemporaryDirectory()
        self.clock = Clock()
        self.asked: dict[str, tuple[tuple[Any, ...], Verdict]] = {}
        self.open()
        vouchers = [an_issued(CAMPAIGN, id=f"v{code}", code=code) for code in CODES]
        self.run(self.counter.issue(CAMPAIGN, *vouchers))

    def run(self, work: Any) -> Any:
        return self.runner.run(work)

    def open(self) -> None:
        async def begin() -> Counterpart:
            self.stack = AsyncExitStack()
            opened = open_counter(Path(self.folder.name), self.clock)
            return await self.stack.enter_async_context(opened)

        self.counter = self.run(begin())

    def teardown(self) -> None:
        self.run(self.stack.aclose())
        self.runner.close()
        self.folder.cleanup()

    def ask(self, request_id: str, question: tuple[Any, ...]) -> Verdict:
        """Send a request; what was done is remembered under its id."""
        word, session, subject = question
        flow = self.counter.redemptions
        if word in ("redeem", "reserve"):
            offer = Offer(code=subject)
            work = flow.redeem(session, request_id, offer, reserve=word == "reserve")
        else:
            work = getattr(flow, word)(session, request_id, subject)
        verdict: Verdict = self.run(work)
        if verdict.redemption is not None:
            self.asked.setdefault(request_id, (question, verdict))
        return verdict

    @rule(target=uses, code=st.sampled_from(CODES), word=st.sampled_from(("redeem", "reserve")))
    def take(self, code: str, word: str) -> Redemption | None:
        return self.ask(new_id(), (word, GUIDE, code)).redemption

    @rule(use=uses, word=WORDS, session=SESSIONS)
    def go_on(self, use: Redemption | None, word: str, session: Any) -> None:
        if use is not None:
            self.ask(new_id(), (word, session, use.id))

    @rule(data=st.data())
    def retry(self, data: st.DataObject) -> None:
        """The answer was lost on the way, or the phone sends it again a day later."""
        if self.asked:
            request_id = data.draw(st.sampled_from(sorted(self.asked)))
            question, before = self.asked[request_id]
            again = self.ask(request_id, question)
            assert again.repeated
            assert again.redemption == before.redemption

    @rule(seconds=st.integers(0, 900))
    def wait(self, seconds: int) -> None:
        self.clock.move(seconds=seconds)

    @rule(seconds=st.integers(1, 900))
    def set_the_clock_back(self, seconds: int) -> None:
        self.clock.move(seconds=-seconds)

    @rule()
    def sweep(self) -> None:
        self.run(self.counter.redemptions.sweep())

    @rule()
    def crash(self) -> None:
        self.run(self.stack.aclose())
        self.open()

    @rule()
    def grant(self) -> None:
        """Headquarters says the same again, too."""
        now = self.clock()
        end = now.replace(year=now.year + 1)
        lease = Lease(id="l1", campaign_id="cone", uses=LEASED, granted_at=now, expires_at=end)
        self.run(self.counter.reconciliation.grant([lease]))

    @invariant()
    def nothing_is_redeemed_beyond_what_was_granted(self) -> None:
        counted = self.run(self.counter.store.read(lambda r: recounted(r, "cone")))
        limits = {f"voucher:v{code}": USES for code in CODES}
        limits |= {"campaign:cone": TOTAL, "lease:l1": LEASED, "unleased:True": CAP}
        for subject, limit in limits.items():
            assert subject not in counted or counted[subject].uses <= limit, subject

    @invariant()
    def the_tallies_are_what_the_uses_add_up_to(self) -> None:
        self.run(self.counter.store.read(self.compare))

    def compare(self, reader: Reader) -> None:
        counted = recounted(reader, "cone")
        zero = reader.redemptions.tally("nothing")
        tally = reader.redemptions.tally
        assert tally("campaign", "cone") == counted.get("campaign:cone", zero)
        assert tally("unleased", "cone") == counted.get("unleased:True", zero)
        assert tally("lease", "l1") == counted.get("lease:l1", zero)

    @invariant()
    def headquarters_hears_of_each_use_as_it_stands(self) -> None:
        self.run(self.counter.store.read(self.overheard))

    def overheard(self, reader: Reader) -> None:
        told: dict[str, list[RedemptionState]] = {}
        for outgoing in reader.outbox.pending(10_000):
            assert isinstance(outgoing.message, contract.RedemptionChanged)
            told.setdefault(outgoing.message.redemption_id, []).append(outgoing.message.state)
        for use in reader.redemptions.of_campaign("cone"):
            expected = {
                RedemptionState.COMMITTED: [RedemptionState.COMMITTED],
                RedemptionState.REVERSED: [RedemptionState.COMMITTED, RedemptionState.REVERSED],
            }
            assert told.get(use.id, []) == expected.get(use.state, [])


TestCounter = Counter.TestCase
TestCounter.settings = settings(
    max_examples=25,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
