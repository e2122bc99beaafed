"""``regulars scanners`` as a technician meets it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from component.scanner_shop import SerialPlug


@pytest.fixture
def port(tmp_path: Path) -> Iterator[SerialPlug]:
    with SerialPlug(tmp_path / "usb-scanner-if00") as plug:
        yield plug


@pytest.fixture
def config(tmp_path: Path, port: SerialPlug) -> Path:
    path = tmp_path / "regulars.toml"
    path.write_text(
        '[store]\nid = "a"\nname = "A"\n'
        f'[[scanners]]\nid = "till"\nkind = "serial"\nsource = "{port.path}"\n'
    )
    return path


@contextmanager
def tried_out(*options: str | Path) -> Iterator[subprocess.Popen[str]]:
    """``regulars scanners test``, once it has said that the scanner is ready."""
    command = [sys.executable, "-m", "edge", "scanners", "test", *map(str, options)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as running:
        assert running.stderr is not None
        try:
            assert any("ready: scan something" in line for line in running.stderr)
            yield running
        finally:
            running.kill()


@pytest.mark.parametrize("as_json", [False, True])
def test_what_a_scanner_gives_is_shown_until_ctrl_c(
    config: Path, port: SerialPlug, as_json: bool
) -> None:
    options = ["till", "--config", config, *(["--json"] if as_json else [])]
    with tried_out(*options) as running:
        assert running.stdout is not None
        port.send(b"]d2010400638133393\x1d10A\r")
        line = running.stdout.readline()
        running.send_signal(signal.SIGINT)
        assert running.wait(60) == 0
        assert running.stdout.read() == ""
    if as_json:
        assert json.loads(line) == {
            "text": "010400638133393\x1d10A", "symbology": "data_matrix", "aim_id": "]d2"
        }  # fmt: skip
    else:
        assert line.split() == ["data_matrix", "]d2", "010400638133393<1D>10A"]


def test_a_scanner_that_is_not_configured_is_refused_with_those_that_are(config: Path) -> None:
    command = [sys.executable, "-m", "edge", "scanners", "test", "tll", "--config", str(config)]
    told = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (told.returncode, told.stdout) == (2, "")
    assert "there is no scanner 'tll' in the configuration; it has: till" in " ".join(
        told.stderr.split()
    )


def test_the_list_is_json_where_a_program_reads_it() -> None:
    command = [sys.executable, "-m", "edge", "scanners", "list", "--json"]
    told = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert isinstance(json.loads(told.stdout)["devices"], list)
