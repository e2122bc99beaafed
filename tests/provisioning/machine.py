"""A machine that boots a Debian of ``debian.py``, in qemu: real kernel, real systemd, real units.

    disk = image(tree, folder)                      # once; adds a kernel to the tree
    with Machine(disk, folder).on() as machine:     # from the power button to a root shell
        machine.run("systemctl is-active regulars")
        machine.cut_power()                         # what the kernel had not written is gone

It boots by KVM where ``/dev/kvm`` can be used, else by software emulation, some twenty times
slower (``fast()`` says which). Port 8443 of the machine is ``https_port`` of this one, others
by ``forwards``; the machine reaches this one's 127.0.0.1 at 10.0.2.2. ``Machine(disk, folder,
tpm=True)`` gives it a TPM 2.0 (swtpm), whose state stays in ``folder`` from boot to boot: another
folder is another mainboard. ``on(clock="1970-01-02")`` is a battery of the clock that is empty.
``with machine.stick(file)`` plugs a USB stick in while it runs, and pulls it out.
"""

from __future__ import annotations

import base64
import os
import re
import shlex
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from ports import free_port
from provisioning.booted import HTTPS, Booted, Said, add
from provisioning.debian import Tree
from provisioning.monitor import plugged_in

KERNEL = ("linux-image-amd64", "initramfs-tools", "kmod")
"""What a Debian that boots in a container lacks to be a machine. Kernels for clouds have no USB."""
TO_ITS_DISK = ("virtio_pci", "virtio_blk", "ext4")
"""All that its first file system needs: with every driver there is, that alone takes a minute."""
MEMORY_MB = 3072
DISK_GB = 8
HOST = "10.0.2.2"
LOOPBACK = "127.0.0.1"
BOOT_S = 90
MONITOR_S = 60
SLOW, START_S = ("regulars", "regulars-keys", "regulars-stick@"), 900
"""Services that an emulated machine lets start longer: Python alone takes half a minute there."""
ENDS_WITH_US = ("setpriv", "--pdeathsig", "KILL")
EMULATED = 8
"""How much longer software emulation may take."""

# A root shell on a port of its own, apart from network and console: it speaks first. It waits for
# the port itself: systemd gives a device up after 90 s, which an emulated machine may well take.
SHELL_UNIT = """
[Unit]
Description=The root shell of whoever built this machine
[Service]
ExecStartPre=/bin/sh -c 'until test -e /dev/virtio-ports/shell; do sleep 1; done'
ExecStart=/bin/bash --norc -c 'exec <>/dev/virtio-ports/shell >&0 2>/dev/null; echo up; exec bash'
TimeoutStartSec=infinity
Environment=HOME=/root LC_ALL=C.UTF-8
KillMode=process
[Install]
WantedBy=multi-user.target
"""
NETWORK = "[Match]\nType=ether\n[Network]\nDHCP=ipv4\n"


@dataclass(frozen=True, slots=True)
class Disk:
    """A bootable disk: its file, and the kernel that boots it."""

    file: Path
    kernel: Path
    initrd: Path

    def copy(self, folder: Path) -> Disk:
        """Another disk that holds the same, and room for what is written to it."""
        file = folder / "disk"
        subprocess.run(["cp", "--sparse=always", "--reflink=auto", self.file, file], check=True)
        return replace(self, file=file)


def lacks(*, tpm: bool = False) -> str | None:
    """What keeps this machine from booting another one, or None."""
    for tool in ("qemu-system-x86_64", "mkfs.ext4", *(["swtpm"] if tpm else [])):
        if shutil.which(tool) is None:
            return f"the command {tool}"
    if os.uname().machine != "x86_64":
        return "a processor of the kind x86_64, to boot a Debian of this machine's kind"
    return None


@cache
def fast() -> bool:
    """Whether the processor itself runs a machine.

    ``/dev/kvm`` alone does not say so: without the processor's help KVM runs kernels that
    were made for it, and Debian's is not one.
    """
    helps = re.search(r"^flags\s*:.*\b(vmx|svm)\b", Path("/proc/cpuinfo").read_text(), re.M)
    return helps is not None and os.access("/dev/kvm", os.R_OK | os.W_OK)


def image(tree: Tree, folder: Path) -> Disk:
    """Make a disk of a tree that boots, to which a kernel, a network and a root shell are added.

    The tree is not used any further: it is big, and is removed.
    """
    _write(tree.root / "etc/initramfs-tools/conf.d/machine", "MODULES=list\n")
    _write(tree.root / "etc/initramfs-tools/modules", "\n".join(TO_ITS_DISK))
    add(tree, *KERNEL)
    system = tree.root / "etc/systemd"
    (system / "system/tester.service").write_text(SHELL_UNIT)
    (system / "network/lan.network").write_text(NETWORK)
    for unit in () if fast() else SLOW:
        place = system / f"system/{unit}.service.d/emulated.conf"
        _write(place, f"[Service]\nTimeoutStartSec={START_S}\n")
    said = tree.run("systemctl", "enable", "tester.service")
    assert said.returncode == 0, said.stdout
    disk = Disk(folder / "disk", folder / "vmlinuz", folder / "initrd.img")
    for name, place in (("vmlinuz", disk.kernel), ("initrd.img", disk.initrd)):
        shutil.copy(next((tree.root / "boot").glob(f"{name}-*")), place)
    make = ["mkfs.ext4", "-q", "-d", tree.root, disk.file, f"{DISK_GB}G"]
    subprocess.run(make, check=True)
    tree.end()
    return disk


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


@dataclass(slots=True)
class Machine(Booted):
    """One machine with its disk; nothing of it outlives ``on``."""

    disk: Disk
    folder: Path
    tpm: bool = False
    forwards: tuple[int, ...] = (HTTPS,)
    ports: dict[int, int] = field(default_factory=dict)
    """The machine's port to this one's."""
    _qemu: subprocess.Popen[bytes] | None = None
    _shell: socket.socket | None = None

    @property
    def door(self) -> tuple[str, int]:
        """The address and the port of this machine that are its port 8443."""
        return LOOPBACK, self.ports[HTTPS]

    @property
    def console(self) -> str:
        """What it wrote on its serial console since it was switched on."""
        return (self.folder / "console.log").read_text(errors="replace")

    @contextmanager
    def on(self, *, clock: str | None = None) -> Iterator[Machine]:
        """Switch it on and wait for its shell; switched off hard at the end if it still runs.

        ``clock`` is what its battery kept of the time, UTC; the right time unless given.
        """
        with ExitStack() as stack:
            self.ports = {port: free_port() for port in self.forwards}
            mine, its = socket.socketpair()
            stack.callback(mine.close)
            trusted = stack.enter_context(_tpm(self.folder)) if self.tpm else []
            self._qemu = subprocess.Popen(
                [*self._command(its.fileno(), clock), *trusted],
                stdin=subprocess.DEVNULL,
                stderr=stack.enter_context((self.folder / "qemu.log").open("wb")),
                pass_fds=[its.fileno()],
            )
            stack.callback(self.cut_power)
            its.close()
            self._shell = mine
            self._shell.settimeout(self.patience(BOOT_S))
            assert self._line() == "up", self.console[-600:]
            yield self

    def run(self, command: str, *, within_s: float = 60) -> Said:
        """Run a command of bash as root; its output is one text, errors among it."""
        self._ask(command, self.patience(within_s))
        text, status = self._line().rsplit(" ", 1)
        return Said(int(status), base64.b64decode(text).decode(errors="replace"))

    @contextmanager
    def stick(self, file: Path) -> Iterator[None]:
        """A USB stick with what stands in the file, in the machine while the context lasts."""
        with plugged_in(self._monitor, file, self.patience(MONITOR_S)):
            yield

    def cut_power(self) -> None:
        """As if somebody pulled the plug."""
        if self._qemu is not None:
            self._qemu.kill()
            self._qemu.wait()

    def power_off(self) -> None:
        """Shut it down in order, and wait for that."""
        assert self._qemu is not None
        self._ask("systemctl poweroff", self.patience(BOOT_S))  # the shell may go before it answers
        self._qemu.wait(self.patience(BOOT_S))

    def _ask(self, command: str, within_s: float) -> None:
        """Have the shell run a command; what it says of it is a line."""
        assert self._shell is not None
        run = f"timeout {within_s:.0f} bash -c {shlex.quote(command)} </dev/null 2>&1"
        asked = f'told=$({run} | base64 -w 0; echo " ${{PIPESTATUS[0]}}"); echo "$told"\n'
        self._shell.settimeout(within_s + 10)
        self._shell.sendall(asked.encode())

    def _command(self, shell: int, clock: str | None) -> list[str]:
        processor = ("kvm", "host") if fast() else ("tcg", "max")
        doors = "".join(f",hostfwd=tcp:127.0.0.1:{here}-:{its}" for its, here in self.ports.items())
        return [
            *ENDS_WITH_US, "qemu-system-x86_64", "-machine", "q35", "-accel", processor[0],
            "-cpu", processor[1], "-smp", "2", "-m", str(MEMORY_MB),
            "-nodefaults", "-no-reboot", "-display", "none",
            "-kernel", str(self.disk.kernel), "-initrd", str(self.disk.initrd),
            "-append", "root=/dev/vda rw console=ttyS0 quiet systemd.log_target=journal",
            "-drive", f"file={self.disk.file},format=raw,if=virtio,discard=unmap",
            "-netdev", f"user,id=lan{doors}", "-device", "virtio-net-pci,netdev=lan",
            "-device", "virtio-rng-pci",
            "-chardev", f"file,id=console,path={self.folder / 'console.log'}",
            "-serial", "chardev:console",
            "-chardev", f"socket,id=shell,fd={shell}", "-device", "virtio-serial",
            "-device", "virtserialport,chardev=shell,name=shell",
            "-rtc", f"base={clock or 'utc'}", "-device", "qemu-xhci",
            "-qmp", f"unix:{self._monitor},server=on,wait=off",
        ]  # fmt: skip

    @property
    def _monitor(self) -> Path:
        return self.folder / "qmp.sock"

    def patience(self, within_s: float) -> float:
        """An emulated machine takes longer for everything."""
        return within_s if fast() else within_s * EMULATED

    def _line(self) -> str:
        assert self._shell is not None
        heard = b""
        with suppress(TimeoutError):
            while not heard.endswith(b"\n"):
                more = self._shell.recv(1 << 16)
                if not more:
                    break
                heard += more
        assert heard.endswith(b"\n"), f"the shell is gone; {self.console[-600:]}"
        return heard.decode().rstrip("\n")


@contextmanager
def _tpm(folder: Path) -> Iterator[list[str]]:
    """A TPM with its state in the folder; gives what qemu must be told."""
    state, line = folder / "tpm", folder / "tpm.sock"
    state.mkdir(exist_ok=True)
    tpm = subprocess.Popen(
        [*ENDS_WITH_US, "swtpm", "socket", "--tpm2", "--tpmstate", f"dir={state}", "--terminate",
         "--ctrl", f"type=unixio,path={line}"],
    )  # fmt: skip
    try:
        while not line.exists():
            assert tpm.poll() is None, "swtpm did not start"
            time.sleep(0.01)
        yield [
            "-chardev", f"socket,id=tpm,path={line}", "-tpmdev", "emulator,id=tpm0,chardev=tpm",
            "-device", "tpm-tis,tpmdev=tpm0",
        ]  # fmt: skip
    finally:
        tpm.terminate()
        tpm.wait()
        line.unlink(missing_ok=True)
