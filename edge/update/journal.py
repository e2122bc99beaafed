"""How far an update is, written so that it is the old or the new word whenever the power goes."""

from __future__ import annotations

from pathlib import Path

import msgspec

from edge import durable
from edge.domain.updates import Progress
from edge.errors import UpdateFailed


class Journal:
    """One small file. Everybody on the machine may read it; no secret is in it."""

    def __init__(self, folder: Path) -> None:
        self._place = folder / "journal.json"

    def read(self) -> Progress:
        """What was last written; where nothing was, no update was ever begun.

        Raises ``UpdateFailed`` for a file that is not ours.
        """
        try:
            return msgspec.json.decode(self._place.read_bytes(), type=Progress)
        except FileNotFoundError:
            return Progress()
        except (OSError, msgspec.DecodeError) as error:
            raise UpdateFailed(f"{self._place} cannot be read: {error}") from error

    def write(self, progress: Progress) -> None:
        """On disk when this returns. Raises ``UpdateFailed``; then the old word stands."""
        try:
            self._place.parent.mkdir(parents=True, exist_ok=True, mode=0o755)
            durable.put(self._place, msgspec.json.encode(progress), 0o644)
        except OSError as error:
            raise UpdateFailed(f"{self._place}: {error.strerror}; make room on the disk") from error
