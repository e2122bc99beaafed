"""How the line is called: a round that fails now and then is nobody's concern."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from edge.domain import LineStatus
from edge.rules.line import GRACE, status

NOW = datetime(2026, 3, 1, 14, 5, tzinfo=UTC)
SHORT, LONG = NOW - GRACE / 2, NOW - GRACE


@pytest.mark.parametrize(
    ("in_line_at", "trouble_since_at", "remaining", "expected"),
    [
        (None, None, 0, LineStatus.CONNECTING),
        (None, SHORT, 0, LineStatus.CONNECTING),
        (None, LONG, 0, LineStatus.DOWN),
        (NOW, None, 0, LineStatus.IN_LINE),
        (NOW, SHORT, 0, LineStatus.IN_LINE),
        (NOW, LONG, 0, LineStatus.DOWN),
        (NOW, None, 7, LineStatus.CATCHING_UP),
        (None, SHORT, 7, LineStatus.CATCHING_UP),
        (NOW, LONG, 7, LineStatus.DOWN),
    ],
)
def test_the_line_is_called_by_what_holds_longest(
    in_line_at: datetime | None,
    trouble_since_at: datetime | None,
    remaining: int,
    expected: LineStatus,
) -> None:
    found = status(
        in_line_at=in_line_at, trouble_since_at=trouble_since_at, remaining=remaining, now=NOW
    )
    assert found is expected


def test_a_clock_set_back_does_not_hide_a_line_that_is_down() -> None:
    since = NOW + timedelta(hours=2)
    assert status(in_line_at=NOW, trouble_since_at=since, remaining=0, now=NOW) is LineStatus.DOWN
