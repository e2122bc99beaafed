"""Small releases of the real program: its code under other version numbers, on this Python.

What a release brings besides (wheels, models, units) is somebody else's to install; here its
installer only unpacks. Sick ones are made by changing a line.
"""

from __future__ import annotations

import io
import re
import sys
import tarfile
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from edge.domain import new_id

PROJECT = Path(__file__).parents[2]
INSTALLER = """\
#!/bin/sh
set -eu
opt="{opt}"
source=$(dirname "$(dirname "$(readlink -f "$0")")")
name="{name}"
if [ "$1" = --stage ]; then
  mkdir -p "$opt/releases"
  rm -rf "$opt/releases/$name"
  mkdir -p "$opt/releases/$name/bin" "$opt/releases/$name/lib"
  tar -xf "$source/wheels/regulars.tar" -C "$opt/releases/$name/lib"
  cp "$source/wheels/regulars" "$opt/releases/$name/bin/regulars"
  chmod 755 "$opt/releases/$name/bin/regulars"
  cp -r "$source/provisioning" "$opt/releases/$name/provisioning"
  touch "$opt/releases/$name/.complete"
  echo "$name"
else
  echo "$name" >"$opt/files"
fi
"""
STEPS = """\
needed_mb=1 # of what a release takes while it is built
packages=(tar)
"""
MAIN = """\
#!/bin/sh
PYTHONPATH=$(dirname "$(dirname "$(readlink -f "$0")")")/lib exec {python} -P -m edge "$@"
"""
MIGRATION = """

@migrations()
def m999_of_{name}(db: Database) -> None:
    db.execute("{sql}")
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What makes a release different: a file of ``edge``, and what its text becomes."""

    file: str
    pattern: str
    becomes: str

    def of(self, text: str) -> str:
        """The text with the change."""
        found, changed = re.subn(self.pattern, self.becomes, text, count=1)
        assert changed == 1, f"{self.file} does not have {self.pattern}"
        return found


def numbered(version: str) -> Change:
    """Gives the program a version."""
    return Change(
        file="__init__.py", pattern=r"(?m)^__version__ = .*$", becomes=f'__version__ = "{version}"'
    )


WELL: tuple[Change, ...] = ()
FALLS_AT_START = (
    Change(
        file="app/gateway.py",
        pattern=r"(    state_dir = Path\(config\.store\.state_dir\)\n)",
        becomes=r'\1    raise SystemExit("regulars: a fault of this release")\n',
    ),
)
DOES_NOT_UNDERSTAND_THE_CONFIGURATION = (
    Change(
        file="config/upkeep.py", pattern=r"    closes: Annotated", becomes="    shuts: Annotated"
    ),
)
LOSES_THE_DATABASE = (
    Change(
        file="clienteling_api/gateway.py",
        pattern=r'"unavailable" if others is None else "ok"',
        becomes='"unavailable"',
    ),
)


def migrating(name: str, sql: str) -> tuple[Change, ...]:
    """Brings one migration more."""
    return (
        Change(file="store/schema.py", pattern=r"\Z", becomes=MIGRATION.format(name=name, sql=sql)),
    )


def bundle(folder: Path, opt: Path, version: str, changes: tuple[Change, ...] = WELL) -> Path:
    """An unpacked bundle of the program under a version; returns its folder."""
    place = folder / f"bundle-{version}-{new_id()[:6]}"
    (place / "wheels").mkdir(parents=True)
    (place / "provisioning").mkdir()
    name = f"{version}-{sha256(repr(changes).encode()).hexdigest()[:8]}"
    (place / "provisioning/install.sh").write_text(
        INSTALLER.format(opt=opt, name=name), encoding="utf-8"
    )
    (place / "provisioning/steps.sh").write_text(STEPS, encoding="utf-8")
    (place / "RELEASE").write_text(f"{name}\n", encoding="utf-8")
    (place / "wheels/regulars").write_text(MAIN.format(python=sys.executable), encoding="utf-8")
    _pack(place / "wheels/regulars.tar", version, changes)
    seal(place)
    return place


def seal(place: Path) -> None:
    """Write down what the files are, as ``bundle.sh`` does."""
    lines = [
        f"{sha256(file.read_bytes()).hexdigest()}  ./{file.relative_to(place)}\n"
        for file in sorted(place.rglob("*"))
        if file.is_file() and file.name != "SHA256SUMS"
    ]
    (place / "SHA256SUMS").write_text("".join(lines), encoding="utf-8")


def _pack(to: Path, version: str, changes: tuple[Change, ...]) -> None:
    wanted = {change.file: change for change in (numbered(version), *changes)}
    with tarfile.open(to, "w") as packed:
        for file in sorted((PROJECT / "edge").rglob("*")):
            name = file.relative_to(PROJECT / "edge").as_posix()
            if not file.is_file() or "__pycache__" in name:
                continue
            data = file.read_bytes()
            if name in wanted:
                data = wanted[name].of(data.decode()).encode()
            entry = tarfile.TarInfo(f"edge/{name}")
            entry.size = len(data)
            packed.addfile(entry, io.BytesIO(data))
        _add_manifest(packed)


def _add_manifest(packed: tarfile.TarFile) -> None:
    """The list of models lies inside the package once it is installed."""
    data = (PROJECT / "models/manifest.toml").read_bytes()
    entry = tarfile.TarInfo("edge/vision/manifest.toml")
    entry.size = len(data)
    packed.addfile(entry, io.BytesIO(data))
