"""The benchmark of the start, once of each kind: a member who stands there is named."""

from __future__ import annotations

import json
from pathlib import Path

from edge.bench import start


def quiet(what: str, done: int, total: int) -> None:
    """Nobody watches."""


async def test_one_start_of_each_kind_answers_and_names_the_member(models_dir: Path) -> None:
    result = await start.run(1, models_dir, quiet)
    for kind in ("warm", "cold"):
        figures = result[kind]
        assert 0 < figures["first_answer_ms"]["median"] < figures["first_recognition_ms"]["max"]
        assert figures["first_answer_cpu_ms"]["max"] > 0
    assert json.loads(json.dumps(result)) == result
