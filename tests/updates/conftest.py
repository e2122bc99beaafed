"""A machine of a shop in a folder, a publisher, and an updater that may be killed."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import psutil
import pytest
from ports import free_port
from updates.small import PROJECT, WELL, Change, bundle

from edge.update import manifest, services
from edge.update.bundle import publish
from edge.update.journal import Journal
from edge.update.publishing import Keys, Repository
from edge.update.releases import CURRENT, GOOD, Releases
from edge.update.services import Services

HERE = Path(__file__).parent
PATIENCE_S = 60.0
"""How long a gateway that lives, and its database, may let a test wait."""
CONFIG = """\
[store]
id = "corner"
name = "Corner Shop"
state_dir = "{state}"
[api]
host = "127.0.0.1"
port = {port}
loopback_port = {loopback_port}
announce = false
[updates]
source = "{source}"
"""


class Publisher:
    """Signs releases into a repository in a folder."""

    def __init__(self, folder: Path) -> None:
        self.repository = Repository(folder / "repository")
        self.keys = Keys(folder / "keys", "a passphrase")
        self.keys.make()
        self.repository.begin(self.keys)

    @property
    def folder(self) -> Path:
        return self.repository.folder

    @property
    def anchor(self) -> Path:
        return self.folder / "metadata/1.root.json"

    def add(self, place: Path) -> None:
        publish(place, manifest.machine(), self.repository, self.keys)


class Machine:
    """The machine: its folders under one root, its gateway a real one that a stand-in starts."""

    def __init__(self, root: Path, *, program: Path | None = None) -> None:
        self.root = root
        self.data = root / "data"
        self.places = {
            "program": program or root / "opt",
            "state": root / "state",
            "fetched": root / "fetched",
            "anchor": root / "publisher.json",
            "lock": root / "lock",
        }
        self.opt = self.places["program"]
        self.config = root / "regulars.toml"
        self.standin = root / "standin"
        self.releases = Releases(self.opt)
        self.journal = Journal(self.places["state"])
        self.port, self.loopback_port = free_port(), free_port()

    def begin(self, publisher: Publisher, version: str = "1.0.0") -> None:
        """Install a first release and start its gateway."""
        self.standin.mkdir(parents=True)
        shutil.copy(publisher.anchor, self.places["anchor"])
        self.configure("http://127.0.0.1:9/")
        installer = bundle(self.root, self.opt, version) / "provisioning/install.sh"
        installer.chmod(0o755)
        made = subprocess.run([installer, "--stage"], capture_output=True, check=True)
        for link in (CURRENT, GOOD):
            self.releases.point(link, made.stdout.decode().strip())
        program = self.opt / "current/bin/regulars"
        self._say("service", [str(program), "run", "--config", str(self.config)])
        self._say("fetch", [sys.executable, str(HERE / "apart.py")])
        self.systemctl("start")

    def configure(self, source: str) -> None:
        self.config.write_text(
            CONFIG.format(
                state=self.data, port=self.port, loopback_port=self.loopback_port, source=source
            ),
            encoding="utf-8",
        )

    def update(
        self,
        word: str = "apply",
        repository: Path | None = None,
        *,
        die_before: int | None = None,
    ) -> dict[str, Any] | None:
        """Run the updater; what it answers, or None where it was killed."""
        ended = subprocess.run(
            [sys.executable, HERE / "apart.py"],
            input=self.asked(word, repository, die_before),
            capture_output=True,
            text=True,
            check=False,
            env=self._environment(),
        )
        if ended.returncode == -signal.SIGKILL:
            return None
        assert ended.returncode == 0, ended.stderr
        answer: dict[str, Any] = json.loads(ended.stdout)
        return answer

    def outcome(self, word: str, repository: Path | None = None) -> tuple[str, str]:
        """Run the updater to its end; how it ended, and why."""
        answer = self.update(word, repository)
        assert answer is not None
        assert answer.get("ended"), answer
        return answer["ended"]["outcome"], answer["ended"]["because"]

    def asked(
        self, word: str, repository: Path | None = None, die_before: int | None = None
    ) -> str:
        return json.dumps(
            {
                "places": {name: str(place) for name, place in self.places.items()},
                "config": str(self.config),
                "word": word,
                "repository": str(repository) if repository else None,
                "die_before": die_before,
            }
        )

    def systemctl(self, word: str) -> None:
        subprocess.run(
            [HERE / "systemctl", word, "regulars.service"], env=self._environment(), check=True
        )

    def power_cut(self) -> None:
        """The gateway is gone from one moment to the next."""
        gateway = psutil.Process(int((self.standin / "pid").read_text()))
        gateway.kill()
        with suppress(psutil.NoSuchProcess):
            while gateway.status() != psutil.STATUS_ZOMBIE:
                time.sleep(0.01)

    @property
    def version(self) -> str | None:
        """What answers, if anything does and is well."""
        health = Services(user="root", config=self.config).health(self.loopback_port)
        return health.version if health is not None and health.database == "ok" else None

    @property
    def pointed(self) -> tuple[str, str, str]:
        """The versions that the links mean, and that whose units and rules lie on the machine."""
        names = (self.releases.name(CURRENT), self.releases.name(GOOD))
        files = self.opt / "files"
        told = files.read_text().strip() if files.exists() else names[0]
        one, other, third = (name.rpartition("-")[0] for name in (*names, told))
        return one, other, third

    def rows(self, question: str) -> list[Any]:
        with closing(sqlite3.connect(self.data / "regulars.db", timeout=PATIENCE_S)) as database:
            return database.execute(question).fetchall()

    def write(self, statement: str) -> None:
        place = self.data / "regulars.db"
        with closing(sqlite3.connect(place, timeout=PATIENCE_S)) as database, database:
            database.execute(statement)

    def end(self) -> None:
        self.systemctl("stop")

    def _environment(self) -> dict[str, str]:
        path = f"{HERE}:{os.environ['PATH']}"
        python = f"{PROJECT}:{PROJECT / 'tests'}"
        return {
            **os.environ,
            "PATH": path,
            "STANDIN": str(self.standin),
            "PYTHONPATH": python,
        }

    def _say(self, name: str, words: list[str]) -> None:
        (self.standin / name).write_text("\n".join(words), encoding="utf-8")


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests ask whether a gateway answers, and not how soon."""
    monkeypatch.setattr(services, "ASKS_FOR_S", PATIENCE_S)


@pytest.fixture
def publisher(tmp_path: Path) -> Publisher:
    return Publisher(tmp_path / "publisher")


@pytest.fixture
def shop(tmp_path: Path, publisher: Publisher) -> Iterator[Machine]:
    """A machine on which 1.0.0 runs."""
    there = Machine(tmp_path / "shop")
    there.root.mkdir()
    there.begin(publisher)
    yield there
    there.end()


def offer(
    publisher: Publisher, shop: Machine, version: str, changes: tuple[Change, ...] = WELL
) -> None:
    """Publish a release for this machine."""
    publisher.add(bundle(shop.root, shop.opt, version, changes))
