"""A machine that boots a Debian of ``debian.py`` in a container, at the speed of this machine: real
systemd, real units and their walls, a network card and a firewall of its own.

    shop = Container(tree, folder)          # its disk begins as the tree, which stays as it is
    with shop.on() as machine:              # from the power button to a manager that answers
        machine.run("systemctl is-active regulars")
        machine.cut_power()                 # every process ends at once; the disk stays

It has this machine's kernel and nothing of its devices: what asks for a kernel, for udev, a TPM or
a disk that loses what was not synced boots in qemu (``machine.py``). Both ends of its line are of
one small network: it is reached at ``address``, and reaches this machine at ``host``.
"""

from __future__ import annotations

import ipaddress
import os
import secrets
import select
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import psutil
from provisioning.booted import HTTPS, Booted, Said
from provisioning.debian import Tree, base

TOOLS = ("systemd-nspawn", "nsenter", "unshare", "setpriv", "ip")
BOOT_S = 120
END_S = 120
NETWORK = "[Match]\nType=ether\n[Network]\nAddress={address}/30\nIPv6AcceptRA=no\n"
LAN = Path("etc/systemd/network/lan.network")
SHOPS = ipaddress.ip_network("10.64.0.0/10")
"""Addresses of a shop, as the firewall knows them; each machine takes four of them."""
CONTROLS = ("cgroup", "cgroup2")
WHOLE_SETS = "cpuset"
"""A hierarchy of control groups whose new groups hold no processor, so that nothing can enter."""

# In control groups of its own, so that two machines do not take each other's; with process ids of
# its own, so that what was killed here leaves nothing there; with what nspawn keeps for itself.
# What it writes lies over the tree that it began as, which takes neither time nor room for a copy.
START = """
set -e
for group in $GROUPS_OF_ITS_OWN; do mkdir "$group"; echo $$ >"$group/cgroup.procs"; done
exec unshare --mount --pid --fork --kill-child --mount-proc sh -c '
  set -e
  mkdir -p /run/systemd/nspawn
  mount -t tmpfs tmpfs /run/systemd/nspawn
  mount -t overlay -o "$DISK" overlay "$PLACE"
  exec "$@"' sh "$@"
"""


@dataclass(slots=True)
class Container(Booted):
    """One machine. Its disk is the tree and, over it, what lies in ``folder``: that alone stays."""

    tree: Tree
    folder: Path
    address: str = ""
    host: str = ""
    _name: str = field(default_factory=lambda: f"rg{secrets.token_hex(4)}")
    _nspawn: subprocess.Popen[bytes] | None = None
    _first: int = 0
    """Its process 1, as it is numbered here."""

    def __post_init__(self) -> None:
        network = ipaddress.ip_network((_free_network(), 30))
        self.host, self.address = (str(one) for one in network.hosts())

    @property
    def door(self) -> tuple[str, int]:
        """Its own."""
        return self.address, HTTPS

    @property
    def console(self) -> str:
        """What it wrote on its console since it was switched on."""
        return (self.folder / "console.log").read_text(errors="replace")

    @contextmanager
    def on(self) -> Iterator[Container]:
        """Switch it on and wait for its manager; switched off hard at the end if it still runs."""
        written, work, place = (self.folder / name for name in ("written", "work", "root"))
        for folder in (written / LAN.parent, work, place):
            folder.mkdir(parents=True, exist_ok=True)
        (written / LAN).write_text(NETWORK.format(address=self.address))
        with ExitStack() as stack:
            groups = stack.enter_context(_groups(self._name))
            self._nspawn = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", "sh", "-c", START, "sh", *self._command()],
                stdin=subprocess.DEVNULL,
                stdout=stack.enter_context((self.folder / "console.log").open("wb")),
                stderr=subprocess.STDOUT,
                env={
                    **os.environ,
                    "GROUPS_OF_ITS_OWN": " ".join(map(str, groups)),
                    "DISK": f"lowerdir={self.tree.root},upperdir={written},workdir={work}",
                    "PLACE": str(place),
                },
            )
            stack.callback(self.cut_power)
            self._first = 0  # what was number 1 the last time may be anybody's number now
            self._first = self._until_first()
            self._plug_in()
            self.until("systemctl show --property Version", within_s=BOOT_S)
            yield self

    def run(self, command: str, *, within_s: float = 60) -> Said:
        """Run a command of bash as root; its output is one text, errors among it."""
        done = subprocess.run(
            ["timeout", f"{within_s:.0f}", "nsenter", "--target", str(self._first), "--all",
             "env", "-i", "HOME=/root", "LC_ALL=C.UTF-8",
             "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
             "bash", "-c", command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )  # fmt: skip
        return Said(done.returncode, done.stdout.decode(errors="replace"))

    def cut_power(self) -> None:
        """Every process of it ends at once, and what was written stays, synced or not."""
        if self._nspawn is None or self._nspawn.poll() is not None:
            return
        first = os.pidfd_open(self._first) if self._first else None
        self._nspawn.kill()
        self._nspawn.wait()
        if first is not None:
            select.select([first], [], [], END_S)
            os.close(first)

    def power_off(self) -> None:
        """Shut it down in order, and wait for that."""
        assert self._nspawn is not None
        self.run("systemctl poweroff --no-block")
        self._nspawn.wait(BOOT_S)

    def _command(self) -> list[str]:
        return [
            "systemd-nspawn", "--quiet", "--directory", str(self.folder / "root"),
            "--machine", self._name, "--register=no", "--keep-unit",
            "--network-veth-extra", f"{self._name}:lan", "--boot", "systemd.log_target=journal",
        ]  # fmt: skip

    def _plug_in(self) -> None:
        """Give this machine's end of the line its address, as soon as there is one."""
        end = ["dev", self._name]
        deadline = time.monotonic() + BOOT_S
        for words in (["address", "add", f"{self.host}/30", *end], ["link", "set", *end, "up"]):
            while (done := _ip(*words)).returncode != 0:
                assert time.monotonic() < deadline, done.stderr
                time.sleep(0.01)

    def _until_first(self) -> int:
        """Wait for the process that is number 1 inside."""
        assert self._nspawn is not None
        deadline = time.monotonic() + BOOT_S
        while time.monotonic() < deadline and self._nspawn.poll() is None:
            with suppress(psutil.NoSuchProcess):
                for child in psutil.Process(self._nspawn.pid).children(recursive=True):
                    if _is_first(child.pid):
                        return child.pid
            time.sleep(0.01)
        raise AssertionError(f"it did not boot: {self.console[-600:]}")


def lacks() -> str | None:
    """What is missing here to boot a container, or None."""
    if os.geteuid() != 0:
        return "root, for containers"
    for tool in TOOLS:
        if shutil.which(tool) is None:
            return f"the command {tool}"
    return None


@cache
def refuses(folder: Path) -> str | None:
    """What this machine said when it was to boot a container that ends at once, or None."""
    machine = Container(Tree(base()), folder)
    try:
        with machine.on():
            machine.power_off()
    except (AssertionError, OSError, subprocess.SubprocessError) as error:
        return f"a machine that boots containers; this one says: {error}"
    return None


@contextmanager
def _groups(name: str) -> Iterator[list[Path]]:
    """Where in each hierarchy of control groups the machine lives; removed at the end."""
    mounts = [line.split()[1:4] for line in Path("/proc/self/mounts").read_text().splitlines()]
    roots = [
        Path(place)
        for place, kind, how in mounts
        if kind in CONTROLS and how.startswith("rw") and WHOLE_SETS not in how.split(",")
    ]
    groups = [root / name for root in roots]
    try:
        yield groups
    finally:
        deadline = time.monotonic() + END_S
        for group in groups:
            while group.exists():
                for place, _, _ in os.walk(group, topdown=False):
                    with suppress(OSError):  # what was killed counts until it is collected
                        Path(place).rmdir()
                assert time.monotonic() < deadline, f"{group} is still in use"
                time.sleep(0.01)


def _ip(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["ip", *words], capture_output=True, text=True, check=False)


def _is_first(pid: int) -> bool:
    """Whether a process is number 1 of a namespace inside the one that ``START`` makes."""
    with suppress(OSError, StopIteration):
        status = Path(f"/proc/{pid}/status").read_text().splitlines()
        numbers = next(line for line in status if line.startswith("NSpid:")).split()[1:]
        return len(numbers) == len(_own_numbers()) + 2 and numbers[-1] == "1"
    return False


def _own_numbers() -> list[str]:
    status = Path("/proc/self/status").read_text().splitlines()
    return next(line for line in status if line.startswith("NSpid:")).split()[1:]


def _free_network() -> int:
    """The first address of four that no network card of this machine is in."""
    taken = {address.address for cards in psutil.net_if_addrs().values() for address in cards}
    while True:
        start = int(SHOPS.network_address) + secrets.randbelow(SHOPS.num_addresses // 4) * 4
        network = ipaddress.ip_network((start, 30))
        if taken.isdisjoint(map(str, network)):
            return start
