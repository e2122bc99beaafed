"""Settings written into the configuration: whole or not at all, comments kept.

What would break: a technician's file that loses a line, a file that no longer loads, a password
that everybody on the machine can read.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tomllib
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.config import load, parse
from edge.config.writing import rewritten
from edge.domain import (
    Language,
    ScannerKind,
    Setup,
    SetupCamera,
    SetupController,
    SetupScanner,
)
from edge.errors import ConfigError
from edge.flows.setting_up import set_up
from edge.rules.setup import tables_of

PROJECT = Path(__file__).parents[2]
TEMPLATES = (PROJECT / "provisioning/regulars.toml", PROJECT / "regulars.toml.example")
ZONE = ((0.0, 0.5), (1.0, 0.5), (1.0, 1.0))

WHOLE = Setup(
    store_id="bund",
    store_name="外滩店",
    time_zone="Asia/Shanghai",
    language=Language.CHINESE,
    cameras=(
        SetupCamera(id="door", source="rtsp://u:p@192.0.2.9/main", zone=ZONE, masks=(ZONE, ZONE)),
        SetupCamera(id="back", source="/dev/video0", place="Back door", counts="out"),
    ),
    scanners=(SetupScanner(id="till-1", kind=ScannerKind.SERIAL, source="/dev/serial/by-id/x"),),
    privacy_profile="cn",
    assessment="PIPIA-7",
    sign_confirmed_on=date(2026, 11, 28),
    retention_months=6,
    controller=SetupController(name="某某公司", address="上海", contact="privacy@example.cn"),
    headquarters_url="https://hq.example:9443",
    headquarters_credentials="/var/lib/regulars/headquarters",
)


@pytest.fixture(params=TEMPLATES, ids=lambda path: path.name)
def file(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / "regulars.toml"
    text = Path(request.param).read_text("utf-8").replace("@TIMEZONE@", "Europe/Berlin")
    path.write_text(text, encoding="utf-8")
    return path


def test_everything_that_was_decided_is_read_back(file: Path) -> None:
    told = set_up(file, WHOLE)
    assert told == load(file)
    assert (told.store.id, told.store.name) == ("bund", "外滩店")
    assert (told.store.timezone, told.store.language) == ("Asia/Shanghai", Language.CHINESE)
    assert [camera.id for camera in told.cameras] == ["door", "back"]
    assert told.cameras[0].zone == list(ZONE)
    assert told.cameras[0].masks == [list(ZONE), list(ZONE)]
    assert told.cameras[1].counts == "out"
    assert told.scanners[0].kind is ScannerKind.SERIAL
    assert told.privacy.why_off() is None
    assert told.privacy.retention_months == 6
    assert told.headquarters.credentials == "/var/lib/regulars/headquarters"


def test_every_comment_stays(file: Path) -> None:
    before = [line for line in file.read_text("utf-8").splitlines() if line.startswith("#")]
    set_up(file, WHOLE)
    after = file.read_text("utf-8").splitlines()
    assert [line for line in before if line not in after] == []


def test_what_was_not_decided_stays_as_it_is(file: Path) -> None:
    before = load(file)
    text = file.read_bytes()
    assert set_up(file, Setup()) == before
    assert file.read_bytes() == text
    told = set_up(file, Setup(store_name="Elsewhere"))
    assert told.store.name == "Elsewhere"
    assert (told.cameras, told.privacy, told.visit) == (
        before.cameras,
        before.privacy,
        before.visit,
    )


def test_a_camera_without_a_new_address_keeps_its_own_and_what_else_stands_there(
    tmp_path: Path,
) -> None:
    file = tmp_path / "regulars.toml"
    file.write_text(
        '[store]\nid = "a"\nname = "A"\n\n[[cameras]]\n# above the door, ladder in the cellar\n'
        'id = "door"\nsource = "rtsp://u:secret@192.0.2.9/1"\nloop = true\n',
        encoding="utf-8",
    )
    told = set_up(file, Setup(cameras=(SetupCamera(id="door", zone=ZONE),)))
    (door,) = told.cameras
    assert (door.source, door.loop) == ("rtsp://u:secret@192.0.2.9/1", True)
    assert "ladder in the cellar" in file.read_text("utf-8")
    assert set_up(file, Setup(cameras=(SetupCamera(id="door"),))).cameras[0].zone is None
    assert set_up(file, Setup(cameras=())).cameras == []


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        (Setup(time_zone="Mars/Base"), "store.timezone"),
        (Setup(store_id="Not An Id"), "store.id"),
        (Setup(cameras=(SetupCamera(id="door"),)), "cameras"),
        (Setup(cameras=(SetupCamera(id="x", source="ftp://x"),)), "cameras[0].source"),
        (Setup(headquarters_url="http://hq"), "headquarters.url"),
        (Setup(retention_months=0), "retention_months"),
    ],
)
def test_a_wrong_setting_is_refused_and_the_file_stays_byte_for_byte(
    file: Path, wrong: Setup, named: str
) -> None:
    set_up(file, Setup(cameras=()))
    before = file.read_bytes()
    with pytest.raises(ConfigError) as refused:
        set_up(file, wrong)
    assert named in refused.value.message
    assert file.read_bytes() == before
    assert [path.name for path in file.parent.iterdir()] == [file.name]


def test_a_link_stays_a_link_and_the_file_is_readable_to_its_owner_alone(
    file: Path, tmp_path: Path
) -> None:
    (tmp_path / "etc").mkdir()
    link = tmp_path / "etc" / "regulars.toml"
    link.symlink_to(file)
    set_up(link, WHOLE)
    assert link.is_symlink()
    assert load(link).store.id == "bund"
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_folder_that_may_not_be_written_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be"):
        set_up(tmp_path / "nowhere" / "regulars.toml", Setup())


def test_killed_at_any_moment_it_leaves_a_file_that_loads(file: Path) -> None:
    """A process that writes over and over is killed in the middle, many times."""
    program = (
        "import sys, itertools, pathlib\n"
        "from edge.domain import Setup\n"
        "from edge.flows.setting_up import set_up\n"
        "print('up', flush=True)\n"
        "for n in itertools.count():\n"
        "    set_up(pathlib.Path(sys.argv[1]), Setup(store_name='n' * (1 + n % 5000)))\n"
        "    print(n, flush=True)\n"
    )
    for writes in (1, 2, 3):
        with subprocess.Popen(
            [sys.executable, "-c", program, str(file)], stdout=subprocess.PIPE, text=True
        ) as child:
            assert child.stdout is not None
            for _ in range(1 + writes):
                child.stdout.readline()
            os.kill(child.pid, signal.SIGKILL)
        assert set(load(file).store.name) == {"n"}
        set_up(file, Setup(language=Language.ENGLISH))  # a part left behind is in nobody's way


names = st.text(min_size=1, max_size=12)


@given(name=names, contact=names, months=st.integers(1, 36), again=names)
def test_whatever_the_words_they_come_back(
    name: str, contact: str, months: int, again: str
) -> None:
    text = '[store] # the shop\nid = "a"\nname = "x"\n\n# last\n[visit]\nabsence_s = 9\n'
    for called in (name, again):
        controller = SetupController(name=called, address="a", contact=contact)
        setup = Setup(store_name=called, retention_months=months, controller=controller)
        text = rewritten(text, tables_of(setup))
        raw = tomllib.loads(text)
        assert raw["store"] == {"id": "a", "name": called}
        assert raw["privacy"]["controller"]["contact"] == contact
        assert parse(text).visit.absence_s == 9
    assert "# the shop" in text
    assert "# last" in text
