"""A Debian 12 in a folder: made once by debootstrap, copied for each use, entered by chroot.

A command runs behind mounts, process ids and, where asked for, a network of its own, so that
nothing of it outlives it or reaches out.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

PROJECT = Path(__file__).parents[2]
KEPT = (PROJECT / ".cache" / "debian-12").resolve()
"""Resolved, so that where it is a link a copy is a copy, and no link to what all others share."""
RELEASE = "bookworm"
INCLUDED = "ca-certificates,python3,systemd,udev,iproute2"
WITHIN_S = 900
# The machine's own way to its package indexes.
PASSED_ON = re.compile(r"(SSL_|PIP_CERT|REQUESTS_CA|CURL_CA)|_CA_|_PROXY$|_proxy$")
VOLATILE = re.compile(
    r"var/(cache|log|lib/(apt|dpkg|systemd/deb-systemd-helper-enabled))|etc/(ld\.so\.cache|hosts|"
    r"resolv\.conf|passwd-|group-|shadow-|gshadow-|apt)|usr/share/(info|man)|.*/__pycache__"
)
"""What changes with any package or by entering, and is nobody's configuration."""


@dataclass(frozen=True, slots=True)
class Tree:
    """One Debian; ``root`` is its folder."""

    root: Path

    def run(
        self, *command: str, online: bool = False, before: str = ":"
    ) -> subprocess.CompletedProcess[str]:
        """Run a command as root inside; ``before`` is shell that first runs outside, at its mounts.

        The output is one text, as a technician sees it.
        """
        passed = [f"{k}={v}" for k, v in os.environ.items() if online and PASSED_ON.search(k)]
        script = f"""
            set -e
            root=$1; shift
            mount -t proc proc "$root/proc"
            mount --rbind /dev "$root/dev"
            mount -t tmpfs tmpfs "$root/run"
            mkdir -p "$root/run/lock"
            [ -z "$OFFLINE" ] || ip link set lo up
            {before}
            exec chroot "$root" /usr/bin/env -i HOME=/root LANG=C.UTF-8 \\
                PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@"
        """
        apart = ["--pid", "--fork", "--kill-child", *([] if online else ["--net"])]
        return subprocess.run(
            [
                "unshare",
                "--mount",
                "--propagation",
                _propagation(),
                *apart,
                "sh",
                "-c",
                script,
                "sh",
                str(self.root),
                *passed,
                *command,
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
            timeout=WITHIN_S,
            check=False,
            env={**os.environ, "OFFLINE": "" if online else "yes"},
        )

    def seen(self) -> dict[str, tuple[int, int, int, int]]:
        """Mode, owner, group and size of everything that somebody could miss or find changed."""
        found = {}
        for top in ("etc", "opt", "usr", "var"):
            for path in [self.root / top, *(self.root / top).rglob("*")]:
                name = path.relative_to(self.root).as_posix()
                if not VOLATILE.match(name):
                    at = path.lstat()
                    size = 0 if path.is_dir() else at.st_size
                    found[name] = (at.st_mode, at.st_uid, at.st_gid, size)
        return found

    def end(self) -> None:
        """Remove the folder."""
        subprocess.run(["rm", "-rf", "--one-file-system", self.root], check=True)

    def put(self, files: Sequence[str], place: str) -> None:
        """Copy files of the project into the tree, under ``place``."""
        for name in files:
            there = self.root / place / name
            there.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(PROJECT / name, there)


@cache
def _propagation() -> str:
    """Mounts of our own stay our own; inside a chroot, whose root is no mount, they do anyway."""
    tried = subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False)
    return "private" if tried.returncode == 0 else "unchanged"


def checkout() -> list[str]:
    """The project's files as a clone has them."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    return [name for name in listed.stdout.split("\0") if name and (PROJECT / name).is_file()]


def missing() -> str | None:
    """What keeps this machine from making a Debian in a folder, or None."""
    if os.geteuid() != 0:
        return "root, for chroot"
    for tool in ("debootstrap", "unshare", "ip"):
        if shutil.which(tool) is None:
            return f"the command {tool}"
    return None


def base() -> Path:
    """The Debian that all others are copies of, made where it is not there yet."""
    if (KEPT / ".complete").exists():
        return KEPT
    shutil.rmtree(KEPT, ignore_errors=True)
    KEPT.mkdir(parents=True)
    made = subprocess.run(
        ["debootstrap", "--variant=minbase", f"--include={INCLUDED}", RELEASE, KEPT, _mirror()],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=WITHIN_S,
        check=False,
    )
    assert made.returncode == 0, made.stdout[-600:]
    _reach_the_indexes(KEPT)
    (KEPT / ".complete").touch()
    return KEPT


def copies(folder: Path) -> Callable[[], Tree]:
    """Makes copies of the base below a folder."""
    count = 0

    def copy() -> Tree:
        nonlocal count
        count += 1
        root = folder / f"debian-{count}"
        subprocess.run(["cp", "-a", "--reflink=auto", base().resolve(), root], check=True)
        return Tree(root)

    return copy


def _mirror() -> str:
    """The archive that this machine takes Debian's own packages from."""
    folder = Path("/etc/apt")
    one_line = "\n".join(
        place.read_text()
        for place in (folder / "sources.list", *sorted(folder.glob("sources.list.d/*.list")))
        if place.is_file()
    )
    found = re.findall(rf"^deb (?:\[[^]]*\] )?(\S+) {RELEASE} main\b", one_line, re.MULTILINE)
    for place in sorted(folder.glob("sources.list.d/*.sources")):
        for block in place.read_text().split("\n\n"):
            if re.search(rf"^Suites:.*\b{RELEASE}\b", block, re.MULTILINE):
                found += re.findall(r"^URIs: *(\S+)", block, re.MULTILINE)
    assert found, f"this machine names no archive of Debian {RELEASE}"
    return str(found[0])


def _reach_the_indexes(root: Path) -> None:
    """Let apt and pip inside work as they do outside."""
    for name in ("/etc/resolv.conf", "/etc/hosts", "/etc/pip.conf"):
        if Path(name).exists():
            shutil.copy(name, root / name[1:])
    bundle = "etc/ssl/certs/ca-certificates.crt"
    (root / bundle).unlink(missing_ok=True)
    shutil.copy(Path("/") / bundle, root / bundle)
    (root / "etc/apt/sources.list").unlink(missing_ok=True)
    for name in ("sources.list", "sources.list.d", "apt.conf.d"):
        place = Path("/etc/apt") / name
        if place.is_dir():
            shutil.copytree(place, root / "etc/apt" / name, dirs_exist_ok=True)
        elif place.exists():
            shutil.copy(place, root / "etc/apt" / name)
    shutil.copytree("/usr/share/keyrings", root / "usr/share/keyrings", dirs_exist_ok=True)
