"""The command line as a technician meets it: one line that says what to do, and a status."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from edge.clienteling_api.addresses import Names
from edge.clienteling_api.authority import make_authority

CONFIG = """
[store]
id = "shop"
name = "Corner Shop"
state_dir = "{state}"

[api]
port = 0
loopback_port = 0
announce = false
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "regulars.toml"
    path.write_text(CONFIG.format(state=tmp_path / "state"))
    return path


def regulars(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "edge", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('[store]\nid = "a"\nname = "A"\nlangage = "en"', "store.langage: unknown key; did you"),
        ('[store]\nid = "a"', "store.name: is missing; add it"),
        ('[store]\nid = "a"\nname = "A"\ntimezone = "Mars/Base"', "store.timezone: unknown zone"),
        (
            '[store]\nid = "a"\nname = "A"\n[[cameras]]\nid = "door"\nsource = "rtsp://a b"',
            "cameras[0].source: this address does not parse",
        ),
        (
            '[store]\nid = "a"\nname = "A"\n[[cameras]]\nid = "door"\nsource = "clip.mp4"',
            "cameras[0].source: there is no file 'clip.mp4'",
        ),
        (
            '[store]\nid = "a"\nname = "A"\n[recognition]\npack = "insightface"',
            'add "insightface-non-commercial" to recognition.accepted_licences',
        ),
        (
            '[store]\nid = "a"\nname = "A"\n[privacy]\nprofile = "demo"\n'
            '[[cameras]]\nid = "door"\nsource = "rtsp://cam/1"',
            "the demo profile takes recorded files only",
        ),
        ("[store", "is not valid TOML"),
    ],
)
def test_a_wrong_configuration_ends_in_one_line_that_names_the_key(
    config: Path, line: str, said: str
) -> None:
    config.write_text(line)
    ended = regulars("run", "--config", config)
    assert ended.returncode == 2
    (told,) = ended.stderr.strip().splitlines()
    assert told.startswith("regulars: ")
    assert said in told
    assert "Traceback" not in ended.stderr


def test_a_configuration_that_is_not_there_is_named(tmp_path: Path) -> None:
    ended = regulars("run", "--config", tmp_path / "nowhere.toml")
    assert ended.returncode == 2
    assert "nowhere.toml: cannot be read" in ended.stderr


def test_a_missing_model_is_told_at_start_with_what_to_do(config: Path, tmp_path: Path) -> None:
    conditions = """
[privacy]
profile = "eu"
assessment = "DPIA-1"
sign_confirmed_on = 2026-05-01
controller = { name = "Shop Ltd", address = "1 Road", contact = "hello@shop.example" }
"""
    config.write_text(config.read_text() + conditions)
    ended = regulars("run", "--config", config)
    assert ended.returncode == 2
    told = ended.stderr.strip().splitlines()[-1]
    assert told.startswith("regulars: ")
    assert "regulars models fetch" in told
    assert str(tmp_path / "state" / "models") in told


def test_an_import_takes_what_is_right_and_names_what_is_not(config: Path, tmp_path: Path) -> None:
    file = tmp_path / "members.csv"
    file.write_text("name,card_number,phone\nLin Wei,C-1001,+8613800138000\n,C-1002,\n", "utf-8")
    ended = regulars("members", "import", file, "--config", config, "--json")
    assert ended.returncode == 0, ended.stderr
    counts = json.loads(ended.stdout.strip().splitlines()[-1])
    assert counts == {"created": 1, "updated": 0, "unchanged": 0, "refused": 1}
    assert "line 3: " in ended.stderr
    assert regulars("audit", "verify", "--config", config).returncode == 0


def test_a_pairing_code_can_be_printed_beside_the_gateway(config: Path) -> None:
    ended = regulars("pair", "--config", config, "--name", "Ana", "--role", "guide")
    assert ended.returncode == 0, ended.stderr
    assert "/pair#" in ended.stderr
    assert "█" in ended.stderr


def test_beside_the_code_stands_the_fingerprint_that_the_phone_must_show(
    config: Path, tmp_path: Path
) -> None:
    (tmp_path / "state" / "tls").mkdir(parents=True, mode=0o700)
    (tmp_path / "state").chmod(0o700)
    now = datetime.now(UTC)
    names = Names(preferred=ip_address("127.0.0.1"), addresses=frozenset(), hosts=frozenset())
    authority = make_authority(names, now).certificate
    pem = authority.public_bytes(Encoding.PEM)
    (tmp_path / "state" / "tls" / "authority.pem").write_bytes(pem)
    ended = regulars("pair", "--config", config)
    assert authority.fingerprint(SHA256()).hex(":").upper() in ended.stderr


def test_the_reference_of_the_configuration_can_be_printed() -> None:
    printed = regulars("config", "reference").stdout
    assert "`assessment`" in printed
