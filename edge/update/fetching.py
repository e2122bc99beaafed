"""Fetches what a repository offers into a folder, resumed where it broke off.

This is the only part that speaks with the world, as a user without rights, and nobody believes it:
whoever installs judges the folder anew.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import urllib3
from tuf.api.metadata import TargetFile
from tuf.ngclient import FetcherInterface
from tuf.ngclient.urllib3_fetcher import Urllib3Fetcher

from edge import durable
from edge.errors import UpdateFailed
from edge.rules.updates import is_newer
from edge.update.manifest import Manifest
from edge.update.trust import Shelf, Trusted, explained, published_name

PATIENCE_S = 30.0
TRIES = 5
_CHUNK = 1 << 18
Report = Callable[[str, int, int], None]


class _Recorder(FetcherInterface):
    """Fetches from an address and keeps each file at its place in the folder."""

    def __init__(self, address: str, shelf: Shelf) -> None:
        self._line = Urllib3Fetcher(app_user_agent="regulars")
        self._address, self._shelf = address, shelf

    def _fetch(self, url: str) -> Iterator[bytes]:
        place = self._shelf.place(url)
        chunks = self._line.fetch(f"{self._address}/{url}")

        def kept() -> Iterator[bytes]:
            parts = []
            for chunk in chunks:
                parts.append(chunk)
                yield chunk
            _keep(place, b"".join(parts))

        return kept()


def fetch(
    address: str,
    anchor: Path,
    folder: Path,
    machine: str,
    *,
    version: str,
    running: str,
    report: Report,
) -> Manifest:
    """Fetch a release (``newest``, or a version) whole, if it is newer than the one that runs.

    Raises ``UpdateFailed``; what came stays for the next time.
    """
    shelf = Shelf(folder)
    with tempfile.TemporaryDirectory() as seen:
        trusted = Trusted(Path(seen), anchor, _Recorder(address.rstrip("/"), shelf))
        trusted.refresh()
        manifest = trusted.manifest(version, machine)
        if is_newer(manifest.version, running):
            targets = [trusted.file(*file) for file in sorted(manifest.files.items())]
            _drop_others(folder, {published_name(target) for target in targets})
            _fetch_all(address.rstrip("/"), shelf, targets, report)
    return manifest


def _fetch_all(address: str, shelf: Shelf, targets: list[TargetFile], report: Report) -> None:
    total, come = sum(target.length for target in targets), 0
    pool = urllib3.PoolManager(
        timeout=urllib3.Timeout(connect=PATIENCE_S, read=PATIENCE_S),
        retries=urllib3.Retry(TRIES, backoff_factor=0.5, raise_on_status=False),
    )
    with pool:
        for target in targets:
            name = published_name(target)
            place = shelf.place(name)
            if not (place.exists() and place.stat().st_size == target.length):
                _fetch_file(pool, f"{address}/{name}", place, target)
            come += target.length
            report("Fetching", come, total)


def _fetch_file(pool: urllib3.PoolManager, url: str, place: Path, target: TargetFile) -> None:
    """Fetch one file; the name before its verification ends in ``.part``."""
    part = place.with_name(f"{place.name}.part")
    part.parent.mkdir(parents=True, exist_ok=True)
    for _ in range(TRIES):
        with suppress(urllib3.exceptions.ProtocolError):  # cut off: what came is kept
            _append(pool, url, part, target.length)
            break
    else:
        raise UpdateFailed(f"the line broke off {TRIES} times; what came is kept")
    try:
        with explained(), part.open("rb") as fetched:
            target.verify_length_and_hashes(fetched)
    except UpdateFailed:
        part.unlink()
        raise
    part.replace(place)


def _append(pool: urllib3.PoolManager, url: str, part: Path, length: int) -> None:
    part.touch()
    have = part.stat().st_size
    if have == length:
        return
    asked = {"Range": f"bytes={have}-"} if have else {}
    try:
        answer = pool.request("GET", url, headers=asked, preload_content=False)
    except urllib3.exceptions.MaxRetryError as error:
        raise UpdateFailed(f"{url} does not answer; check the line") from error
    try:
        if answer.status not in (200, 206):
            raise UpdateFailed(f"{url} answers {answer.status}; tell the publisher")
        with part.open("ab" if answer.status == 206 else "wb") as file:
            while chunk := answer.read1(_CHUNK):  # what came before a break is kept
                file.write(chunk)
                if file.tell() > length:
                    raise UpdateFailed(f"{url} is longer than the publisher signed")
    except OSError as error:
        raise UpdateFailed(f"{part}: {error.strerror}; make room") from error
    finally:
        answer.release_conn()


def _drop_others(folder: Path, wanted: set[str]) -> None:
    """What belongs to other releases goes; their metadata stay, they are small."""
    for place in (folder / "targets" / "files").rglob("*"):
        name = place.relative_to(folder).as_posix().removesuffix(".part")
        if place.is_file() and name not in wanted:
            place.unlink()


def _keep(place: Path, data: bytes) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    durable.put(place, data)
