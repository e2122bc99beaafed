"""An updater in a process of its own, which may be killed before one of its steps.

Reads one JSON object: the places, the configuration, what to do, and before which of its calls to
the machine to die.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Any

import msgspec

from edge import config as configuration
from edge.app.updating import Places, Updates
from edge.errors import EdgeError
from edge.flows import staging
from edge.update import fetching, journal, manifest, releases, services

staging.STEADY_S = 0.5
staging.HEALTHY_WITHIN_S = 20.0

STEPS = (
    journal.Journal.write,
    releases.Releases.point,
    releases.Releases.keep_only,
    services.Services.restart,
)
"""What makes a difference for whoever comes after; ``test_journal`` dies everywhere."""
ON_THE_NEW_ONE = 6
"""Before this step of an update whose data break nothing the new release has been found healthy."""


def main() -> None:
    asked = json.loads(sys.stdin.read())
    _die_before(asked["die_before"])
    places = Places(**{name: Path(place) for name, place in asked["places"].items()}, user="root")
    file = Path(asked["config"])
    if asked["word"] == "fetch":
        _fetch(places, file)
        return
    updates = Updates(configuration.load(file), file, places, lambda step: None)
    repository = Path(asked["repository"]) if asked["repository"] else None
    try:
        answer = _do(updates, asked["word"], repository)
    except EdgeError as error:
        answer = {"refused": error.message}
    sys.stdout.write(json.dumps({**answer, "steps": _counted}))


_counted = 0


def _die_before(step: int | None) -> None:
    codes = {function.__code__ for function in STEPS}

    def watch(frame: FrameType, event: str, argument: Any) -> None:
        global _counted
        if event == "call" and frame.f_code in codes:
            if _counted == step:
                os.kill(os.getpid(), signal.SIGKILL)
            _counted += 1

    sys.setprofile(watch)


def _do(updates: Updates, word: str, repository: Path | None) -> dict[str, Any]:
    with updates.alone() as update:
        match word:
            case "recover" | "boot":
                ended = update.recover(live=word == "recover")
            case "rollback":
                ended = update.withdraw()
            case _:
                update.recover(live=True)
                offered, trusted, shelf = updates.offered(manifest.NEWEST, repository)
                why_not = updates.why_not(offered, asked=word == "apply")
                if why_not is not None:
                    return {"why_not": why_not}
                ended = update.take(offered, trusted, shelf)
    return {"ended": msgspec.to_builtins(ended)}


def _fetch(places: Places, file: Path) -> None:
    source = configuration.load(file).updates.source
    assert source is not None
    fetching.fetch(
        source,
        places.anchor,
        places.fetched,
        manifest.machine(),
        version=places.wanted.read_text(),
        running="0",
        report=lambda what, count, total: None,
    )


if __name__ == "__main__":
    main()
