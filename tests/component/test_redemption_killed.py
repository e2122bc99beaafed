"""A gateway killed at any step of any redemption: nothing acknowledged is lost, nothing is done
twice, and the same requests sent again are answered as they were."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path

import numpy as np
from component.counter import open_counter, recounted
from component.store_values import Clock
from component.test_durability import integrity, run_and_kill

from edge import contract
from edge.domain import RedemptionState
from edge.store import Reader, Store

KILLS = 8

# Eight phones take their codes through reserve, commit or release, reverse, and name each step
# once it is acknowledged. Request ids follow from code and step, so a program that is started
# again sends the same requests again.
PHONES = (
    f"""
import sys
sys.path.insert(0, {str(Path(__file__).parents[1])!r})
"""
    + """
import asyncio
from datetime import UTC, datetime
from pathlib import Path
from component.counter import Counterpart
from component.flows_shop import MANAGER
from edge.flows.presenting import Offer
from edge.store import Store
from unit.voucher_values import a_campaign, an_issued

CODES = 400
clock = lambda: datetime.now(UTC)

def said(step, code, verdict):
    use = verdict.redemption
    print(step, code, use.id if use else verdict.refusal.reason, flush=True)
    return use

async def phone(flow, codes):
    for code in codes:
        offer = Offer(code=str(code))
        one_step = code % 2
        use = await flow.redeem(MANAGER, f"{code}-r", offer, reserve=not one_step)
        use = said("redeemed" if one_step else "reserved", code, use)
        if not one_step:
            said("committed", code, await flow.commit(MANAGER, f"{code}-c", use.id))
        if code % 4 == 0:
            said("reversed", code, await flow.reverse(MANAGER, f"{code}-u", use.id))

async def main():
    async with Store.open(Path(sys.argv[1]), clock) as store:
        counter = Counterpart(store=store, clock=clock)
        campaign = a_campaign()
        issued = [an_issued(campaign, id=f"v{n}", code=str(n)) for n in range(CODES)]
        await counter.issue(campaign, *issued)
        print("open", flush=True)
        await asyncio.gather(*[
            phone(counter.redemptions, range(first, CODES, 8)) for first in range(8)
        ])
        print("all", flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""
)


async def test_kill_minus_nine_at_every_step_loses_nothing_and_doubles_nothing(
    tmp_path: Path,
) -> None:
    state = tmp_path / "state"
    said: set[str] = set()
    rng = np.random.default_rng(5)
    for after in rng.integers(2, 250, size=KILLS):
        said |= await asyncio.to_thread(run_and_kill, PHONES, state, int(after))
        async with Store.open(state, Clock()) as store:
            await store.read(partial(compare, said=said))
        assert integrity(state) == "ok"
    assert sum(line.startswith(("redeemed", "committed")) for line in said) > KILLS


def compare(reader: Reader, said: set[str]) -> None:
    uses = {use.voucher_id: use for use in reader.redemptions.of_campaign("cone")}
    everything = list(reader.redemptions.of_campaign("cone"))
    assert len(everything) == len(uses), "a voucher was redeemed twice"
    acknowledged: dict[str, dict[str, str]] = {}
    for line in said - {"open", "all"}:
        step, code, use_id = line.split()
        acknowledged.setdefault(f"v{code}", {})[step] = use_id
    for voucher_id, steps in acknowledged.items():
        use = uses[voucher_id]
        assert set(steps.values()) == {use.id}, "a request was answered differently"
        if "reversed" in steps:
            assert use.state is RedemptionState.REVERSED, "an acknowledged undo is lost"
        elif steps.keys() & {"redeemed", "committed"}:
            reached = (RedemptionState.COMMITTED, RedemptionState.REVERSED)
            assert use.state in reached, "an acknowledged redemption is lost"
    told = [out.message for out in reader.outbox.pending(100_000)]
    committed = [
        message.redemption_id
        for message in told
        if isinstance(message, contract.RedemptionChanged)
        and message.state is RedemptionState.COMMITTED
    ]
    made = [use.id for use in everything if use.state is not RedemptionState.RESERVED]
    assert sorted(committed) == sorted(made), "a use and its message came apart"
    counted = recounted(reader, "cone")
    if counted:
        assert reader.redemptions.tally("campaign", "cone") == counted["campaign:cone"]


async def test_a_cancelled_request_may_be_sent_again(tmp_path: Path) -> None:
    """The phone's line broke; whether the use was taken is known by asking the same again."""
    async with open_counter(tmp_path / "state") as counter:
        await counter.issue()
        for _ in range(20):
            asking = asyncio.ensure_future(counter.redeem(request="r1"))
            await asyncio.sleep(0)
            asking.cancel()
        use = await counter.used(request="r1")
        held = await counter.store.read(lambda r: r.redemptions.of_voucher("v1"))
        assert held == [use]
