"""Puts together what an update works on, on the machine of a shop, and lets one at a time at it."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

from edge import durable
from edge.config import Config
from edge.domain import Window
from edge.domain.updates import Progress
from edge.errors import UpdateFailed
from edge.flows.staging import Machine, busy
from edge.flows.updating import Updating
from edge.rules.updates import is_due, is_newer, why_not
from edge.update.journal import Journal
from edge.update.manifest import NEWEST, Manifest, machine
from edge.update.releases import CURRENT, Releases
from edge.update.services import Services
from edge.update.trust import Shelf, Trusted


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Where things are. ``fetched`` is written by a user without rights; nobody believes it."""

    program: Path = Path("/opt/regulars")
    state: Path = Path("/var/lib/regulars-update")
    fetched: Path = Path("/var/lib/regulars-fetch")
    anchor: Path = Path("/etc/regulars/publisher.json")
    lock: Path = Path("/run/lock/regulars-install")
    user: str = "regulars"
    package: Path = Path("/usr/lib/regulars/RELEASE")
    """There where Debian's package was installed, and then apt brings the next release."""

    @property
    def wanted(self) -> Path:
        """Which version is to be fetched."""
        return self.state / "wanted"


class Updates:
    """Updates of one shop's machine, for the command line and the timer."""

    def __init__(
        self, config: Config, file: Path, places: Places, say: Callable[[str], None]
    ) -> None:
        """Raises ``UpdateFailed`` where releases do not come this way."""
        if places.package.exists():
            raise UpdateFailed(
                "Regulars is here as Debian's package, and the next package brings it up to date: "
                "sudo apt install ./regulars_*.deb"
            )
        self._config, self._places = config, places
        self._services = Services(user=places.user, config=file)
        self._machine = Machine(
            releases=Releases(places.program),
            journal=Journal(places.state),
            services=self._services,
            port=config.api.loopback_port,
            clock=lambda: datetime.now(UTC),
            say=say,
        )

    @property
    def progress(self) -> Progress:
        """What is known of updates here. Raises ``UpdateFailed``."""
        return self._machine.journal.read()

    @property
    def running(self) -> str:
        """The version that the gateway runs: the name of its release but for the last part."""
        return self._machine.releases.name(CURRENT).rpartition("-")[0]

    def is_due(self, at: datetime) -> bool:
        """Whether this shop's moment has come."""
        updates, store = self._config.updates, self._config.store
        window = Window(
            opens=time.fromisoformat(updates.opens), closes=time.fromisoformat(updates.closes)
        )
        return is_due(window, store.id, at, ZoneInfo(store.timezone))

    def wanted(self) -> str | None:
        """The version that this shop is to take: the one that headquarters names, where there is
        one, else the newest. None where headquarters names none. Raises ``UpdateFailed``.
        """
        if self._config.headquarters.url is None:
            return NEWEST
        return busy(self._machine, self._machine.releases.name(CURRENT)).wanted

    def offered(self, version: str, repository: Path | None) -> tuple[Manifest, Trusted, Shelf]:
        """A release that is offered, verified: of a folder, or of what is fetched now.

        Raises ``UpdateFailed``.
        """
        if repository is None:
            if self._config.updates.source is None:
                raise UpdateFailed(
                    "updates.source is not set; say where releases come from, or name a folder "
                    "with --from"
                )
            self._ask_for(version)
            self._services.fetch()
        shelf = Shelf(repository or self._places.fetched)
        trusted = Trusted(self._places.state / "trust", self._places.anchor, shelf)
        trusted.refresh()
        return trusted.manifest(version, machine()), trusted, shelf

    def _ask_for(self, version: str) -> None:
        """Let whoever fetches know which release; he reads no data of the shop's."""
        self._places.state.mkdir(parents=True, exist_ok=True)
        durable.put(self._places.wanted, version.encode(), 0o644)

    def why_not(self, manifest: Manifest, *, asked: bool) -> str | None:
        """What keeps this release from being taken, or None. ``asked`` where a person wants it:
        then it may have failed here before.
        """
        if asked and is_newer(manifest.version, self.running):
            return None
        return why_not(manifest.version, self.running, self.progress)

    @contextmanager
    def alone(self) -> Iterator[Updating]:
        """The one who may change this machine. Raises ``UpdateFailed`` where somebody else does."""
        lock = os.open(self._places.lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.set_inheritable(lock, True)
            yield Updating(self._machine)
        except BlockingIOError as error:
            raise UpdateFailed(
                "another update or install is running on this machine; wait for it to end"
            ) from error
        finally:
            os.close(lock)
