"""How many codes of a folder of photographs are read, how fast, and how many wrongly.

``DIR/SYMBOLOGY-N/PICTURE`` has its text beside it in ``PICTURE.txt`` (or its bytes in
``PICTURE.bin``): the layout of zxing-cpp's test samples. ``falsepositives-N`` hold no code at all.
Beside ours stand what people would use instead: zxing-cpp alone, pyzbar alone, and OpenCV's own
detectors. Each takes its turn at every picture, so that whatever else the machine does falls on
all alike; all are judged by the same rule.
"""

from __future__ import annotations

import re
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np

from edge.bench.peers.codes import Said, readers
from edge.errors import ConfigError
from edge.scanner.reading import Picture
from edge.vision.sources import Progress

UNSUPPORTED = frozenset({"telepen", "dxfilmedge"})
FALSE_POSITIVES = "falsepositives"
MISLABELLED = frozenset({("ean13-2/23", b"9780804816632"), ("ean13-2/28", b" 9780804816632")})
"""Pictures of zxing-cpp's samples that show another number (9784872348880) than their text."""
_DIGITS = re.compile(rb"[0-9]+")
_ADD_ONS = (2, 5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A picture; ``expected`` is None where it holds no code, and bytes before any character
    set where ``binary``.
    """

    name: str
    symbology: str
    picture: Picture
    expected: bytes | None
    binary: bool


@dataclass(slots=True)
class Score:
    """What one reader made of all pictures."""

    read: dict[str, list[bool]] = field(default_factory=lambda: defaultdict(list))
    wrong: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    times_ms: list[float] = field(default_factory=list)
    false_reads: int = 0

    def count(self, sample: Sample, said: list[Said], took_ms: float) -> None:
        if sample.expected is None:
            self.false_reads += len(said)
            return
        self.times_ms.append(took_ms)
        texts = [code.raw if sample.binary else code.text for code in said]
        right = any(says(text, sample.expected) for text in texts)
        self.read[sample.symbology].append(right)
        if not right:
            self.unread.append(sample.name)
        if any(is_wrong(text, sample.expected) for text in texts):
            self.wrong.append(sample.name)

    def summary(self) -> dict[str, object]:
        outcomes = [outcome for several in self.read.values() for outcome in several]
        p50, p95 = np.percentile(self.times_ms or [0.0], [50, 95])
        return {
            "images": len(outcomes),
            "read": sum(outcomes),
            "read_share": round(sum(outcomes) / max(1, len(outcomes)), 4),
            "wrong": len(self.wrong),
            "false_reads": self.false_reads,
            "by_symbology": {
                name: {"images": len(several), "read": sum(several)}
                for name, several in self.read.items()
            },
            "ms_p50": round(float(p50), 2),
            "ms_p95": round(float(p95), 2),
        }


def run(images: Path, budget_ms: int, progress: Progress) -> dict[str, object]:
    """Measure; raises ``ConfigError`` for a folder that holds no such pictures."""
    cv2.setNumThreads(1)
    files = sorted(path for path in images.glob("*/*") if path.suffix not in (".txt", ".bin"))
    contenders = readers(budget_ms / 1000)
    scores = {name: Score() for name in contenders}
    left_out: dict[str, list[str]] = defaultdict(list)
    for number, path in enumerate(files):
        sample = load(path, images)
        if isinstance(sample, str):
            left_out[sample].append(_name(path, images))
        else:
            for name, read in contenders.items():
                started = time.perf_counter()
                said = read(sample.picture)
                scores[name].count(sample, said, 1000 * (time.perf_counter() - started))
        progress("Pictures", number + 1, len(files))
    ours, *others = scores
    if not scores[ours].times_ms:
        raise ConfigError(
            f"{images} holds no SYMBOLOGY-N/PICTURE with its text beside it; name another folder"
        )
    return {
        **scores[ours].summary(),
        "budget_ms": budget_ms,
        "wrong_pictures": scores[ours].wrong,
        "unread_pictures": scores[ours].unread,
        "left_out": left_out,
        "others": {name: scores[name].summary() for name in others},
    }


def load(path: Path, images: Path) -> Sample | str:
    """A sample, or why the picture is left out."""
    symbology = re.sub(r"-\d+$", "", path.parent.name)
    expected = _expected(path)
    if symbology in UNSUPPORTED:
        return "unsupported"
    if expected is None and symbology != FALSE_POSITIVES:
        return "without a text"
    if (_name(path, images), expected) in MISLABELLED:
        return "mislabelled"
    picture = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    if picture is None:
        return "not a picture"
    return Sample(
        name=_name(path, images),
        symbology=symbology,
        picture=np.asarray(picture, np.uint8),
        expected=expected,
        binary=path.with_suffix(".bin").is_file(),
    )


def says(text: bytes, expected: bytes) -> bool:
    """Whether a reading says what the picture says. Pictures whose text leaves an add-on out
    that is there to see are read when the main number is.
    """
    return text == expected or _is_with_add_on(text, expected)


def is_wrong(text: bytes, expected: bytes) -> bool:
    """Whether a reading says what the picture does not; a missing add-on is not wrong."""
    return not says(text, expected) and not _is_with_add_on(expected, text)


def _is_with_add_on(longer: bytes, shorter: bytes) -> bool:
    digits = _DIGITS.fullmatch(longer) and len(shorter) in (8, 13)
    return bool(digits) and len(longer) - len(shorter) in _ADD_ONS and longer.startswith(shorter)


def _expected(path: Path) -> bytes | None:
    for suffix in (".bin", ".txt"):
        if path.with_suffix(suffix).is_file():
            return path.with_suffix(suffix).read_bytes()
    return None


def _name(path: Path, images: Path) -> str:
    return path.relative_to(images).with_suffix("").as_posix()
