"""A USB stick with a claim, and what a machine that looked at it said."""

from __future__ import annotations

import subprocess
from pathlib import Path

from provisioning.booted import ALL_IS_WRITTEN, UP_S, Booted

TOOLS = ("mkfs.vfat", "mcopy")
STICK_MIB = 64
LOOKED = "journalctl --boot --unit 'regulars-stick@*' --output cat"


def stick(folder: Path, claim: bytes) -> Path:
    """A stick as it is bought, FAT without partitions, with one claim on it."""
    file, put = folder / "stick.img", folder / "regulars-claim-lyon-1.toml"
    put.write_bytes(claim)
    with file.open("wb") as image:
        image.truncate(STICK_MIB << 20)
    for command in (["mkfs.vfat", file], ["mcopy", "-i", file, put, "::"]):
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return file


def looked(machine: Booted, times: int) -> list[str]:
    """What the journal says of the sticks once so many were looked at, and are free again."""
    ended = "systemctl list-units --all --plain --no-legend --state=active,activating,deactivating"
    machine.until(
        f"test $({LOOKED} | grep -c '^Starting ') -ge {times} "
        f"&& test -z \"$({ended} 'regulars-stick@*')\"",
        within_s=UP_S,
    )
    assert machine.ok("grep -c regulars-stick /proc/mounts || true").strip() == "0"
    return machine.ok(f"{ALL_IS_WRITTEN} && {LOOKED}").splitlines()
