"""A release is built beside the one that runs, tried, and looked at once it runs itself."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec

from edge.errors import UpdateFailed
from edge.rules.updates import Health, ailment
from edge.update.journal import Journal
from edge.update.manifest import Manifest
from edge.update.releases import Releases
from edge.update.services import Services
from edge.update.trust import Shelf, Trusted, copy_verified

INSTALLER = Path("provisioning/install.sh")
HEALTHY_WITHIN_S = 60.0
STEADY_S = 5.0
"""A gateway that answers and falls over its first work shows it within this."""
ASK_EVERY_S = 0.2
QUIET_WITHIN_S = 120.0
MB = 1 << 20
FULL_MB = 16


class Rehearsed(msgspec.Struct, frozen=True, kw_only=True):
    """What a rehearsal found: why the release before could not read the data afterwards."""

    breaks: list[str]


class Busy(msgspec.Struct, frozen=True, kw_only=True):
    """How many vouchers are being redeemed, and the release that headquarters wants here."""

    reserved: int
    wanted: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """What an update works on."""

    releases: Releases
    journal: Journal
    services: Services
    port: int
    clock: Callable[[], datetime]
    say: Callable[[str], None]
    """Told of each step before it begins."""


def build(at: Machine, manifest: Manifest, trusted: Trusted, shelf: Shelf) -> str:
    """Build a release beside the one that runs, from verified copies; its name.

    Raises ``UpdateFailed`` or ``OSError``.
    """
    files = {name: trusted.file(name, digest) for name, digest in sorted(manifest.files.items())}
    needed = manifest.needs_mb + sum(target.length for target in files.values()) // MB
    at.releases.drop_staging()
    free = at.releases.free_mb()
    if free < needed:
        raise UpdateFailed(f"{at.releases.folder} has {free} MB free; {needed} MB are needed")
    at.say("copying and verifying")
    for name, target in files.items():
        copy_verified(shelf, target, at.releases.staging / name)
    installer = at.releases.staging / INSTALLER
    installer.chmod(0o755)
    at.say("building")
    try:
        name = at.services.install(installer, "--stage")
    except UpdateFailed as error:
        if at.releases.free_mb() < FULL_MB:
            raise UpdateFailed(f"the disk of {at.releases.folder} is full; make room") from error
        raise
    if not at.releases.complete(name):
        raise UpdateFailed(f"the release was not built whole ({name!r})")
    return name


def rehearse(at: Machine, name: str) -> Rehearsed:
    """Let a release read the configuration, and try its migrations on a copy of the data.

    Raises ``UpdateFailed``.
    """
    at.say("rehearsing")
    program = at.releases.program(name)
    at.services.as_user(program, "config", "check", str(at.services.config))
    return msgspec.json.decode(at.services.as_user(program, "update", "rehearse"), type=Rehearsed)


def wait_for_quiet(at: Machine, name: str) -> None:
    """Let those who are redeeming a voucher end it; not for ever. Asks this release."""
    at.say("waiting for a quiet moment")
    until = time.monotonic() + QUIET_WITHIN_S
    while time.monotonic() < until and busy(at, name).reserved > 0:
        time.sleep(ASK_EVERY_S)


def busy(at: Machine, name: str) -> Busy:
    """What this release reads in the shop's data. Raises ``UpdateFailed``."""
    said = at.services.as_user(at.releases.program(name), "update", "busy")
    return msgspec.json.decode(said, type=Busy)


def look(at: Machine, version: str, before: Health | None) -> str | None:
    """What is wrong with the gateway that runs now; None once it has been healthy for a while."""
    at.say("looking whether it is healthy")
    until, since = time.monotonic() + HEALTHY_WITHIN_S, None
    trouble: str | None = "the gateway does not answer"
    while time.monotonic() < until:
        trouble = ailment(at.services.health(at.port), version, before)
        now = time.monotonic()
        since = None if trouble else (since or now)
        if since is not None and now - since >= STEADY_S:
            return None
        time.sleep(ASK_EVERY_S)
    return trouble or "the gateway does not stay well"
