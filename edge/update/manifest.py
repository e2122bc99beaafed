"""What a release is made of: the manifest that is signed, and the names in a repository."""

from __future__ import annotations

import platform
from pathlib import PurePosixPath
from typing import Annotated

import msgspec
from msgspec import Meta

from edge.errors import UpdateFailed

Digest = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z")]
NEWEST = "newest"


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """A release for one kind of machine (``uname -m``).

    ``files`` are its files by their place in the bundle, with their SHA-256. ``packages`` are
    Debian's that it needs, ``needs_mb`` what it takes while it is built.
    """

    version: Annotated[str, Meta(pattern=r"^[0-9]+(\.[0-9]+){1,3}\Z")]
    machine: str
    needs_mb: int
    packages: list[str]
    files: dict[str, Digest]


def read(data: bytes, machine: str) -> Manifest:
    """A manifest for this kind of machine. Raises ``UpdateFailed``."""
    try:
        manifest = msgspec.json.decode(data, type=Manifest)
    except msgspec.DecodeError as error:
        raise UpdateFailed(f"the release says of itself what cannot be read: {error}") from error
    if manifest.machine != machine:
        raise UpdateFailed(f"the release is for {manifest.machine}, and this machine is {machine}")
    for name in manifest.files:
        place = PurePosixPath(name)
        if place.is_absolute() or ".." in place.parts:
            raise UpdateFailed(f"the release would write outside its folder: {name}")
    return manifest


def machine() -> str:
    """The kind of this machine."""
    return platform.machine()


def manifest_path(version: str, machine: str) -> str:
    """The target that holds a manifest; version ``newest`` is the last one published."""
    return f"releases/{machine}/{version}.json"


def file_path(name: str, digest: str) -> str:
    """The target that holds a file: the same for every release that has the same file."""
    return f"files/{digest[:16]}/{PurePosixPath(name).name}"
