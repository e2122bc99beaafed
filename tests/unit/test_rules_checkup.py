"""What the doctor makes of the facts: a wrong grade would hide trouble, or cry wolf."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.domain.keys import Sealing
from edge.rules import checkup
from edge.rules.certificate import is_due, is_late
from edge.rules.checkup import Finding, Grade, worst
from edge.rules.clock import MADE_AT, TOLERANCE

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
GREEN, YELLOW, RED = Grade


def lasting(days: int) -> tuple[datetime, datetime]:
    """Begin and end of a certificate of ninety days that has so many left."""
    return NOW - timedelta(days=90 - days), NOW + timedelta(days=days)


@pytest.mark.parametrize(
    ("finding", "grade"),
    [
        (checkup.gateway(True, False), GREEN),
        (checkup.gateway(True, True), YELLOW),
        (checkup.gateway(False, False), RED),
        (checkup.device("camera", "door", "live", ""), GREEN),
        (checkup.device("camera", "door", "connecting", ""), YELLOW),
        (checkup.device("camera", "door", "stalled", "no picture for 5 s"), RED),
        (checkup.device("scanner", "till", "offline", "not plugged in"), RED),
        (checkup.face_matching(None), GREEN),
        (checkup.face_matching("privacy.profile is off"), YELLOW),
        (checkup.disk(50_000_000_000), GREEN),
        (checkup.disk(4_000_000_000), YELLOW),
        (checkup.disk(400_000_000), RED),
        (checkup.clock(True, NOW, MADE_AT), GREEN),
        (checkup.clock(False, NOW, NOW + TOLERANCE), YELLOW),
        (checkup.clock(None, NOW, MADE_AT), YELLOW),
        (checkup.clock(True, NOW, NOW + timedelta(hours=1)), RED),
        (checkup.clock(None, MADE_AT - timedelta(days=300), MADE_AT), RED),
        (checkup.firewall(True), GREEN),
        (checkup.firewall(False), RED),
        (checkup.database(None), GREEN),
        (checkup.database("is damaged"), RED),
        (checkup.outbox(5, 0, NOW - timedelta(minutes=5), NOW), GREEN),
        (checkup.outbox(5, 0, NOW - timedelta(hours=2), NOW), YELLOW),
        (checkup.outbox(0, 1, None, NOW), YELLOW),
        (checkup.copies(NOW - timedelta(hours=30), NOW), GREEN),
        (checkup.copies(NOW - timedelta(hours=60), NOW), RED),
        (checkup.copies(None, NOW), RED),
        (checkup.no_copies(), YELLOW),
        (checkup.ports([]), GREEN),
        (checkup.ports([3306]), YELLOW),
        (checkup.permissions([]), GREEN),
        (checkup.permissions(["/etc/regulars/regulars.toml"]), RED),
        (checkup.public_certificate(None, None, NOW), YELLOW),
        (checkup.public_certificate(*lasting(31), NOW), GREEN),
        (checkup.public_certificate(*lasting(24), NOW), GREEN),
        (checkup.public_certificate(*lasting(20), NOW), YELLOW),
        (checkup.public_certificate(*lasting(-1), NOW), RED),
        (checkup.key_sealing(Sealing.TPM, opened=True), GREEN),
        (checkup.key_sealing(Sealing.HOST, opened=True), YELLOW),
        (checkup.key_sealing(Sealing.TPM, opened=False), RED),
        (checkup.key_sealing(Sealing.CLEAR, opened=False), RED),
        (checkup.key_sealing(None, opened=False), YELLOW),
        (checkup.key_unreadable("it is damaged"), RED),
        (checkup.claim("https://hq: no answer", waits=True), YELLOW),
        (checkup.claim("another machine has used this claim", waits=False), RED),
    ],
    ids=lambda value: value.check if isinstance(value, Finding) else str(value),
)
def test_each_finding_has_its_grade_and_says_what_to_do_unless_all_is_well(
    finding: Finding, grade: Grade
) -> None:
    assert finding.grade is grade
    assert bool(finding.do) is (grade is not GREEN)
    assert re.fullmatch(r"[a-z]+\.[a-z]+", finding.key)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_phone_has_words_for_each_finding_and_for_what_to_do(language: str) -> None:
    project = Path(__file__).parents[2]
    rules = (project / "edge/rules/checkup.py").read_text(encoding="utf-8")
    locale = project / f"edge/clienteling_api/web/app/locales/{language}.js"
    words = locale.read_text(encoding="utf-8")
    keys = {key.replace("{kind}", "camera") for key in re.findall(r'"([a-z{}]+\.[a-z]+)"', rules)}
    keys |= {key.replace("camera", "scanner") for key in keys}
    assert len(keys) > 30
    well = {key for key in keys if key.endswith(".well")} | {"face.on"}
    needed = [f"doctor.{key}" for key in keys] + [f"doctor.{key}.do" for key in keys - well]
    assert not [key for key in needed if f'"{key}"' not in words]


@given(st.timedeltas(timedelta(days=1), timedelta(days=400)), st.floats(0, 1.2))
def test_a_renewal_is_late_only_after_it_was_due_for_a_twelfth_of_the_life(
    life: timedelta, share: float
) -> None:
    now = NOW + life * share
    if is_late(NOW, NOW + life, now):
        assert is_due(NOW, NOW + life, now - life * (1 / 12 - 1e-6))
    if not is_due(NOW, NOW + life, now):
        assert checkup.public_certificate(NOW, NOW + life, now).grade is GREEN


@given(st.timedeltas(timedelta(days=-400), timedelta(days=400)))
def test_a_certificate_is_renewed_a_month_before_it_ends(left: timedelta) -> None:
    grade = checkup.certificate("certificate", NOW + left, NOW, "renew it").grade
    wanted = RED if left <= timedelta() else YELLOW if left < timedelta(days=30) else GREEN
    assert grade is wanted


@given(st.lists(st.sampled_from(Grade)))
def test_the_worst_is_what_counts(grades: list[Grade]) -> None:
    findings = [Finding(check="x", grade=grade, said="") for grade in grades]
    wanted = RED if RED in grades else YELLOW if YELLOW in grades else GREEN
    assert worst(findings) is wanted
