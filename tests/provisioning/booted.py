"""What every booted machine of the tests can do, whatever boots it: qemu (``machine.py``), or
systemd-nspawn (``container.py``).
"""

from __future__ import annotations

import shlex
import time
from abc import ABC, abstractmethod
from dataclasses import dataclass

from provisioning.debian import Tree

BOOTS = ("systemd-sysv", "dbus", "procps")
"""What a Debian in a folder lacks to boot."""
HTTPS = 8443
UP_S = 180
ALL_IS_WRITTEN = "journalctl --sync"
"""Before what a program said is looked for: it can be over before the journal has read its line."""


@dataclass(frozen=True, slots=True)
class Said:
    """How a command inside ended."""

    status: int
    text: str


class Booted(ABC):
    """A machine that runs."""

    __slots__ = ()

    @property
    @abstractmethod
    def door(self) -> tuple[str, int]:
        """The address and the port at which this machine reaches its port 8443."""

    @abstractmethod
    def run(self, command: str, *, within_s: float = 60) -> Said:
        """Run a command of bash as root; its output is one text, errors among it."""

    @abstractmethod
    def cut_power(self) -> None:
        """As if somebody pulled the plug: nothing on it is asked or told."""

    def patience(self, within_s: float) -> float:
        """How long what takes so long on a shop's machine may take here."""
        return within_s

    def ok(self, command: str, *, within_s: float = 60) -> str:
        """The output of a command that must succeed."""
        said = self.run(command, within_s=within_s)
        assert said.status == 0, f"{command}: {said.text}"
        return said.text

    def until(self, command: str, *, within_s: float = 60) -> str:
        """Run a command again and again until it succeeds."""
        deadline = time.monotonic() + self.patience(within_s)
        while (said := self.run(command)).status != 0:
            assert time.monotonic() < deadline, f"{command}: {said.text}"
            time.sleep(0.2)
        return said.text

    def up(self) -> None:
        """Wait until the gateway says that it is ready, and everything else has started."""
        self.until("systemctl is-active regulars.service", within_s=UP_S)
        started = f"timeout {self.patience(UP_S):.0f} systemctl is-system-running --wait"
        self.ok(f"{started} || true", within_s=UP_S + 30)


def bootable(tree: Tree) -> None:
    """Give a tree what it lacks to boot, and take from it what no two machines may share."""
    add(tree, *BOOTS)
    (tree.root / "etc/machine-id").write_text("")
    (tree.root / "var/lib/dbus/machine-id").unlink(missing_ok=True)
    (tree.root / "etc/hostname").write_text("shop\n")
    said = tree.run("systemctl", "enable", "systemd-networkd.service")
    assert said.returncode == 0, said.stdout


def add(tree: Tree, *packages: str) -> None:
    """Install packages of Debian's in a tree."""
    install = shlex.join(["apt-get", "install", "--yes", "--no-install-recommends", *packages])
    quiet = "export DEBIAN_FRONTEND=noninteractive; apt-get update -qq"
    said = tree.run("sh", "-c", f"{quiet} && {install}", online=True)
    assert said.returncode == 0, said.stdout[-600:]
