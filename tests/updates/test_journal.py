"""The story of an update cut anywhere, again and again: the machine ends on one whole release."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.domain import VisionState
from edge.domain.updates import Outcome, Phase
from edge.errors import UpdateFailed
from edge.flows import staging
from edge.flows.staging import Machine
from edge.flows.updating import Updating
from edge.rules.updates import Health
from edge.update.journal import Journal
from edge.update.manifest import Manifest
from edge.update.releases import CURRENT, GOOD, Releases

NOW = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)
MANIFEST = Manifest(version="2.0.0", machine="any", needs_mb=0, packages=[], files={})


class Cut(BaseException):
    """The power is gone."""


class Power:
    """Lasts for so many steps; None for ever."""

    def __init__(self) -> None:
        self.left: int | None = None

    def step(self) -> None:
        if self.left is not None:
            if self.left == 0:
                raise Cut
            self.left -= 1


class Shop:
    """A machine as an update meets it, in a folder; it knows what runs and what the data are.

    ``breaks`` says that the new release makes of the data what the old one cannot read, ``ill``
    what goes wrong with it. Stands in for ``Services``.
    """

    def __init__(self, folder: Path, power: Power, *, breaks: bool, ill: str) -> None:
        self.releases = Releases(folder)
        self.journal = Journal(folder / "state")
        self.power, self.breaks, self.ill = power, breaks, ill
        self.runs: str | None = "old"
        self.data, self.copy = "old", ""
        self.files = "old"
        self.config = folder / "regulars.toml"
        self.build("old")
        for link in (CURRENT, GOOD):
            self.releases.point(link, "old")

    def build(self, name: str) -> None:
        (self.releases.place(name) / "bin").mkdir(parents=True, exist_ok=True)
        (self.releases.place(name) / ".complete").touch()

    def start(self) -> None:
        self.restart()

    def stop(self) -> None:
        self.power.step()
        self.runs = None

    def restart(self) -> str | None:
        self.power.step()
        name = self.releases.name(CURRENT)
        self.runs = name
        if name == "new" and self.ill == "does not start":
            self.runs = None
            return "the gateway does not start"
        assert not (name == "old" and self.data == "broken"), "the old one reads what it cannot"
        if name == "new" and self.breaks:
            self.data = "broken"
        return None

    def health(self, port: int) -> Health | None:
        if self.runs is None:
            return None
        return Health(
            version="2.0.0" if self.runs == "new" else "1.0.0",
            database="unavailable" if self.runs == "new" and self.ill == "unwell" else "ok",
            vision=VisionState.OFF,
            face_matching=False,
        )

    def install(self, installer: Path, word: str) -> str:
        self.power.step()
        if word == "--stage":
            if self.ill == "cannot be built":
                raise UpdateFailed("no such package")
            self.build("new")
            return "new"
        self.files = installer.parent.parent.name
        return ""

    def as_user(self, program: Path, *words: str) -> str:
        self.power.step()
        match words[-1]:
            case "rehearse":
                return '{"breaks":["notes is gone"]}' if self.breaks else '{"breaks":[]}'
            case "busy":
                return '{"reserved":0}'
            case "hold":
                self.copy = self.data
            case "let-go":
                self.copy = ""
            case "put-back" if self.copy:
                self.data, self.copy = self.copy, ""
        return ""


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A gateway of these tests is well from the first moment or never."""
    monkeypatch.setattr(staging, "STEADY_S", 0.0)
    monkeypatch.setattr(staging, "HEALTHY_WITHIN_S", 0.002)
    monkeypatch.setattr(staging, "ASK_EVERY_S", 0.001)
    monkeypatch.setattr(staging, "build", built)


def built(at: Machine, *rest: object) -> str:
    """As the real one, without files to copy: those are the business of ``test_trust``."""
    return at.services.install(at.releases.staging / staging.INSTALLER, "--stage")


def attempt(shop: Shop, work: Callable[[Updating], object]) -> bool:
    """Do a piece of work; whether the power lasted."""
    machine = Machine(
        releases=shop.releases,
        journal=shop.journal,
        services=shop,  # type: ignore[arg-type]
        port=0,
        clock=lambda: NOW,
        say=lambda step: shop.power.step(),
    )
    try:
        work(Updating(machine))
    except Cut:
        shop.runs = None
        return False
    return True


@settings(deadline=None, max_examples=300)
@given(
    cuts=st.lists(st.integers(0, 25), max_size=4),
    breaks=st.booleans(),
    ill=st.sampled_from(["", "", "does not start", "unwell", "cannot be built"]),
)
def test_whatever_is_cut_the_machine_ends_on_one_release(
    cuts: list[int], breaks: bool, ill: str
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        power = Power()
        shop = Shop(Path(folder), power, breaks=breaks, ill=ill)
        lasted = False
        work: Callable[[Updating], object] = lambda update: update.take(MANIFEST, None, None)  # type: ignore[arg-type]  # noqa: E731
        for left in [*cuts, None]:
            power.left = left
            lasted = attempt(shop, work)
            if lasted:
                break
            work = lambda update: update.recover(live=False)  # noqa: E731
        assert lasted
        power.left = None
        whole(shop, "new" if ended_well(shop) else "old")
        assert not (ended_well(shop) and ill)


def ended_well(shop: Shop) -> bool:
    last = shop.journal.read().last
    return last is not None and last.outcome is Outcome.UPDATED


def whole(shop: Shop, release: str) -> None:
    """Everything is of one release, and the data are such that it can read them."""
    if shop.runs is None:
        shop.start()
    assert shop.runs == release
    assert shop.journal.read().phase is Phase.IDLE
    assert shop.releases.name(CURRENT) == shop.releases.name(GOOD) == release
    assert shop.files == release
    assert shop.data == ("broken" if release == "new" and shop.breaks else "old")
    assert shop.copy == ""
    assert not shop.releases.staging.exists()
