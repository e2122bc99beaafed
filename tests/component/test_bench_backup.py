"""``regulars bench backup`` on little: a real gateway, real copies, everything comes back."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from edge.bench import copies


async def test_everything_is_measured_and_everybody_comes_back(
    tmp_path: Path, models_dir: Path, require: Callable[[bool, str], None]
) -> None:
    require(shutil.which("restic") is not None, "the command restic")
    done: list[tuple[str, int, int]] = []
    result = await copies.run(tmp_path, models_dir, 50, lambda *step: done.append(step))
    assert result["members"] == 50
    assert result["first"]["added_mb"] > 0
    assert min(result[f"{which}_s"] for which in ("first", "second", "verify", "restore")) > 0
    assert set(result["phones"]) == {"before", "first", "second"}
    for waited in result["phones"].values():
        assert set(waited) == {"reads", "cards"}
    assert ("Changing members", 50, 50) in done
