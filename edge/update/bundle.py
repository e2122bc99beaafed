"""A bundle, as ``make bundle`` writes it, becomes a release that can be published."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import msgspec
from tuf.api.metadata import TargetFile

from edge.errors import UpdateFailed
from edge.rules.updates import is_newer
from edge.update.manifest import NEWEST, Manifest, file_path, manifest_path, read
from edge.update.publishing import Keys, Repository
from edge.update.trust import published_name

LEFT_OUT = ("debs/", "docs/")
"""What an update does not bring: Debian's packages come from Debian."""
_INSTALLER, _STEPS = "provisioning/install.sh", "provisioning/steps.sh"


def publish(bundle: Path, machine: str, repository: Repository, keys: Keys) -> Manifest:
    """Sign an unpacked bundle as the newest release. Raises ``UpdateFailed``."""
    files = _files(bundle)
    manifest = Manifest(
        version=_version(bundle),
        machine=machine,
        needs_mb=_number(bundle / _STEPS, "needed_mb"),
        packages=_words(bundle / _STEPS, "packages"),
        files=files,
    )
    newest = repository.target(manifest_path(NEWEST, machine))
    if newest is not None:
        published = read((repository.folder / published_name(newest)).read_bytes(), machine)
        if not is_newer(manifest.version, published.version):
            raise UpdateFailed(
                f"{published.version} is published, and {manifest.version} is not newer; "
                "a version is published once"
            )
    data = msgspec.json.format(msgspec.json.encode(manifest))
    held: list[tuple[TargetFile, Path | bytes]] = [
        (TargetFile.from_file(file_path(name, digest), str(bundle / name)), bundle / name)
        for name, digest in files.items()
    ]
    for version in (manifest.version, NEWEST):
        held.append((TargetFile.from_data(manifest_path(version, machine), data), data))
    repository.publish(held, keys)
    return manifest


def _files(bundle: Path) -> dict[str, str]:
    """The files by their place, with their SHA-256, held against the bundle's own list."""
    found = {}
    for place in sorted(bundle.rglob("*")):
        name = place.relative_to(bundle).as_posix()
        if place.is_file() and not name.startswith(LEFT_OUT):
            found[name] = hashlib.sha256(place.read_bytes()).hexdigest()
    if _INSTALLER not in found:
        raise UpdateFailed(f"{bundle} is no unpacked bundle; run: make bundle, and unpack it")
    for line in (bundle / "SHA256SUMS").read_text(encoding="utf-8").splitlines():
        digest, _, name = line.partition("  ")
        if found.get(name.removeprefix("./"), digest) != digest:
            raise UpdateFailed(f"the bundle is damaged: {name}; make it again")
    return found


def _version(bundle: Path) -> str:
    """That of the release's name, without its last part."""
    return (bundle / "RELEASE").read_text(encoding="utf-8").strip().rpartition("-")[0]


def _number(script: Path, name: str) -> int:
    return int(_assigned(script, name))


def _words(script: Path, name: str) -> list[str]:
    return _assigned(script, name).strip("()").split()


def _assigned(script: Path, name: str) -> str:
    found = re.search(rf"^{name}=(\([^)]*\)|\S+)", script.read_text(encoding="utf-8"), re.MULTILINE)
    if found is None:
        raise UpdateFailed(f"{script} does not say {name}")
    return found.group(1)
