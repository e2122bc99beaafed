"""The files that the installer puts in place, judged by the tools of those who read them."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from edge.config import parse

PROVISIONING = Path(__file__).parents[2] / "provisioning"
UNITS = sorted((PROVISIONING / "systemd").glob("*.service"))
SCRIPTS = [
    *PROVISIONING.glob("*.sh"),
    *(PROVISIONING / "package").glob("regulars.p*[mt]"),
    PROVISIONING / "bin" / "regulars",
]
EXPOSED_AT_MOST = 2.0
CHANGES_THE_MACHINE = {"regulars-update.service": 2.5, "regulars-update-recover.service": 2.5}
"""What replaces the program is root, which alone counts for more than all else."""


@pytest.fixture
def tool(require: Callable[[bool, str], None]) -> Callable[..., str]:
    """Run a tool of Debian's that must find nothing wrong; gives its output."""

    def run(*command: str | Path) -> str:
        require(shutil.which(str(command[0])) is not None, f"the command {command[0]}")
        ended = subprocess.run(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
        )
        assert ended.returncode == 0, ended.stdout
        return ended.stdout

    return run


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_shellcheck_finds_nothing(script: Path, tool: Callable[..., str]) -> None:
    tool("shellcheck", "--external-sources", script)


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_each_unit_is_locked_down(unit: Path, tool: Callable[..., str]) -> None:
    said = tool("systemd-analyze", "security", "--offline=true", "--no-pager", unit)
    exposure = re.search(r"Overall exposure level for \S+: ([\d.]+)", said)
    assert exposure is not None, said
    assert float(exposure[1]) <= CHANGES_THE_MACHINE.get(unit.name, EXPOSED_AT_MOST)


def test_systemd_understands_every_key(tool: Callable[..., str], tmp_path: Path) -> None:
    for unit in UNITS:
        # The programs are elsewhere; what is asked here is whether the file says what is meant.
        text = re.sub(r"^(Exec\w+=)\S+", r"\1/bin/true", unit.read_text(), flags=re.MULTILINE)
        (tmp_path / unit.name).write_text(text)
    paths = [tmp_path / unit.name for unit in UNITS]
    assert tool("systemd-analyze", "verify", "--man=no", "--recursive-errors=no", *paths) == ""


def test_the_firewall_rules_can_be_loaded(tool: Callable[..., str]) -> None:
    tool("nft", "--check", "--file", PROVISIONING / "nftables" / "firewall.nft")


def test_each_udev_rule_is_one() -> None:
    """udev knows comments of whole lines only; behind a rule they void it, and nothing fails."""
    pair = r'[A-Z]+(\{\w+\})?([=!]=|\+?=)"[^"]*"'
    for rules in (PROVISIONING / "udev").iterdir():
        for line in rules.read_text().splitlines():
            assert not line or line.startswith("#") or re.fullmatch(f"{pair}(, {pair})*", line)


def test_the_first_configuration_can_be_used() -> None:
    text = (PROVISIONING / "regulars.toml").read_text(encoding="utf-8")
    shop = parse(text.replace("@TIMEZONE@", "Asia/Shanghai"))
    assert shop.store.timezone == "Asia/Shanghai"
    assert shop.privacy.why_off() is not None


def test_what_it_says_in_comments_can_be_used_too() -> None:
    """Each proposal, its comment sign taken away, is a key that exists."""
    text = (PROVISIONING / "regulars.toml").read_text(encoding="utf-8")
    told = re.sub(r"^# (?=(\[|\w+ = ))", "", text, flags=re.MULTILINE)
    shop = parse(told.replace("@TIMEZONE@", "UTC"))
    assert [camera.id for camera in shop.cameras] == ["door"]
    assert [scanner.id for scanner in shop.scanners] == ["till-1"]
    assert shop.certificate.name == "shop-12.example.com"
    assert shop.headquarters.url == "https://hq.example.com:9443"
