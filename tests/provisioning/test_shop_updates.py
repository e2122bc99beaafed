"""Updates of full size on a shop that runs: real systemd, real units and timer, real wheels, and a
repository that is served. Told in the order of a shop's nights: each test begins where the one
before ended. What a cut at each single step leaves is asked of small releases (``tests/updates``).
"""

from __future__ import annotations

import json
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.client import HTTPException
from pathlib import Path
from typing import Any

import pytest
from component.publisher import served
from provisioning.container import Container
from provisioning.full_size import Publisher, renewed
from provisioning.shop_phone import Phone, paired, stranger
from updates.small import LOSES_THE_DATABASE

WITHIN_S = 600
ASKS_EVERY_S = 0.02
OFTEN = "/etc/systemd/system/regulars-update.timer.d/often.conf"
WINDOW = """\
[updates]
source = "{source}"
opens = "{opens:%H:%M}"
closes = "{closes:%H:%M}"
"""


@dataclass(slots=True)
class Shop:
    """A shop that takes releases by itself: its timer looks every ten seconds, at any hour."""

    machine: Container
    publisher: Publisher
    bundle: Path
    folder: Path
    source: str
    _power: ExitStack = field(default_factory=ExitStack)

    def switch_on(self) -> None:
        self._power = ExitStack()
        self._power.enter_context(self.machine.on())
        self.machine.up()

    def pull_the_plug(self) -> None:
        self.machine.cut_power()
        self._power.close()

    def is_night(self, yes: bool) -> None:
        """Open the window in which it takes releases, or close it.

        Each shop has its own moment in the first three quarters of the window, so that one of
        nearly a day is open since that moment.
        """
        now = datetime.now(UTC)
        opens = now - timedelta(hours=18) if yes else now + timedelta(hours=2)
        closes = opens + timedelta(hours=23, minutes=50) if yes else opens + timedelta(hours=1)
        told = WINDOW.format(source=self.source, opens=opens, closes=closes)
        file = "/var/lib/regulars/regulars.toml"
        self.machine.ok(f"sed -i '/^.updates/,$d' {file} && cat >>{file} <<'E'\n{told}E")

    def publish(self, version: str, *changes: Any) -> None:
        """As ``make bundle`` and ``regulars release add`` do."""
        made = renewed(self.bundle, self.folder, version, changes)
        self.publisher.add(made)
        subprocess.run(["rm", "-rf", made], check=True)

    @property
    def written(self) -> Path:
        """What the machine has written, also while it is off."""
        return self.machine.folder / "written"

    @property
    def journal(self) -> dict[str, Any]:
        place = self.written / "var/lib/regulars-update/journal.json"
        found: dict[str, Any] = json.loads(place.read_bytes()) if place.exists() else {}
        return found

    def until(self, happened: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Wait until the journal of updates says so."""
        deadline = time.monotonic() + WITHIN_S
        while not happened(journal := self.journal):
            assert time.monotonic() < deadline, journal
            time.sleep(0.01)
        return journal

    def ended(self, version: str, outcome: str) -> None:
        """Wait until an update to this version has ended so."""

        def is_over(journal: dict[str, Any]) -> bool:
            last = journal.get("last") or {}
            found = (journal.get("phase"), last.get("version"), last.get("outcome"))
            return found == ("idle", version, outcome)

        self.until(is_over)

    @property
    def runs(self) -> tuple[str, str, str]:
        """What answers, and the releases that are meant by the two links."""
        health = stranger(self.machine).has("GET", "/health")
        links = self.machine.ok("readlink /opt/regulars/current /opt/regulars/good").split()
        one, other = (name.removeprefix("releases/").rpartition("-")[0] for name in links)
        assert health["database"] == "ok"
        return health["version"], one, other

    def seen(self) -> str:
        """What an update that is refused must not change."""
        look = "ls -lR /opt/regulars/releases /etc/systemd/system | sha256sum"
        return self.machine.ok(f"{look}; readlink /opt/regulars/current /opt/regulars/good")

    def refuses(self, words: str, *, within_s: float = 300) -> str:
        """The one line in which an update was refused; nothing has changed and the gateway runs."""
        before, ran = self.seen(), self.runs
        said = self.machine.run(f"regulars update {words}", within_s=within_s)
        assert (self.seen(), self.runs) == (before, ran)
        assert self.journal["phase"] == "idle"
        lines = [line for line in said.text.splitlines() if line and not line.startswith("==>")]
        assert len(lines) <= 2, said.text
        return lines[0]


@pytest.fixture(scope="module")
def shop(
    unpacked: Container, bundle: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Shop]:
    """The shop of the first evening: it runs what was installed, and knows its publisher."""
    folder = tmp_path_factory.mktemp("publisher")
    publisher = Publisher(folder)
    publisher.begin()
    root = unpacked.tree.root
    (root / "etc/regulars/publisher.json").write_bytes(publisher.anchor.read_bytes())
    often = root / OFTEN[1:]
    often.parent.mkdir()
    often.write_text("[Timer]\nOnCalendar=\nOnCalendar=*:*:0/10\nRandomizedDelaySec=0\n")
    with served(publisher.repository, host="0.0.0.0") as address:
        source = f"http://{unpacked.host}:{address.rpartition(':')[2]}"
        shop = Shop(unpacked, publisher, bundle, folder, source)
        shop.switch_on()
        # Links to files that lie below the machine's own layer would copy and sync each of them.
        own = "cp -a /opt/regulars /opt/own && rm -rf /opt/regulars && mv /opt/own /opt/regulars"
        unpacked.ok(f"systemctl stop regulars && {own} && systemctl start regulars", within_s=300)
        shop.is_night(True)
        yield shop
        shop.pull_the_plug()


@pytest.fixture(scope="module")
def manager(shop: Shop) -> Phone:
    """A manager's phone."""
    return paired(shop.machine, "Ana", "manager")


@pytest.fixture(scope="module")
def member_id(manager: Phone) -> str:
    """Somebody whom no update may lose."""
    return str(manager.has("POST", "/members", {"name": "Bo"})["member"]["id"])


class Patience(threading.Thread):
    """A phone that asks all the time; for how long nobody answered it."""

    def __init__(self, phone: Phone) -> None:
        super().__init__()
        self.longest_s = 0.0
        self._phone, self._enough = phone, threading.Event()

    def run(self) -> None:
        answered_at = time.monotonic()
        while not self._enough.is_set():
            try:
                self._phone.has("GET", "/health")
            except (OSError, HTTPException, AssertionError, ValueError):
                continue
            now = time.monotonic()
            self.longest_s, answered_at = max(self.longest_s, now - answered_at), now
            self._enough.wait(ASKS_EVERY_S)

    def __enter__(self) -> Patience:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._enough.set()
        self.join()


def test_a_release_is_taken_in_the_night_while_a_phone_is_connected(
    shop: Shop, manager: Phone, member_id: str, record_testsuite_property: Callable[..., None]
) -> None:
    before = shop.machine.ok("readlink -f /opt/regulars/current").strip()
    with Patience(manager) as patience:
        shop.publish("0.2.0")
        shop.ended("0.2.0", "updated")
    record_testsuite_property("update_gap_ms", round(patience.longest_s * 1000))
    assert shop.runs == ("0.2.0",) * 3
    assert manager.has("GET", f"/members/{member_id}?reason=search")["member"]["name"] == "Bo"
    # What both have alike is there once.
    same = "lib/python3*/site-packages/numpy/__init__.py"
    files = shop.machine.ok(f"stat -c %i {before}/{same} /opt/regulars/current/{same}").split()
    assert len(set(files)) == 1


def test_a_release_that_ails_is_taken_back_by_itself(
    shop: Shop, manager: Phone, member_id: str
) -> None:
    shop.publish("0.3.0", *LOSES_THE_DATABASE)
    # By itself it is tried once more; nothing is to change while this test looks.
    shop.until(lambda journal: journal.get("failures") == {"0.3.0": 2})
    shop.ended("0.3.0", "rolled_back")
    assert "the database does not answer" in shop.journal["last"]["because"]
    assert shop.runs == ("0.2.0",) * 3
    assert manager.has("GET", f"/members/{member_id}?reason=search")["member"]["name"] == "Bo"
    assert "0.3.0 rolled back" in shop.machine.ok("regulars update status")


def test_the_power_goes_in_the_middle_of_building_and_of_switching(
    shop: Shop, manager: Phone, member_id: str
) -> None:
    """Each time it starts with one whole release, and the timer goes on to the next."""
    shop.publish("0.4.0")
    half_built = shop.written / "opt/regulars/releases"
    shop.until(lambda journal: journal.get("version") == "0.4.0" and journal["phase"] == "staging")
    shop.is_night(False)  # what begins after the boot is to wait until this test has looked
    deadline = time.monotonic() + WITHIN_S
    while not list(half_built.glob("0.4.0-*/lib")):
        assert time.monotonic() < deadline
    shop.pull_the_plug()
    assert list(half_built.glob("0.4.0-*/.complete")) == []
    shop.switch_on()
    assert shop.runs == ("0.2.0",) * 3
    assert shop.journal["phase"] == "idle"
    assert shop.machine.run("ls -d /opt/regulars/releases/0.4.0-*").status != 0

    shop.is_night(True)
    shop.until(lambda journal: journal["phase"] == "staging")
    shop.is_night(False)
    shop.until(lambda journal: journal["phase"] == "switching")
    shop.pull_the_plug()
    shop.switch_on()
    assert shop.runs == ("0.2.0",) * 3
    assert shop.journal["last"]["because"] == "it was cut off before it was healthy"
    recovered = shop.machine.run("systemctl is-failed regulars-update-recover.service")
    assert recovered.text.strip() == "inactive"

    shop.is_night(True)
    shop.ended("0.4.0", "updated")
    assert shop.runs == ("0.4.0",) * 3
    assert manager.has("GET", f"/members/{member_id}?reason=search")["member"]["name"] == "Bo"


def test_what_nobody_signed_what_is_older_and_what_has_no_room_change_nothing(shop: Shop) -> None:
    shop.machine.ok("systemctl stop regulars-update.timer")
    ended = "systemctl show regulars-update.service -P ActiveState | grep -qE 'inactive|failed'"
    shop.machine.until(ended, within_s=WITHIN_S)
    shop.machine.ok("cp -a /var/lib/regulars-fetch /media/old")
    assert "0.4.0 is not newer than 0.4.0, which runs" in shop.refuses("apply --from /media/old")

    shop.publish("0.5.0")
    shop.machine.ok(
        "regulars update check && cp -a /var/lib/regulars-fetch /media/new", within_s=300
    )
    assert "older state" in shop.refuses("apply --from /media/old")
    shop.machine.ok(
        "cp -a /media/new /media/changed; printf x "
        "| dd of=$(ls /media/changed/targets/files/*/*.regulars-0.5.0-*) "
        "bs=1 seek=5000 conv=notrunc"
    )
    assert "not what the publisher signed" in shop.refuses("apply --from /media/changed")
    shop.machine.ok(
        "mount -t tmpfs -o size=64m tmpfs /mnt && mkdir /mnt/up /mnt/work && mount -t overlay "
        "-o lowerdir=/opt/regulars,upperdir=/mnt/up,workdir=/mnt/work overlay /opt/regulars"
    )
    assert "MB free" in shop.refuses("apply --from /media/new")
