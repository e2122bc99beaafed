"""``bench embed`` and ``doctor``: the whole command, and what its last line says."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).parents[2]


def last_line(models_dir: Path, *command: str) -> dict[str, Any]:
    told = subprocess.run(
        [sys.executable, "-m", "edge", *command, "--models-dir", str(models_dir)],
        capture_output=True, text=True, timeout=500, check=True, cwd=PROJECT,
    )  # fmt: skip
    result: dict[str, Any] = json.loads(told.stdout.splitlines()[-1])
    return result


def test_embed_measures_every_way_beside_the_published_files(models_dir: Path) -> None:
    result = last_line(models_dir, "bench", "embed")
    assert result["same_faces"] == 1.0
    assert result["embedding_taken"] in result["embedding"]
    assert result["detection_taken"] in result["detection"]
    for rows in (result["embedding"], result["detection"]):
        assert len(rows) + len(result["not_present"]) >= 5
        assert all(cost["ms"] > 0 and cost["cpu_ms"] > 0 for cost in rows.values())


def test_doctor_names_the_way_of_each_model_and_a_number_of_cameras(models_dir: Path) -> None:
    result = last_line(models_dir, "doctor", "--json")
    assert [model["file"][:9] for model in result["models"]] == ["face_dete", "face_reco"]
    for model in result["models"]:
        assert model["execution"]
        assert model["execution"] not in model["refused"]
    assert result["cameras"] >= result["cameras_all_busy"] >= 0
