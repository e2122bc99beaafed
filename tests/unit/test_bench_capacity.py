"""How many cameras a machine will hold: never more than its bottleneck allows."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from edge.bench.capacity import LOAD, SEARCHES, USUAL, Costs, cameras

ms = st.floats(0.1, 50.0)
costs = st.builds(Costs, decode=ms, gate=ms, detect=ms, embed=ms)


def test_one_thread_that_infers_is_the_limit_of_many_cores() -> None:
    dear_detection = Costs(decode=2.0, gate=0.5, detect=40.0, embed=10.0)
    assert cameras(dear_detection, 4, 1.0) == cameras(dear_detection, 64, 1.0) == 2


def test_decoding_is_the_limit_of_few_cores() -> None:
    dear_decoding = Costs(decode=20.0, gate=0.5, detect=5.0, embed=10.0)
    assert cameras(dear_decoding, 4, USUAL) == 2 * cameras(dear_decoding, 2, USUAL) == 8


@given(costs, st.integers(1, 64))
def test_busier_doors_are_never_more(cost: Costs, cores: int) -> None:
    assert cameras(cost, cores, 1.0) <= cameras(cost, cores, USUAL)


@given(costs, st.integers(1, 64))
def test_the_machine_is_never_promised_away(cost: Costs, cores: int) -> None:
    n = cameras(cost, cores, 1.0)
    assert n * (15 * (cost.decode + cost.gate) + SEARCHES * cost.detect) / 1000 <= LOAD * cores
