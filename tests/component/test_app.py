"""The whole gateway, composed as in a shop: how it starts, what it refuses, what it forgets."""

from __future__ import annotations

import asyncio
import random
import re
import signal
import socket
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import numpy as np
import psutil
import pytest
from numpy.typing import NDArray
from ports import free_port

from edge.app import Gateway, gateway
from edge.config import (
    ApiConfig,
    CameraConfig,
    Config,
    ControllerConfig,
    HeadquartersConfig,
    PrivacyConfig,
    StoreConfig,
)
from edge.demo.approach import FPS, drawn
from edge.demo.clip import render
from edge.demo.figure import Portrait
from edge.demo.people import enrollment_photos, figures_of, photographs
from edge.domain import (
    CameraStatus,
    Language,
    Role,
    Session,
    VisionChanged,
    VisionState,
)
from edge.errors import ConfigError, FaceMatchingOff, ModelError
from edge.rules.profile import Profile
from edge.vision.packs import load
from hq import authority
from hq.footfall import Store
from hq.footfall.https import HttpsSource

BOUND_S = 120.0
GUIDE = Session(
    id="guide",
    guide_name="Ana",
    role=Role.GUIDE,
    device="test",
    token_hash="",
    paired_at=datetime.now(UTC),
    last_used_at=datetime.now(UTC),
)


def shop(state_dir: Path, *clips: Path, face_matching: bool = True) -> Config:
    """A shop whose cameras play each clip once, on ports the system chooses."""
    controller = ControllerConfig(name="Shop Ltd", address="1 Road", contact="hello@shop.example")
    return Config(
        store=StoreConfig(id="test", name="Test Shop", state_dir=str(state_dir)),
        privacy=PrivacyConfig(profile="demo" if face_matching else "off", controller=controller),
        cameras=[
            CameraConfig(id=f"door-{n}", source=str(clip), place="Door", counts="in")
            for n, clip in enumerate(clips)
        ],
        api=ApiConfig(host="127.0.0.1", port=0, loopback_port=0, announce=False),
    )


async def until(condition: Callable[[], bool], what: str) -> None:
    """Wait for a condition, and say what never came."""
    try:
        async with asyncio.timeout(BOUND_S):
            while not condition():  # noqa: ASYNC110, what is waited for is a state, not an event
                await asyncio.sleep(0.05)
    except TimeoutError:
        pytest.fail(f"{what} did not happen within {BOUND_S:g} s")


async def ready(running: Gateway) -> None:
    await until(
        lambda: running.vision is not None and running.vision.state is VisionState.READY,
        "vision becoming ready",
    )


# --- starting --------------------------------------------------------------------------


async def test_a_second_gateway_on_the_same_state_is_refused(tmp_path: Path) -> None:
    config = shop(tmp_path, face_matching=False)
    async with gateway(config, tmp_path):
        with pytest.raises(ConfigError, match="another gateway is running"):
            async with gateway(config, tmp_path):
                pass
    async with gateway(config, tmp_path):
        pass


async def test_an_occupied_port_is_refused_with_its_key(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        config = shop(tmp_path, face_matching=False)
        config = msgspec.structs.replace(config, api=msgspec.structs.replace(config.api, port=port))
        with pytest.raises(ConfigError, match=rf"api\.port: {port} is in use"):
            async with gateway(config, tmp_path):
                pass


async def test_a_missing_model_file_is_refused_at_start(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"\.onnx.*regulars models fetch"):
        async with gateway(shop(tmp_path / "state"), tmp_path / "no-models"):
            pass


def altered_copies(models_dir: Path, folder: Path) -> None:
    """Every model file with its last byte changed."""
    for file in models_dir.glob("*.onnx"):
        content = file.read_bytes()
        (folder / file.name).write_bytes(content[:-1] + bytes([content[-1] ^ 1]))


async def test_an_altered_model_file_is_refused_at_start(tmp_path: Path, models_dir: Path) -> None:
    altered_copies(models_dir, tmp_path)
    with pytest.raises(ModelError, match=r"altered|SHA-256"):
        async with gateway(shop(tmp_path / "state"), tmp_path):
            pass


async def test_without_the_privacy_conditions_no_vision_runs_and_no_face_is_taken(
    tmp_path: Path,
) -> None:
    async with gateway(shop(tmp_path, face_matching=False), tmp_path) as running:
        assert running.vision is None
        children = psutil.Process().children(recursive=True)
        assert not [child for child in children if "edge.vision" in child.cmdline()]
        member = await running.members.create(GUIDE, Profile(name="Ida"))
        with pytest.raises(FaceMatchingOff):
            await running.enrollment.consent(
                GUIDE,
                member.id,
                language=Language.ENGLISH,
                notice_version=running.enrollment.notice(Language.ENGLISH).version,
            )


async def test_headquarters_may_pull_where_the_configuration_says_so(tmp_path: Path) -> None:
    folder, credentials = tmp_path / "authority", tmp_path / "credentials"
    await asyncio.to_thread(authority.make_authority, folder, "127.0.0.1")
    await asyncio.to_thread(authority.issue_store, folder, credentials, "test")
    port = free_port()
    told = HeadquartersConfig(credentials=str(credentials), listen=f"127.0.0.1:{port}")
    config = msgspec.structs.replace(
        shop(tmp_path / "state", face_matching=False), headquarters=told
    )
    context = authority.client_context(folder)
    async with gateway(config, tmp_path), HttpsSource(context) as source:
        page = await source.page(Store(id="test", address=f"https://127.0.0.1:{port}"), 0)
    assert (page.store_id, page.rows, page.remaining) == ("test", [], 0)


# --- trouble ---------------------------------------------------------------------------


async def test_phones_hear_of_a_vision_process_that_dies_and_comes_back(
    tmp_path: Path, models_dir: Path
) -> None:
    async with gateway(shop(tmp_path), models_dir) as running:
        await ready(running)
        with running.feed.subscribe(None, None) as news:
            (child,) = [
                process
                for process in psutil.Process().children(recursive=True)
                if "edge.vision" in process.cmdline()
            ]
            child.send_signal(signal.SIGKILL)
            states = []
            async with asyncio.timeout(BOUND_S):
                while VisionState.READY not in states:
                    event = (await news.next()).event
                    if isinstance(event, VisionChanged):
                        states.append(event.state)
        assert states == [VisionState.RESTARTING, VisionState.READY]


# --- strangers ---------------------------------------------------------------------------

DIM = 128


async def enroll(running: Gateway, portrait: Portrait) -> str:
    """Make the person of a portrait a member who is matched; gives the member's id."""
    member = await running.members.create(GUIDE, Profile(name="Ida"))
    consent = await running.enrollment.consent(
        GUIDE,
        member.id,
        language=Language.ENGLISH,
        notice_version=running.enrollment.notice(Language.ENGLISH).version,
    )
    for photo in enrollment_photos(portrait):
        assert (await running.enrollment.add_photo(GUIDE, consent.id, photo)).accepted
    return member.id


def holds_a_unit_vector(data: bytes) -> bool:
    """Whether any aligned run of 128 floats in the bytes has unit length, as an embedding has."""
    for offset in range(4):
        usable = len(data) - offset - (len(data) - offset) % 4
        with np.errstate(invalid="ignore"):  # bytes that are no numbers
            values = np.frombuffer(data[offset : offset + usable], "<f4").astype(np.float64)
        # What is no component of a unit vector ends a run instead of poisoning the sum.
        squares = np.where(np.isfinite(values) & (np.abs(values) <= 1), values**2, 100.0)
        if len(squares) < DIM:
            continue
        sums = np.convolve(squares, np.ones(DIM), mode="valid")
        tiny = np.convolve((np.abs(values) > 1e-6).astype(float), np.ones(DIM), mode="valid")
        if np.any((np.abs(sums - 1) < 1e-3) & (tiny > DIM * 0.9)):
            return True
    return False


def pictures_in(data: bytes) -> list[str]:
    """Names of the picture formats whose beginnings stand in the bytes."""
    beginnings = {"jpeg": b"\xff\xd8\xff\xe0", "exif": b"\xff\xd8\xff\xe1", "png": b"\x89PNG\r\n"}
    return [name for name, beginning in beginnings.items() if beginning in data]


def files_in(folder: Path) -> set[Path]:
    """Every file below a folder."""
    return {path for path in folder.rglob("*") if path.is_file()}


def test_the_search_for_embeddings_finds_one(tmp_path: Path) -> None:
    vector: NDArray[np.float32] = np.random.default_rng(1).normal(size=DIM).astype(np.float32)
    vector /= np.linalg.norm(vector)
    assert holds_a_unit_vector(b"abc" + vector.tobytes() + b"xyz")
    assert not holds_a_unit_vector(random.Random(1).randbytes(200_000))


@pytest.fixture
def recorded(tmp_path: Path, models_dir: Path) -> tuple[Path, Portrait]:
    """A clip in which a stranger comes, then a member; and the member's portrait."""
    pack = load("yunet-sface", models_dir, [])
    portraits = {p.person: p for p in photographs(pack.detect)}
    member, stranger = portraits["astronaut"], portraits["portrait"]
    rng = random.Random(4)
    approaches = [drawn(rng, stranger.person, 4 * FPS), drawn(rng, member.person, 11 * FPS)]
    clip = tmp_path / "recorded.mp4"
    render(clip, approaches, figures_of([member, stranger]), frames=17 * FPS, seed=4)
    return clip, member


async def test_a_stranger_leaves_no_trace_on_disk_or_in_the_log(
    tmp_path: Path,
    models_dir: Path,
    recorded: tuple[Path, Portrait],
    capfd: pytest.CaptureFixture[str],
) -> None:
    clip, member = recorded
    state_dir, door = tmp_path / "state", tmp_path / "door.mp4"
    async with gateway(shop(state_dir, door), models_dir) as running:
        await ready(running)
        member_id = await enroll(running, member)
        before = files_in(state_dir)
        clip.rename(door)  # nobody comes before vision is ready and the member enrolled
        await until(
            lambda: (
                all(camera.status is CameraStatus.FINISHED for camera in running.vision.cameras)
                if running.vision is not None
                else False
            ),
            "the end of the clip",
        )
        await until(lambda: running.counting.people == 2, "both having passed")
        visits = await running.store.read(lambda reader: reader.visits.all_open())
        counts = running.arrivals.counts
        audit = await running.store.read(lambda reader: reader.audit.tail(100))
        metrics = (await running.watch.text()).decode()
    assert [visit.member_id for visit in visits] == [member_id]
    assert counts.get("below_threshold", 0) > 0, "the stranger was never looked at"
    assert f"regulars_recognised_score_count {counts['recognised']:.1f}\n" in metrics
    assert 'regulars_vision_stage_runs_total{stage="embed"}' in metrics
    assert not {member_id, visits[0].id, "Ida"} & set(re.findall(r"[\w-]+", metrics))
    assert {entry.subject for entry in audit} >= {member_id}
    new = {path.suffix for path in files_in(state_dir) - before}
    assert new <= {".db-wal", ".db-shm", ".db", ".pem"}
    for path in files_in(state_dir):
        data = await asyncio.to_thread(path.read_bytes)
        assert not holds_a_unit_vector(data), path.name
        assert not pictures_in(data), path.name
    captured = capfd.readouterr()
    for word in ("score", "embedding", "candidates", "box", "landmark", "quality", "track"):
        assert word not in captured.out + captured.err
