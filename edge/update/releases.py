"""The releases on this machine, side by side, and the two links that say which one is meant.

``current`` is the release that the gateway runs. ``good`` is the last one that was found healthy:
whoever updates, or repairs an update, runs from there, as ``current`` may be what is broken.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from edge import durable
from edge.errors import UpdateFailed

CURRENT, GOOD, BACK = "current", "good", "back"


class Releases:
    """The folder of releases, ``/opt/regulars`` on a machine of a shop."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.staging = folder / "staging"

    def name(self, link: str) -> str:
        """The release that a link means, or empty where there is none."""
        place = self.folder / link
        return place.readlink().name if place.is_symlink() else ""

    def place(self, name: str) -> Path:
        return self.folder / "releases" / name

    def program(self, name: str) -> Path:
        """A release's command line."""
        return self.place(name) / "bin/regulars"

    def complete(self, name: str) -> bool:
        return bool(name) and (self.place(name) / ".complete").exists()

    def free_mb(self) -> int:
        return shutil.disk_usage(self.folder).free >> 20

    def point(self, link: str, name: str) -> None:
        """Let a link mean a release: the old or the new one whenever the power goes."""
        draft = self.folder / f"{link}.new"
        draft.unlink(missing_ok=True)
        draft.symlink_to(Path("releases") / name)
        draft.replace(self.folder / link)
        durable.sync(self.folder)

    def ready_to_go_back(self, name: str) -> None:
        """Make the link back beforehand: going back then needs no room on the disk."""
        self.point(BACK, name)

    def go_back(self, name: str) -> None:
        """Let ``current`` mean this release again."""
        if self.name(CURRENT) == name:
            return
        if self.name(BACK) == name:
            (self.folder / BACK).replace(self.folder / CURRENT)
            durable.sync(self.folder)
        else:
            self.point(CURRENT, name)

    def keep_only(self, *names: str) -> None:
        """Remove every other release, and what was being built. Raises ``UpdateFailed`` where the
        one that runs would go.
        """
        if self.name(CURRENT) not in names:
            raise UpdateFailed(f"{self.folder}: the release that runs is not one to be kept")
        self.drop_staging()
        (self.folder / BACK).unlink(missing_ok=True)
        for place in (self.folder / "releases").iterdir():
            if place.name not in names:
                shutil.rmtree(place)

    def drop_staging(self) -> None:
        shutil.rmtree(self.staging, ignore_errors=True)
