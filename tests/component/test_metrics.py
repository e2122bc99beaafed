"""What the gateway tells of itself: it moves when something happens, and names nobody."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest
from aiohttp import ClientSession
from component.api_door import DOOR_CAMERA, Door, open_door
from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families

from edge.domain import (
    Candidate,
    Nobody,
    Recognised,
    Role,
    Sighting,
    Stage,
    StageTime,
    VisionLoad,
)
from edge.metrics import Metrics

OPERATIONS = Path(__file__).parents[2] / "docs" / "operations.md"
LOAD = VisionLoad(
    stages={stage: StageTime(runs=4, seconds=0.02) for stage in Stage},
    frames_looked_at=40,
    frames_gated=30,
    faces_detected=9,
    shots_embedded=4,
    frames_waiting=1,
    requests_waiting=0,
    cpu_s=1.5,
    rss_bytes=400_000_000,
)


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[Door]:
    async with open_door(tmp_path) as opened:
        opened.vision.load = LOAD
        yield opened


async def scraped(door: Door) -> str:
    async with ClientSession() as scraper, scraper.get(f"{door.url}/metrics") as response:
        assert response.status == 200
        assert response.content_type == "text/plain"
        assert response.headers["Cache-Control"] == "no-store"
        return await response.text()


def families(text: str) -> dict[str, Metric]:
    """Every metric, named as Prometheus shows it: counters end in ``_total``."""
    return {
        family.name + ("_total" if family.type == "counter" else ""): family
        for family in text_string_to_metric_families(text)
    }


def sighting(*scores: float) -> Sighting:
    now = datetime.now(UTC)
    return Sighting(
        camera_id="door",
        track_id="track-of-a-face",
        first_seen_at=now,
        seen_at=now - timedelta(milliseconds=120),
        shots=3,
        quality=0.9,
        candidates=tuple(
            Candidate(member_id=f"member-number-{n}", score=score) for n, score in enumerate(scores)
        ),
    )


# --- what is measured --------------------------------------------------------------------


async def test_a_scrape_can_be_parsed_and_the_page_names_exactly_what_it_holds(
    door: Door,
) -> None:
    await scraped(door)  # the first request is measured once it is answered
    found = families(await scraped(door))
    rows = re.findall(
        r"^\| `(regulars_\w+)` \| (\w+) \| (.*?) \|", OPERATIONS.read_text("utf-8"), re.MULTILINE
    )
    assert {name: kind for name, kind, _ in rows} == {
        name: family.type for name, family in found.items()
    }
    for name, _, labels in rows:
        used = {label for s in found[name].samples for label in s.labels} - {"le"}
        if found[name].samples:
            assert used == set(re.findall(r"`(\w+)`", labels)), name


async def test_decisions_are_counted_by_outcome_and_nothing_tells_who_was_seen(
    door: Door,
) -> None:
    await door.parts.arrivals.saw(sighting(0.9376251))
    await door.parts.arrivals.saw(sighting(0.2148637))
    text = await scraped(door)
    outcomes = {
        sample.labels["outcome"]: sample.value
        for sample in families(text)["regulars_decisions_total"].samples
    }
    assert outcomes == {"recognised": 1, "below_threshold": 1}
    for secret in ("member-number", "track-of-a-face", "Mei", "0.93762", "0.21486"):
        assert secret not in text


def test_the_score_of_somebody_who_was_not_named_is_kept_nowhere() -> None:
    metrics = Metrics()
    for nobody in Nobody:
        metrics.decided(nobody, timedelta(milliseconds=80))
    assert metrics.decisions == {str(nobody): 1 for nobody in Nobody}
    assert scores_in(metrics) == 0
    metrics.decided(Recognised(member_id="m", score=0.8, margin=0.3), timedelta(milliseconds=80))
    assert scores_in(metrics) == 1


def scores_in(metrics: Metrics) -> float:
    """How many scores the distribution holds."""
    (family,) = [
        family for family in metrics.observed() if family.name == "regulars_recognised_score"
    ]
    return next(s.value for s in family.samples if s.name.endswith("_count"))


def test_a_clock_that_was_set_back_makes_no_negative_latency() -> None:
    metrics = Metrics()
    metrics.decided(Nobody.BELOW_THRESHOLD, timedelta(seconds=-30))
    assert metrics.take_latencies() == (0.0, 0.0)
    assert metrics.take_latencies() is None


async def test_requests_are_measured_by_their_template_and_never_by_their_path(
    door: Door,
) -> None:
    async with door.phone() as phone:
        await phone.get("members/secret-member-id?reason=search")
        await phone.get("nowhere/secret-path")
        await phone.request("SECRETMETHOD", "me")
    text = await scraped(door)
    routes = {
        (sample.labels["route"], sample.labels["status"])
        for sample in families(text)["regulars_http_request_duration_seconds"].samples
    }
    assert ("GET /api/v1/members/{member_id}", "404") in routes
    assert ("unmatched", "404") in routes
    assert "secret" not in text.lower()


# --- who may read it ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "status"), [(None, 401), (Role.GUIDE, 403), (Role.MANAGER, 200)], ids=str
)
async def test_on_the_lan_metrics_are_for_a_managers_session(
    door: Door, role: Role | None, status: int
) -> None:
    headers = {"Authorization": f"Bearer {await door.pair(role)}"} if role else {}
    async with (
        ClientSession(connector=aiohttp.TCPConnector(ssl=False)) as client,
        client.get(f"{door.lan_url}/metrics", headers=headers) as response,
    ):
        assert response.status == status
        assert ("regulars_" in await response.text()) == (status == 200)


async def test_a_guide_may_not_see_the_load(door: Door) -> None:
    async with door.phone(Role.GUIDE) as phone, phone.get("load") as response:
        assert response.status == 403


# --- the last minutes --------------------------------------------------------------------


async def test_the_load_is_empty_at_first_and_then_has_a_point_for_each_sample(
    door: Door,
) -> None:
    async with door.phone() as phone:
        async with phone.get("load") as response:
            empty = await response.json()
        await door.parts.watch.sample()
        await door.parts.arrivals.saw(sighting(0.93))
        await door.parts.watch.sample()
        await door.parts.watch.sample()
        async with phone.get("load") as response:
            full = await response.json()
    assert empty["gateway"]["cores"] == []
    assert [camera["place"] for camera in full["cameras"]] == [DOOR_CAMERA.place]
    assert len(full["cameras"][0]["fps"]) == len(full["vision"]["cores"]) == 2
    assert full["latency_p50_ms"][0] >= 120
    assert full["latency_p50_ms"][1] is None, "nobody was seen between the last two samples"
    assert full["decisions"] == {"recognised": 1}


async def test_counters_of_a_vision_process_that_began_anew_do_not_run_backwards(
    door: Door,
) -> None:
    await door.parts.watch.sample()
    door.vision.load = None
    await door.parts.watch.sample()
    door.vision.load = LOAD
    await door.parts.watch.sample()
    points = list(door.parts.watch.history)
    assert points[0].vision_cores is None
    assert points[1].vision_cores is not None
    assert points[1].vision_cores >= 0


async def test_a_shop_without_face_matching_has_metrics_of_the_gateway_alone(
    tmp_path: Path,
) -> None:
    async with open_door(tmp_path, with_vision=False) as door:
        found = families(await scraped(door))
        async with door.phone() as phone, phone.get("load") as response:
            load = await response.json()
    assert load["cameras"] == []
    processes = found["regulars_process_cpu_seconds_total"].samples
    assert [sample.labels["process"] for sample in processes] == ["gateway"]
