"""``python -m hq``: stores come and go, and a NATS server's users with them."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from edge.demo.town import PROJECT, new_database
from edge.sync.credentials import identity


@pytest.fixture
async def hq(postgres: str, tmp_path: Path) -> Headquarters:
    """The command line on a database and an authority of its own."""
    hq = Headquarters(await new_database(postgres), tmp_path / "authority")
    await asyncio.to_thread(hq, "init", "127.0.0.1", dsn=False)
    return hq


class Headquarters:
    def __init__(self, dsn: str, folder: Path) -> None:
        self._dsn = dsn
        self.folder = folder

    def __call__(self, verb: str, *arguments: str, dsn: bool = True) -> tuple[int, str]:
        where = ["--dsn", self._dsn] if dsn else []
        done = subprocess.run(
            [sys.executable, "-m", "hq", verb, *where, "--folder", str(self.folder), *arguments],
            cwd=PROJECT,
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, " ".join((done.stdout + done.stderr).split())

    @property
    def users(self) -> str:
        return (self.folder / "nats" / "stores.conf").read_text(encoding="utf-8")


async def test_the_servers_users_follow_the_books_and_the_operator_learns_how_to_tell_it(
    hq: Headquarters, tmp_path: Path
) -> None:
    def story() -> None:
        assert hq("admit", "lyon-1", str(tmp_path / "lyon-1")) == (0, "")
        code, said = hq("nats-config", "127.0.0.1")
        assert (code, said) == (0, f"start it with: nats-server -c {hq.folder}/nats/server.conf")
        lyon = identity(tmp_path / "lyon-1")
        assert lyon.store_id == "lyon-1"
        assert lyon.certificate in hq.users
        code, said = hq("admit", "nice-1", str(tmp_path / "nice-1"))
        assert (code, said.rpartition(": ")[2]) == (
            0,
            f"nats-server --signal reload={hq.folder}/nats/nats.pid",
        )
        nice = identity(tmp_path / "nice-1")
        assert nice.certificate in hq.users
        code, said = hq("revoke", "lyon-1")
        assert code == 0
        assert "nats-server --signal reload" in said
        assert lyon.certificate not in hq.users
        assert nice.certificate in hq.users

    await asyncio.to_thread(story)


@pytest.mark.parametrize("store_id", ["Lyon", "lyon.1", "lyon 1", "*", ">", "headquarters", ""])
async def test_an_id_that_no_store_can_have_is_refused_and_nothing_is_written(
    hq: Headquarters, tmp_path: Path, store_id: str
) -> None:
    code, said = await asyncio.to_thread(hq, "admit", store_id, str(tmp_path / "out"))
    assert code == 2
    assert "small letters, digits and hyphens" in " ".join(said.replace("│", " ").split())
    assert not (tmp_path / "out").exists()
