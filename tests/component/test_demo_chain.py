"""The chain of ``make hq``, faster: three stores in line, one cut off and back, a withdrawal."""

from __future__ import annotations

import asyncio
import io
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import aiohttp
import pytest
from rich.console import Console
from typer.testing import CliRunner

from edge.demo.chain import day, past
from edge.demo.chain.opening import chain
from edge.demo.chain.past import SHOPS, remembered
from edge.demo.chain.screen import picture
from edge.demo.chain.watch import Watch
from edge.demo.town import new_database
from hq.cli import app

WITHIN_S = 90.0


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(day, "EVERY_S", 0.3)
    monkeypatch.setattr(day, "WITHDRAWS_EVERY_S", 4.0)
    monkeypatch.setattr(day, "CUT_AFTER_S", 10.0)
    monkeypatch.setattr(day, "CUT_FOR_S", 3.0)


@pytest.fixture
async def dsn(postgres: str) -> str:
    return await new_database(postgres)


async def until(seen: Callable[[], bool]) -> None:
    async with asyncio.timeout(WITHIN_S):
        while not seen():  # noqa: ASYNC110 - what is watched has no event of its own
            await asyncio.sleep(0.05)


def shown(watch: Watch) -> str:
    console = Console(file=io.StringIO(), width=116, record=True)
    console.print(picture(watch))
    return console.export_text()


async def test_three_stores_come_in_line_and_one_falls_out_and_comes_back(
    dsn: str, tmp_path: Path
) -> None:
    async with chain(dsn, tmp_path) as watch:
        paris, lyon, nice = watch.stores
        for store in watch.stores:
            await until(lambda store=store: store.in_line and store.told > 0)
        await until(lambda: nice.is_cut and nice.waiting > 0)
        assert "cut, heals in" in shown(watch)
        told = nice.told
        await until(lambda: nice.in_line and nice.told > told)
        async with aiohttp.ClientSession() as browser, browser.get(watch.pages) as page:
            assert page.status == 200
        assert (paris.shop.transport, lyon.shop.transport) == ("https", "nats")


async def test_a_withdrawal_reaches_every_store_and_holds_at_the_next_start(
    dsn: str, tmp_path: Path
) -> None:
    async with chain(dsn, tmp_path) as watch:
        await until(lambda: any(len(t.reached) == len(SHOPS) for t in watch.travels))
        gone = next(t for t in watch.travels if len(t.reached) == len(SHOPS))
        assert gone.name in shown(watch)
    for shop in SHOPS:
        regulars = await remembered(shop, tmp_path / shop.id)
        assert len(regulars) == 150
        (member,) = (r for r in regulars if r.member_id == gone.member_id)
        assert member.consent_id is None
    async with chain(dsn, tmp_path) as watch:
        for store in watch.stores:
            await until(lambda store=store: store.in_line)


async def test_it_goes_on_when_everybody_has_withdrawn(
    dsn: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(past, "MEMBERS", 2)
    monkeypatch.setattr(day, "WITHDRAWS_EVERY_S", 0.5)
    async with chain(dsn, tmp_path) as watch:
        await until(lambda: watch.all_withdrew)
        assert "Everybody has withdrawn" in shown(watch)
        told = [store.told for store in watch.stores[:2]]
        for store, before in zip(watch.stores, told, strict=False):
            await until(lambda store=store, before=before: store.told > before + 3)


@pytest.fixture
def reachable() -> AsyncIterator[Path]:
    """A folder that the user to whom PostgreSQL drops root can reach."""
    folder = Path(tempfile.mkdtemp(prefix="regulars-chain-"))
    yield folder
    shutil.rmtree(folder)


def test_ctrl_c_ends_every_process_of_the_chain(reachable: Path) -> None:
    command = [sys.executable, "-m", "edge", "chain", "--state-dir", str(reachable)]
    # Whatever a shell put into the background ignores Ctrl-C, and so do its children.
    command = ["env", "--default-signal=INT", *command]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as running:
        assert running.stderr is not None
        lines = iter(running.stderr.readline, "")
        assert any("in_line" in line for line in lines)
        running.send_signal(signal.SIGINT)
        try:
            _, said = running.communicate(timeout=WITHIN_S)
        except subprocess.TimeoutExpired:
            running.terminate()
            raise
        assert running.returncode == 0
    assert "Everything has ended" in said
    assert "Traceback" not in said
    assert not (reachable / "postgresql" / "postmaster.pid").exists()


def test_only_stores_of_the_invented_chain_get_a_past() -> None:
    said = CliRunner().invoke(app, ["invent", "--dsn", "none", "nowhere-1"])
    assert said.exit_code == 2
    assert "lyon-1" in said.output
