"""The gateway's key on an installed machine: sealed, opened for commands, shut elsewhere."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from provisioning.debian import Tree
from provisioning.test_install import OPEN, last_line

KEYS = "var/lib/regulars/keys"
HOST_KEY = "/var/lib/systemd/credential.secret"


@pytest.fixture
def sealed(installed: Tree) -> Iterator[Tree]:
    """The installed machine after the first start of its services; unsealed again afterwards."""
    installed.run("systemd-machine-id-setup")  # as the first start of the machine does
    said = installed.run("regulars", "keys", "seal")
    assert said.returncode == 0, said.stdout
    yield installed
    said = installed.run("regulars", "keys", "unseal")
    assert said.returncode == 0, said.stdout


def doctor(tree: Tree) -> dict[str, str]:
    """What it says of the key: its grade, and what it found."""
    said = tree.run("regulars", "doctor", "--json").stdout
    found = json.loads(next(line for line in said.splitlines() if line.startswith("{")))
    (finding,) = [one for one in found["findings"] if one["check"] == "key sealing"]
    return {name: str(text) for name, text in finding.items()}


def test_a_sealed_gateway_opens_and_its_command_line_too(sealed: Tree) -> None:
    files = {path.name: path.stat() for path in (sealed.root / KEYS).iterdir()}
    assert "gateway.key" not in files
    owner = (sealed.root / KEYS).stat().st_uid
    assert {at.st_uid for at in files.values()} == {owner}
    assert {at.st_mode & 0o777 for at in files.values()} == {0o600}
    answered = sealed.run("bash", "-c", OPEN)
    assert answered.returncode == 0, answered.stdout
    assert json.loads(answered.stdout.strip().splitlines()[-1])["status"] == "ok"
    paired = sealed.run("sh", "-c", "regulars pair --name Ana && ls /run")
    assert paired.returncode == 0, paired.stdout
    assert "/pair#" in paired.stdout
    assert "regulars-" not in paired.stdout, "the clear key leaves no file behind"
    assert doctor(sealed)["grade"] == "yellow", "sealed by the host's key: a chroot has no TPM"


def test_another_mainboard_is_one_line_and_the_recovery_file_opens_it(sealed: Tree) -> None:
    exported = sealed.run("regulars", "keys", "export", "/var/tmp/recovery.json")
    assert exported.returncode == 0, exported.stdout
    code = exported.stdout.splitlines()[0].rpartition(": ")[2]
    before = {p.name: p.read_bytes() for p in (sealed.root / KEYS).iterdir()}
    sealed.run("mv", HOST_KEY, f"{HOST_KEY}.away")
    shut = sealed.run("regulars", "keys", "seal")
    assert shut.returncode == 2
    assert "does not open on this machine" in last_line(shut)
    assert "sudo regulars keys import FILE" in last_line(shut)
    assert {p.name: p.read_bytes() for p in (sealed.root / KEYS).iterdir()} == before
    assert doctor(sealed)["grade"] == "red"
    typed = f"echo {code} | regulars keys import /var/tmp/recovery.json"
    brought = sealed.run("sh", "-c", typed)
    assert brought.returncode == 0, brought.stdout
    assert doctor(sealed)["grade"] == "yellow"
    another = code[:-1] + ("X" if code[-1] != "X" else "Y")
    again = sealed.run("sh", "-c", f"echo {another} | regulars keys import /var/tmp/recovery.json")
    assert again.returncode == 2
    assert "the code does not open this file" in last_line(again)
