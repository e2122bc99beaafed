"""The demo's first start and every one after it, on the real gateway and vision process."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from edge.app import Gateway, gateway
from edge.config import Config
from edge.demo import store as demo_store
from edge.demo.approach import Approach
from edge.demo.clip import render
from edge.demo.profiles import REGULARS
from edge.demo.regulars import populate
from edge.demo.store import DemoShop
from edge.domain import Member, Role
from edge.errors import ModelError
from edge.store import Reader


class Said:
    """Collects what a progress bar would show."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, int, int]] = []

    def __call__(self, what: str, done: int, total: int) -> None:
        self.lines.append((what, done, total))


def prepare(state_dir: Path, models_dir: Path, said: Said) -> DemoShop:
    return demo_store.prepare(state_dir, models_dir, port=0, loopback_port=0, progress=said)


@pytest.fixture
def demo(tmp_path: Path, models_dir: Path) -> DemoShop:
    """A demo store whose cameras show half a second of an empty shop."""
    (tmp_path / "clips").mkdir()
    for camera_id in ("door", "aisle"):
        nobody: list[Approach] = []
        render(tmp_path / "clips" / f"{camera_id}.mp4", nobody, {}, frames=8, seed=1)
    prepared = prepare(tmp_path, models_dir, Said())
    return DemoShop(config=quiet(prepared.config), portraits=prepared.portraits)


def quiet(config: Config) -> Config:
    """The same shop, not announced to the network that the tests run on."""
    return msgspec.structs.replace(config, api=msgspec.structs.replace(config.api, announce=False))


@pytest.fixture
async def open_demo(demo: DemoShop, models_dir: Path) -> AsyncIterator[Gateway]:
    async with gateway(demo.config, models_dir) as running:
        yield running


async def members(running: Gateway) -> dict[str, tuple[Member, int, int]]:
    """By card number: the member, how many purchases, how many templates."""

    def question(reader: Reader) -> dict[str, tuple[Member, int, int]]:
        found = {}
        for regular in REGULARS:
            member = reader.members.by_card(regular.profile.card_number or "")
            if member is not None:
                bought = len(reader.purchases.of(member.id))
                found[member.card_number or ""] = (
                    member,
                    bought,
                    reader.templates.count_of(member.id),
                )
        return found

    return await running.store.read(question)


def test_clips_that_are_there_are_not_rendered_again(
    demo: DemoShop, tmp_path: Path, models_dir: Path
) -> None:
    said = Said()
    again = prepare(tmp_path, models_dir, said)
    assert not said.lines
    assert [camera.id for camera in again.config.cameras] == ["door", "aisle"]
    assert all(camera.loop for camera in again.config.cameras)


def test_the_demo_may_match_faces_and_takes_recorded_files_only(demo: DemoShop) -> None:
    assert demo.config.privacy.profile == "demo"
    assert demo.config.privacy.why_off() is None
    assert {camera.kind for camera in demo.config.cameras} == {"file"}


def test_without_the_model_files_the_demo_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="models fetch"):
        prepare(tmp_path / "state", tmp_path / "no models", Said())


async def test_every_regular_is_enrolled_once_however_often_the_demo_starts(
    open_demo: Gateway, demo: DemoShop
) -> None:
    said = Said()
    await populate(open_demo, demo, said)
    first = await members(open_demo)
    assert len(first) == len(REGULARS)
    assert said.lines[-1] == ("Enrolling the regulars", len(REGULARS), len(REGULARS))
    assert {templates for _, _, templates in first.values()} == {3}
    assert all(bought > 0 for _, bought, _ in first.values())
    await populate(open_demo, demo, Said())
    assert await members(open_demo) == first


async def test_an_interrupted_first_start_is_continued(open_demo: Gateway, demo: DemoShop) -> None:
    class Interrupted(Exception):
        pass

    def interrupt(what: str, done: int, total: int) -> None:
        if done == 2:
            raise Interrupted

    with pytest.raises(Interrupted):
        await populate(open_demo, demo, interrupt)
    assert len(await members(open_demo)) == 2
    await populate(open_demo, demo, Said())
    assert len(await members(open_demo)) == len(REGULARS)


async def test_who_withdrew_in_the_demo_stays_withdrawn(open_demo: Gateway, demo: DemoShop) -> None:
    await populate(open_demo, demo, Said())
    member, _, _ = (await members(open_demo))["DEMO-0001"]
    (consent,) = await open_demo.enrollment.consents(member.id)
    invitation = await open_demo.pairing.invite(None, "Ada", Role.GUIDE)
    phone = await open_demo.pairing.pair(invitation.code, "a phone")
    await open_demo.enrollment.withdraw(phone.session, consent.id)
    await populate(open_demo, demo, Said())
    _, _, templates = (await members(open_demo))["DEMO-0001"]
    assert templates == 0
    assert len(await open_demo.enrollment.consents(member.id)) == 1
