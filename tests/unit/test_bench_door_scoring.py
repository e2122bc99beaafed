"""What an alert is worth: each way to be right or wrong, on a run made by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from edge.bench.scoring import Alert, rates, score
from edge.bench.staging import Walk
from edge.demo.approach import FPS, Approach, truth

LIVE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LIVE_AT = {"door": LIVE, "side": LIVE + timedelta(seconds=1)}


def walk(person: str, start_s: float, *, member: bool = True, camera_id: str = "door") -> Walk:
    approach = Approach(person=person, start_frame=round(start_s * FPS))
    return Walk(camera_id, person, member, truth(approach, 1.3))


def usable_at(walked: Walk) -> datetime:
    frame = walked.truth.usable_frame
    assert frame is not None
    return LIVE_AT[walked.camera_id] + timedelta(seconds=frame / FPS)


def alert(walked: Walk, after_s: float, *, named: str | None = None) -> Alert:
    at = usable_at(walked) + timedelta(seconds=after_s)
    return Alert(walked.camera_id, named or walked.person, at)


def test_latency_runs_from_the_usable_frame_of_the_members_own_camera() -> None:
    one, other = walk("ada", 5), walk("ben", 5, camera_id="side")
    scored = score([one, other], [alert(one, 0.2), alert(other, 0.4)], LIVE_AT)
    assert scored["recognised"] == 2
    assert scored["latency_ms"] == {"p50": 300, "p95": 390, "max": 400}


def test_only_the_first_right_alert_of_an_approach_counts() -> None:
    one = walk("ada", 5)
    scored = score([one], [alert(one, 0.1), alert(one, 0.9)], LIVE_AT)
    assert scored["recognised"] == 1
    assert scored["latency_ms"]["max"] == 100


def test_a_name_for_a_stranger_is_a_stranger_named() -> None:
    one, stranger = walk("ada", 5), walk("sam", 20, member=False)
    scored = score([one, stranger], [alert(stranger, 0.3, named="ada")], LIVE_AT)
    assert scored["strangers_named"] == 1
    assert scored["recognised"] == scored["named_wrongly"] == 0


def test_another_members_name_is_named_wrongly_even_if_the_right_one_follows() -> None:
    one, other = walk("ada", 5), walk("ben", 20)
    alerts = [alert(one, 0.1, named="ben"), alert(one, 0.5)]
    scored = score([one, other], alerts, LIVE_AT)
    assert scored["named_wrongly"] == 1
    assert scored["recognised"] == 1


def test_a_name_at_an_empty_door_is_named_wrongly() -> None:
    one = walk("ada", 5)
    scored = score([one], [Alert("door", "ada", LIVE + timedelta(minutes=3))], LIVE_AT)
    assert scored["named_wrongly"] == 1
    assert scored["recognised"] == 0


def test_a_name_at_another_camera_is_wrong() -> None:
    one, other = walk("ada", 5), walk("ben", 5, camera_id="side")
    wrong = alert(other, 0.1, named="ada")
    assert score([one, other], [wrong], LIVE_AT)["named_wrongly"] == 1


def test_side_by_side_each_gets_their_own_name() -> None:
    one, other = walk("ada", 5), walk("ben", 5)
    scored = score([one, other], [alert(one, 0.1), alert(other, 0.1)], LIVE_AT)
    assert scored["recognised"] == 2
    assert scored["named_wrongly"] == 0


def test_nobody_recognised_has_no_latency() -> None:
    scored = score([walk("sam", 5, member=False)], [], LIVE_AT)
    assert scored["latency_ms"] == {"p50": None, "p95": None, "max": None}
    assert scored["approaches"] == scored["strangers"] == 1


def test_rates_count_approaches_also_of_somebody_who_comes_again() -> None:
    walks = [walk("ada", 5), walk("ada", 20), walk("sam", 40, member=False)]
    counted = rates(walks, [alert(walks[1], 0.2), alert(walks[1], 0.4)], LIVE_AT)
    assert (counted.members, counted.recognised, counted.tpir) == (2, 1, 0.5)
    assert (counted.strangers, counted.named, counted.fpir) == (1, 0, 0.0)


def test_rates_lay_a_wrong_name_at_whoever_was_there() -> None:
    ada, sam = walk("ada", 5), walk("sam", 20, member=False)
    wrong = [alert(ada, 0.1, named="ben"), alert(sam, 0.1, named="ben")]
    counted = rates([ada, sam], wrong, LIVE_AT)
    assert (counted.recognised, counted.named_wrongly, counted.named) == (0, 1, 1)
    assert counted.fpir == 1.0


def test_rates_do_not_take_a_strangers_own_name_for_a_members() -> None:
    sam = walk("sam", 5, member=False)
    assert rates([sam], [alert(sam, 0.1)], LIVE_AT).fpir == 1.0


def test_rates_count_names_at_an_empty_door() -> None:
    ada = walk("ada", 5)
    late = Alert("door", "ada", LIVE + timedelta(minutes=3))
    counted = rates([ada], [late], LIVE_AT)
    assert (counted.recognised, counted.named_wrongly, counted.named) == (0, 1, 0)


def test_without_members_or_strangers_there_is_no_rate() -> None:
    assert (rates([], [], LIVE_AT).tpir, rates([], [], LIVE_AT).fpir) == (None, None)
