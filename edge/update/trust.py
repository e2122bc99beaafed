"""What a store believes of a repository: only what its publisher signed, nothing older than it has
seen, nothing that has expired, nothing mixed from several states.

All of that is python-tuf's; here are its words for technicians, and its files, which are synced.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import unquote

from tuf.api import exceptions as tuf
from tuf.api.metadata import TargetFile
from tuf.ngclient import FetcherInterface, Updater

from edge import durable
from edge.errors import UpdateFailed
from edge.update.manifest import Manifest, file_path, manifest_path, read

METADATA, TARGETS = "metadata", "targets"
MANIFEST_AT_MOST = 1 << 20
_CHUNK = 1 << 20


class Shelf(FetcherInterface):
    """A repository that lies in a folder: on a stick, or as it was fetched."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def place(self, name: str) -> Path:
        """Where a file of the repository lies. Raises ``UpdateFailed`` where that is outside."""
        place = self.folder / unquote(name)
        if ".." in place.parts:
            raise UpdateFailed(f"{name} lies outside the repository")
        return place

    def open(self, name: str) -> int:
        """A descriptor; a link is not followed, as others may write to the folder."""
        return os.open(self.place(name), os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)

    def _fetch(self, url: str) -> Iterator[bytes]:
        try:
            descriptor = self.open(url)
        except OSError as error:
            raise tuf.DownloadHTTPError(f"{url} is not there", 404) from error
        return _chunks(descriptor)


class Trusted:
    """What is trusted of a repository. ``folder`` keeps what was seen, so that nothing older is
    believed later; ``anchor`` is the root of trust that came with the installation.
    """

    def __init__(self, folder: Path, anchor: Path, fetcher: FetcherInterface) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o755)
        try:
            root = anchor.read_bytes()
        except OSError as error:
            raise UpdateFailed(
                f"this machine knows no publisher of releases: {anchor} cannot be read "
                f"({error.strerror}); put the publisher's root.json there"
            ) from error
        with explained():
            self._updater = Updater(
                str(folder), f"{METADATA}/", None, f"{TARGETS}/", fetcher, bootstrap=root
            )

    def refresh(self) -> None:
        """Take in the repository's present state. Raises ``UpdateFailed``."""
        with explained():
            self._updater.refresh()
        for place in [*self._folder.rglob("*.json"), self._folder]:
            with suppress(FileNotFoundError):
                durable.sync(place)

    def manifest(self, version: str, machine: str) -> Manifest:
        """A release's manifest, verified. Raises ``UpdateFailed``."""
        target = self._target(manifest_path(version, machine))
        if target.length > MANIFEST_AT_MOST:
            raise UpdateFailed(f"the manifest of {version} is too large")
        draft = self._folder / "manifest.draft"
        with explained():
            self._updater.download_target(target, str(draft))
        try:
            return read(draft.read_bytes(), machine)
        finally:
            draft.unlink()

    def file(self, name: str, digest: str) -> TargetFile:
        """What must be true of a file of a release. Raises ``UpdateFailed``."""
        target = self._target(file_path(name, digest))
        if target.hashes.get("sha256") != digest:
            raise UpdateFailed(f"{name} is signed as another file than the release names")
        return target

    def _target(self, path: str) -> TargetFile:
        with explained():
            target = self._updater.get_targetinfo(path)
        if target is None:
            raise UpdateFailed(f"the publisher has no {path}: nothing for this machine is there")
        return target


def published_name(target: TargetFile) -> str:
    """Where the bytes of a target lie in a repository (consistent snapshots: hash before name)."""
    folder, _, name = target.path.rpartition("/")
    return f"{TARGETS}/{folder}/{target.hashes['sha256']}.{name}"


def copy_verified(shelf: Shelf, target: TargetFile, to: Path) -> None:
    """Copy a file out of a repository, and believe the copy only. Raises ``UpdateFailed``."""
    try:
        descriptor = shelf.open(published_name(target))
    except OSError as error:
        raise UpdateFailed(f"{target.path} was not fetched whole; fetch it again") from error
    to.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(descriptor, "rb") as source, to.open("xb") as copy:
        shutil.copyfileobj(source, copy, _CHUNK)
    with explained(), to.open("rb") as copied:
        target.verify_length_and_hashes(copied)


@contextmanager
def explained() -> Iterator[None]:
    """The trouble of python-tuf in words that say what to do."""
    try:
        yield
    except tuf.ExpiredMetadataError as error:
        raise UpdateFailed(
            f"what the publisher signed has expired ({error}); look at this machine's clock, "
            "else the publisher has to run: regulars release refresh"
        ) from error
    except tuf.BadVersionNumberError as error:
        raise UpdateFailed(
            f"an older state of the repository was offered than this machine has seen ({error}); "
            "it is refused"
        ) from error
    except tuf.UnsignedMetadataError as error:
        raise UpdateFailed(f"not signed by the publisher that this machine knows ({error})") from (
            error
        )
    except tuf.LengthOrHashMismatchError as error:
        raise UpdateFailed(f"not what the publisher signed ({error}); fetch it again") from error
    except tuf.DownloadError as error:
        raise UpdateFailed(f"the repository cannot be read ({error}); check the line") from error
    except tuf.RepositoryError as error:
        raise UpdateFailed(f"the repository cannot be used ({error})") from error
    except OSError as error:
        raise UpdateFailed(f"{error.filename or 'a file'}: {error.strerror}") from error


def _chunks(descriptor: int) -> Iterator[bytes]:
    with os.fdopen(descriptor, "rb") as source:
        while chunk := source.read(_CHUNK):
            yield chunk
