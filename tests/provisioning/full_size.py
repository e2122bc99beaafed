"""Releases of full size, as ``make bundle`` makes them, published as ``regulars release`` does it.

The next release has the same wheels but for our own, which is built from a source with another
version. Files that did not change are links, so that a test may have several.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from provisioning.debian import PROJECT
from updates.small import Change, numbered, seal

SOURCE = ("edge", "models", "pyproject.toml", "README.md", "LICENSE")
PASSPHRASE = "a passphrase"


@dataclass(frozen=True, slots=True)
class Publisher:
    """Keys, and a repository that can be served; both are made by the command line."""

    folder: Path

    @property
    def repository(self) -> Path:
        return self.folder / "repository"

    @property
    def anchor(self) -> Path:
        return self.repository / "metadata/1.root.json"

    def begin(self) -> None:
        self._release("begin", self.repository)

    def add(self, bundle: Path) -> None:
        self._release("add", bundle, self.repository)

    def _release(self, *words: str | Path) -> None:
        command = [sys.executable, "-m", "edge", "release", *words, "--keys", self.folder / "keys"]
        done = subprocess.run(
            command,
            cwd=PROJECT,
            env={**os.environ, "REGULARS_RELEASE_PASSPHRASE": PASSPHRASE},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout


def renewed(bundle: Path, folder: Path, version: str, changes: tuple[Change, ...] = ()) -> Path:
    """A bundle of the present source under another version; returns its folder."""
    place = folder / f"bundle-{version}"
    subprocess.run(["cp", "-al", bundle, place], check=True)
    source = folder / f"source-{version}"
    ours = shutil.ignore_patterns("__pycache__")
    for name in SOURCE:
        origin = PROJECT / name
        if origin.is_dir():
            shutil.copytree(origin, source / name, ignore=ours)
        else:
            shutil.copy(origin, source / name)
    wanted = (*changes, numbered(version))
    for change in wanted:
        _rewrite(source / "edge" / change.file, change)
    _rewrite(
        source / "pyproject.toml",
        Change(
            file="pyproject.toml", pattern=r"(?m)^version = .*$", becomes=f'version = "{version}"'
        ),
    )
    for old in (place / "wheels").glob("regulars-*.whl"):
        old.unlink()
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation",
         "--wheel-dir", place / "wheels", source],
        check=True,
    )  # fmt: skip
    shutil.rmtree(source)
    told = sha256(repr((version, changes)).encode()).hexdigest()[:8]
    put(place / "RELEASE", f"{version}-{told}\n")
    sealed(place)
    return place


def sealed(place: Path) -> None:
    """Write down anew what its files are."""
    (place / "SHA256SUMS").unlink()
    seal(place)


def put(file: Path, text: str) -> None:
    """Write a file that may be a link to another bundle's."""
    file.unlink(missing_ok=True)
    file.write_text(text, encoding="utf-8")


def _rewrite(file: Path, change: Change) -> None:
    file.write_text(change.of(file.read_text(encoding="utf-8")), encoding="utf-8")
