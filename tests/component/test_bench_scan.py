"""The benchmark of codes, on drawn codes and, where it is there, on the public samples."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
import zxingcpp
from typer.testing import CliRunner

from edge.bench.scan import is_wrong, run, says
from edge.cli import app

SAMPLES = Path(__file__).parents[2].parent / "shared" / "data" / "barcodes-dev"


def draw(folder: Path, name: str, shown: str, expected: str | None) -> None:
    folder.mkdir(exist_ok=True)
    code = zxingcpp.create_barcode(shown, zxingcpp.EAN13)
    picture = np.asarray(code.to_image(scale=3, add_quiet_zones=True), np.uint8)
    cv2.imwrite(str(folder / f"{name}.png"), picture)
    if expected is not None:
        (folder / f"{name}.txt").write_bytes(expected.encode())


def test_bench_scan_ends_with_its_figures_and_those_of_others(tmp_path: Path) -> None:
    draw(tmp_path / "ean13-1", "right", "4006381333931", "4006381333931")
    draw(tmp_path / "ean13-1", "other", "4006381333931", "9780201379624")
    draw(tmp_path / "ean13-1", "untold", "4006381333931", None)
    (tmp_path / "falsepositives-1").mkdir()
    empty = np.full((60, 80), 255, np.uint8)
    cv2.imwrite(str(tmp_path / "falsepositives-1" / "empty.png"), empty)
    result = CliRunner().invoke(app, ["bench", "scan", "--images", str(tmp_path)])
    assert result.exit_code == 0, result.output
    figures = json.loads(result.stdout.splitlines()[-1])
    assert (figures["images"], figures["read"], figures["read_share"]) == (2, 1, 0.5)
    assert (figures["wrong"], figures["wrong_pictures"]) == (1, ["ean13-1/other"])
    assert figures["by_symbology"] == {"ean13": {"images": 2, "read": 1}}
    assert figures["false_reads"] == 0
    assert figures["left_out"] == {"without a text": ["ean13-1/untold"]}
    assert {"zxing-cpp", "opencv"} <= figures["others"].keys()
    assert all("ms_p95" in other for other in figures["others"].values())


def test_a_folder_without_samples_is_refused_in_one_line(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["bench", "scan", "--images", str(tmp_path)])
    assert result.exit_code != 0


def test_a_missing_add_on_is_not_read_but_not_wrong_either() -> None:
    whole, main = b"978073520044951299", b"9780735200449"
    assert says(whole, whole)
    assert not says(main, whole)
    assert not is_wrong(main, whole)
    assert says(whole, main), "the text leaves out an add-on that is there"
    assert is_wrong(b"978073520044951298", whole)
    assert is_wrong(b"9780735200448", main)


@pytest.mark.skipif(
    not SAMPLES.is_dir(), reason="the public code samples are not beside the project"
)
def test_the_public_samples_are_read_and_none_wrongly(tmp_path: Path) -> None:
    for folder in ("ean13-1", "upca-4", "code128-1", "itf-1", "rmqrcode-1", "falsepositives-1"):
        (tmp_path / folder).symlink_to(SAMPLES / folder)
    figures = run(tmp_path, 2000, lambda *_: None)
    assert figures["wrong_pictures"] == []
    assert figures["false_reads"] == 0
    assert isinstance(figures["read_share"], float)
    assert figures["read_share"] >= 0.96
