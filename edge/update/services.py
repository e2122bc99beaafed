"""The gateway as a service, and commands as its user, on the machine of a shop."""

from __future__ import annotations

import os
import pwd
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import msgspec

from edge.errors import UpdateFailed
from edge.rules.updates import Health

UNIT = "regulars.service"
FETCH_UNIT = "regulars-update-fetch.service"
ASKS_FOR_S = 2.0
WITHIN_S = 900.0
"""Nothing that is run here takes longer on a machine that works; building a release is the most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """``user`` is whose the data are; ``config`` the shop's file."""

    user: str
    config: Path

    def start(self) -> None:
        self._demand("start", UNIT)

    def stop(self) -> None:
        self._demand("stop", UNIT)

    def restart(self) -> str | None:
        """Returns once the gateway has said that it is open, or why it is not."""
        ended = self._systemctl("restart", UNIT)
        return None if ended.returncode == 0 else "the gateway does not start"

    def fetch(self) -> None:
        """Have the repository fetched by a user without rights. Raises ``UpdateFailed``."""
        self._demand("start", FETCH_UNIT)

    def health(self, port: int) -> Health | None:
        """What the gateway says of itself, or None where it does not answer."""
        try:
            with urlopen(f"http://127.0.0.1:{port}/api/v1/health", timeout=ASKS_FOR_S) as answer:
                return msgspec.json.decode(answer.read(), type=Health)
        except (URLError, OSError, msgspec.DecodeError):
            return None

    def install(self, installer: Path, word: str) -> str:
        """Run a release's own installer as root; its last line. Raises ``UpdateFailed``."""
        return _last_line(_run([str(installer), word], {}))

    def as_user(self, program: Path, *arguments: str) -> str:
        """Run a release's command line as the gateway's user; its standard output.

        Raises ``UpdateFailed`` with its own last line.
        """
        return _run([str(program), *arguments], {"REGULARS_CONFIG": str(self.config)}, self.user)

    def _demand(self, *words: str) -> None:
        ended = self._systemctl(*words)
        if ended.returncode:
            raise UpdateFailed(f"systemctl {' '.join(words)}: {_last_line(ended.stderr)}")

    def _systemctl(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["systemctl", *words], capture_output=True, text=True, check=False, timeout=WITHIN_S
        )


def _run(command: Sequence[str], more: dict[str, str], user: str | None = None) -> str:
    """As the given user where this is root, else as whoever this is."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR") if name in os.environ}
    passed = {**kept, **more}
    become: dict[str, object] = {}
    if user is not None and os.geteuid() == 0:
        entry = pwd.getpwnam(user)
        become = {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
        passed["HOME"] = entry.pw_dir
    try:
        ended = subprocess.run(
            command,
            capture_output=True,
            text=True,
            check=False,
            timeout=WITHIN_S,
            cwd="/",
            env=passed,
            close_fds=False,  # whoever works for us holds our lock, should we be killed
            **become,  # type: ignore[call-overload]
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UpdateFailed(f"{command[0]} cannot be run: {error}") from error
    if ended.returncode:
        raise UpdateFailed(
            _last_line(ended.stderr) or f"{command[0]} ended with {ended.returncode}"
        )
    return str(ended.stdout)


def _last_line(said: str) -> str:
    lines = said.strip().splitlines()
    return lines[-1].removeprefix("regulars: ") if lines else ""
