"""How soon a process that ended is started again."""

from __future__ import annotations

from edge.child.keeping import restart_delay_s


def test_a_process_that_keeps_dying_is_started_less_and_less_often() -> None:
    delays = [restart_delay_s(failures) for failures in range(1, 12)]
    assert delays[0] == 0.0
    assert delays == sorted(delays)
    assert delays[-1] == 30.0
