"""restic as a child process: a folder, a share, SFTP or S3 that holds encrypted copies.

restic encrypts and authenticates everything before it leaves the machine, cuts files by
content so that only what changed travels, and writes nothing that a crash leaves half-valid.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from edge.errors import BackupFailed

Progress = Callable[[str, int, int], None]
"""Told what is done, the bytes done and the bytes in total, 0 while that is not known."""

RULES = ("--keep-daily", "14", "--keep-weekly", "8", "--keep-monthly", "12")
"""What is kept of the copies; the rest is forgotten with its data."""
_UNREACHED = re.compile(r"unable to open (?:config file|repository at \S+): (?:Stat: )?(.+)")
LISTED_WITHIN_S = 20.0
"""restic itself tries a place that does not answer for a quarter of an hour."""


class _Line(msgspec.Struct):
    """What restic prints as JSON, as far as it is of use here (restic's scripting manual)."""

    message_type: str = ""
    bytes_done: int = 0
    total_bytes: int = 0
    snapshot_id: str = ""
    data_added: int = 0
    total_bytes_processed: int = 0


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """A copy in the repository."""

    id: str
    time: datetime
    hostname: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """What a copy came to: bytes it stands for, and bytes that had to travel."""

    id: str
    size_bytes: int
    added_bytes: int


class Repository:
    """A restic repository at ``place``, opened by the password in a file.

    ``secrets`` are the variables of the storage behind it, e.g. ``AWS_ACCESS_KEY_ID``.
    """

    def __init__(self, place: str, password_file: Path, secrets: Mapping[str, str]) -> None:
        self._place = place
        self._password_file = password_file
        self._secrets = secrets

    def prepare(self) -> bool:
        """Make the repository where there is none yet; whether it was made. No lock of somebody
        who died bars it afterwards. Raises ``BackupFailed``.
        """
        try:
            self._ask("cat", "config")
        except BackupFailed as failed:
            if not failed.absent:
                raise
            self._ask("init")
            return True
        return False

    def add(self, folder: Path, progress: Progress) -> Added:
        """Copy a folder's content, by paths relative to it. Raises ``BackupFailed``."""
        last = _Line()
        for line in self._told("backup", "--json", "--host", "regulars", ".", inside=folder):
            heard = msgspec.json.decode(line, type=_Line)
            if heard.message_type == "status":
                progress("Copying", heard.bytes_done, heard.total_bytes)
            elif heard.message_type == "summary":
                last = heard
        if not last.snapshot_id:
            raise BackupFailed("the copy was not finished; run it again")
        return Added(
            id=last.snapshot_id, size_bytes=last.total_bytes_processed, added_bytes=last.data_added
        )

    def tidy(self) -> None:
        """Forget copies that ``RULES`` do not keep. Raises ``BackupFailed``."""
        self._ask("forget", "--quiet", "--group-by", "host", *RULES, "--prune")

    def kept(self) -> list[Kept]:
        """The copies, the oldest first. Raises ``BackupFailed``."""
        # Nothing is written, so that it can be asked from where the place is not to be changed.
        listed = self._ask("snapshots", "--json", "--no-lock", within_s=LISTED_WITHIN_S)
        found = msgspec.json.decode(listed, type=list[Kept])
        return sorted(found, key=lambda kept: kept.time.astimezone(UTC))

    def check(self) -> None:
        """Read all data back and compare it with its sums. Raises ``BackupFailed``."""
        self._ask("check", "--quiet", "--read-data")

    def put_back(self, kept_id: str, folder: Path) -> None:
        """Write a copy into a folder, each file verified. Raises ``BackupFailed``."""
        self._ask("restore", "--quiet", "--verify", "--target", str(folder), kept_id)

    def _ask(self, *words: str, within_s: float | None = None) -> bytes:
        """What a command prints.

        Who died over the repository, in a power cut too, left a lock that nobody would take away:
        restic knows those of the dead, and leaves those of the living.
        """
        try:
            return self._ask_once(*words, within_s=within_s)
        except BackupFailed as failed:
            if not failed.taken:
                raise
            self._ask_once("unlock", "--quiet")
            return self._ask_once(*words, within_s=within_s)

    def _ask_once(self, *words: str, within_s: float | None = None) -> bytes:
        try:
            ended = subprocess.run(
                self._command(*words),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                env=self._environment(),
                timeout=within_s,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise BackupFailed(
                f"{self._place} did not answer within {within_s:.0f} s; look at it and at the line"
            ) from error
        if ended.returncode:
            raise self._failed(ended.stderr)
        return ended.stdout

    def _told(self, *words: str, inside: Path) -> Iterator[bytes]:
        """The lines of a command as they come."""
        with tempfile.TemporaryFile() as trouble:
            child = subprocess.Popen(
                self._command(*words),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=trouble,
                cwd=inside,
                env=self._environment(),
            )
            try:
                assert child.stdout is not None
                yield from (line.rstrip() for line in child.stdout if line.strip())
                status = child.wait()
            finally:
                child.kill()
                child.communicate()
            if status:
                trouble.seek(0)
                raise self._failed(trouble.read())

    def _command(self, *words: str) -> list[str]:
        program = shutil.which("restic")
        if program is None:
            raise BackupFailed("restic is missing; run: sudo apt-get install restic")
        return [program, "--no-cache", *words]

    def _environment(self) -> dict[str, str]:
        passed = {k: v for k, v in os.environ.items() if k in ("PATH", "HOME", "TMPDIR")}
        return {
            **passed,
            **self._secrets,
            "RESTIC_REPOSITORY": self._place,
            "RESTIC_PASSWORD_FILE": str(self._password_file),
        }

    def _failed(self, trouble: bytes) -> BackupFailed:
        said = trouble.decode(errors="replace").strip() or "no word"
        last = said.splitlines()[-1].removeprefix("Fatal: ")
        if "wrong password" in said:
            return BackupFailed(
                f"the repository was made with another password than that in "
                f"{self._password_file}; put the right one there"
            )
        if "does not exist" in said or "no such file" in said:
            return BackupFailed(f"there is no repository at {self._place}", absent=True)
        if found := _UNREACHED.search(said):
            return BackupFailed(
                f"{self._place} cannot be opened ({found[1]}); look at the line, and at what opens "
                "the place"
            )
        if "already locked" in said:
            said = "another backup is running on this repository; wait for it to end"
            return BackupFailed(said, taken=True)
        return BackupFailed(f"restic says: {last}; check the place and its disk, then run it again")
