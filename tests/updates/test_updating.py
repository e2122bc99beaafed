"""Real updates of small releases: taken, not taken, taken back, cut off at every step."""

from __future__ import annotations

import pytest
from updates.apart import ON_THE_NEW_ONE
from updates.conftest import Machine, Publisher, offer
from updates.small import (
    DOES_NOT_UNDERSTAND_THE_CONFIGURATION,
    FALLS_AT_START,
    LOSES_THE_DATABASE,
    Change,
    migrating,
)

JOIN = (
    "INSERT INTO members VALUES ('{id}', 'Ana', NULL, NULL, 'en', NULL, '[]', '[]', 0, "
    "'2026-03-01T09:00:00.000000Z', '2026-03-01T09:00:00.000000Z', 'ana', NULL, NULL)"
)
GROWS = migrating("growth", "CREATE TABLE favours (id TEXT PRIMARY KEY) STRICT")
BREAKS = migrating("trouble", "DROP TABLE notes")


def test_a_release_is_taken_and_can_be_given_back(publisher: Publisher, shop: Machine) -> None:
    offer(publisher, shop, "1.1.0", GROWS)
    assert shop.outcome("apply", publisher.folder) == ("updated", "")
    assert shop.version == "1.1.0"
    assert shop.pointed == ("1.1.0",) * 3
    shop.write(JOIN.format(id="m1"))
    assert shop.outcome("rollback") == ("withdrawn", "")
    assert shop.version == "1.0.0"
    assert shop.pointed == ("1.0.0",) * 3
    assert shop.rows("SELECT id FROM members") == [("m1",)]
    again = shop.update("when due", publisher.folder)
    assert again is not None
    assert "did not run well here" in again["why_not"]


@pytest.mark.parametrize(
    ("changes", "outcome", "because"),
    [
        (FALLS_AT_START, "rolled_back", "the gateway does not start"),
        (LOSES_THE_DATABASE, "rolled_back", "the database does not answer"),
        (DOES_NOT_UNDERSTAND_THE_CONFIGURATION, "not_staged", ""),
    ],
    ids=["falls at start", "loses the database", "does not understand the configuration"],
)
def test_a_sick_release_is_taken_back_by_itself(
    publisher: Publisher,
    shop: Machine,
    changes: tuple[Change, ...],
    outcome: str,
    because: str,
) -> None:
    if outcome == "not_staged":
        shop.config.write_text(shop.config.read_text() + 'closes = "04:00"\n')
    offer(publisher, shop, "1.1.0", changes)
    for tried in (1, 2):
        ended = shop.outcome("when due", publisher.folder)
        assert (ended[0], because in ended[1]) == (outcome, True), ended
        assert shop.version == "1.0.0"
        assert shop.pointed == ("1.0.0",) * 3
        assert shop.journal.read().failures == {"1.1.0": tried}
    third = shop.update("when due", publisher.folder)
    assert third is not None
    assert "did not run well here 2 times" in third["why_not"]


def test_data_that_the_release_before_could_not_read_are_put_back(
    publisher: Publisher, shop: Machine
) -> None:
    """And what came in between is named, and lies beside."""
    shop.write(JOIN.format(id="m1"))
    offer(publisher, shop, "1.1.0", BREAKS + LOSES_THE_DATABASE)
    outcome, because = shop.outcome("apply", publisher.folder)
    assert outcome == "rolled_back"
    assert "nothing had come since" in because
    assert shop.version == "1.0.0"
    assert shop.rows("SELECT id FROM members") == [("m1",)]
    assert shop.rows("SELECT count(*) FROM notes") == [(0,)]
    assert (shop.data / "regulars.db.before").exists()
    assert not (shop.data / "update-held").exists()


def test_killed_before_any_step_it_is_the_one_release_or_the_other(
    publisher: Publisher, shop: Machine
) -> None:
    """Killed, and brought to an end by the next that comes: the whole machine is of one release,
    the gateway answers, no copy of anybody's data is left behind, and nothing is lost.
    """
    shop.write(JOIN.format(id="m1"))
    offer(publisher, shop, "1.1.0", BREAKS)
    seen = set()
    for step in range(20):
        if shop.update("apply", publisher.folder, die_before=step) is not None:
            break
        phase = shop.journal.read().phase
        seen.add(phase)
        shop.update("recover")
        committed = phase == "committing"
        assert shop.version == ("1.1.0" if committed else "1.0.0"), (step, phase)
        assert shop.pointed == (shop.version,) * 3, (step, phase)
        assert shop.journal.read().phase == "idle"
        assert not (shop.data / "update-held").exists()
        assert shop.rows("SELECT id FROM members") == [("m1",)]
        if committed:
            break
    assert seen == {"idle", "staging", "holding", "switching", "committing"}


def test_a_power_cut_after_the_switch_leads_back_before_the_gateway_starts(
    publisher: Publisher, shop: Machine
) -> None:
    offer(publisher, shop, "1.1.0", GROWS)
    assert shop.update("apply", publisher.folder, die_before=ON_THE_NEW_ONE) is None
    assert (shop.version, shop.journal.read().phase) == ("1.1.0", "switching")
    shop.power_cut()
    assert shop.update("boot") is not None
    assert shop.version is None
    shop.systemctl("start")
    assert shop.version == "1.0.0"
    assert shop.pointed == ("1.0.0",) * 3
