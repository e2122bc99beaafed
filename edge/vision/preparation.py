"""Changes made to a model file once, so that it runs faster; the result is kept beside it.

A prepared copy is named after its source's hash and ``VERSION``, and its own hash is kept beside
it, so that a copy cut short or altered is made again.
"""

from __future__ import annotations

from pathlib import Path

from edge import durable
from edge.vision.models import ModelFile, digest

VERSION = 5


def prepared(file: ModelFile, source: Path) -> Path:
    """The path of the prepared copy of a verified file, made now if need be."""
    if file.prepare is None:
        return source
    target = stem(file, source, f"v{VERSION}").with_suffix(".onnx")
    if sealed(target):
        return target
    # What changes a graph takes as long to import as to load a model; most starts need none.
    from edge.vision.graphs import changed

    seal(target, changed(file.prepare, source))
    return target


def stem(file: ModelFile, source: Path, what: str) -> Path:
    """Where something made from a verified file is kept, its suffix apart."""
    return source.parent / "prepared" / f"{source.stem}-{file.sha256[:16]}-{what}"


def sealed(target: Path) -> bool:
    """Whether a file is there, whole, and as ``seal`` left it."""
    mark = _mark(target)
    return target.is_file() and mark.is_file() and mark.read_text() == digest(target)


def seal(target: Path, data: bytes) -> None:
    """Write a file and its hash beside it."""
    target.parent.mkdir(parents=True, exist_ok=True)
    durable.put(target, data)
    durable.put(_mark(target), digest(target).encode())


def unseal(target: Path) -> None:
    """Delete a file and its hash; nothing where there is none."""
    for path in (target, _mark(target)):
        path.unlink(missing_ok=True)


def _mark(target: Path) -> Path:
    return target.with_name(f"{target.name}.sha256")
