"""Installing on an empty Debian 12: once, again, away, without a line, and with bad luck."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from provisioning.debian import Tree

INSTALL = "/src/provisioning/install.sh"
DATA = ("etc/regulars", "var/lib/regulars")
# Ask for the health with nothing but Python, as nothing else is there.
ASK = """
import sys, time, urllib.error, urllib.request
for _ in range(1800):
    try:
        print(urllib.request.urlopen("http://127.0.0.1:8080/api/v1/health").read().decode())
        break
    except urllib.error.URLError:
        time.sleep(0.1)
else:
    sys.exit("no answer")
"""
OPEN = f"regulars run >/dev/null 2>&1 & trap 'kill $!; wait' EXIT; python3 -c '{ASK}'"

# What a technician and the setup page do, with nothing but Python.
SET_UP = """
import http.client, json, re, subprocess, time, urllib.request

def ask(method, path, body=None, token=""):
    headers = {"Content-Type": "application/json"}
    if token:
        headers["Authorization"] = "Bearer " + token
    data = None if body is None else json.dumps(body).encode()
    address = "http://127.0.0.1:8080/api/v1/" + path
    request = urllib.request.Request(address, data, headers, method=method)
    return json.loads(urllib.request.urlopen(request).read())

def until(found):
    for _ in range(1800):
        try:
            if said := found():
                return said
        except (OSError, http.client.HTTPException):  # also where it closes in mid-answer
            pass
        time.sleep(0.1)

until(lambda: ask("GET", "health"))
said = subprocess.run(["regulars", "setup"], capture_output=True, text=True, check=True).stderr
code = re.search(r"/setup#(\\w+)", said)[1]
token = ask("POST", "pair", {"code": code, "device": "laptop"})["token"]
began_at = ask("GET", "setup", token=token)["started_at"]
ask("PATCH", "setup", {"store_name": "Linden"}, token)

def anew():
    seen = ask("GET", "setup", token=token)
    return seen if seen["started_at"] != began_at else None

print(until(anew)["store"]["name"])
"""


def test_what_is_installed_answers_without_a_line(installed: Tree) -> None:
    answered = installed.run("bash", "-c", OPEN)
    assert answered.returncode == 0, answered.stdout
    health = json.loads(answered.stdout.strip().splitlines()[-1])
    assert health["status"] == "ok"
    assert health["face_matching"] is False


def test_nobody_but_the_gateway_can_read_what_is_the_shops(installed: Tree) -> None:
    user = installed.run("id", "-u", "regulars").stdout.strip()
    group = installed.run("id", "-g", "regulars").stdout.strip()
    state, config = (installed.root / name for name in ("var/lib/regulars", "etc/regulars"))
    assert (str(state.stat().st_uid), state.stat().st_mode & 0o777) == (user, 0o700)
    assert (str(config.stat().st_gid), config.stat().st_mode & 0o777) == (group, 0o750)
    assert (config / "regulars.toml").stat().st_mode & 0o007 == 0
    assert (
        installed.run("getent", "passwd", "regulars").stdout.strip().endswith(":/usr/sbin/nologin")
    )


def test_the_services_begin_with_the_machine(installed: Tree) -> None:
    begun = (
        "regulars",
        "regulars-firewall",
        "regulars-backup.timer",
        "regulars-verify.timer",
        "regulars-update.timer",
        "regulars-update-recover",
    )
    said = installed.run("systemctl", "is-enabled", *begun)
    assert said.stdout.split() == ["enabled"] * len(begun)


def test_a_second_run_changes_nothing(installed: Tree) -> None:
    before = installed.seen()
    said = installed.run(INSTALL, online=True)
    assert said.returncode == 0, said.stdout
    assert changes(before, installed.seen()) == []


def test_the_shop_is_set_up_by_the_code_of_the_console(installed: Tree) -> None:
    """As the gateway's own user, through the link: the file behind it changes, the link stays."""
    script = installed.root / "tmp" / "set_up.py"
    script.write_text(SET_UP)
    said = installed.run(
        "bash",
        "-c",
        "regulars run >/dev/null 2>&1 & trap 'kill $!; wait' EXIT; python3 /tmp/set_up.py",
    )
    script.unlink()
    assert said.returncode == 0, said.stdout
    assert said.stdout.strip().splitlines()[-1] == "Linden"
    link = installed.root / "etc/regulars/regulars.toml"
    assert link.is_symlink()
    (line,) = (line for line in link.read_text().splitlines() if line.startswith("name ="))
    assert line.startswith('name = "Linden"')
    assert "# what people see" in line


def test_a_file_that_the_shop_changed_stays_and_ours_lies_beside_it(installed: Tree) -> None:
    rules = installed.root / "etc/regulars/firewall.nft"
    ours = rules.read_text()
    try:
        rules.write_text(ours + "# the shop's own\n")
        said = installed.run(INSTALL, online=True)
        assert said.returncode == 0, said.stdout
        assert rules.read_text().endswith("# the shop's own\n")
        assert rules.with_name("firewall.nft.new").read_text() == ours
        assert "firewall.nft was changed on this machine and stays" in said.stdout
    finally:
        rules.write_text(ours)
        rules.with_name("firewall.nft.new").unlink(missing_ok=True)


def test_taken_away_it_leaves_the_shops_data_and_erased_it_leaves_nothing(debian: Tree) -> None:
    before = debian.seen()
    assert debian.run(INSTALL, online=True).returncode == 0
    said = debian.run(INSTALL, "--uninstall")
    assert said.returncode == 0, said.stdout
    left = [name for name in added(before, debian.seen()) if "regulars" in name]
    assert {name for name in left if not name.startswith(DATA)} == set()
    assert (debian.root / "var/lib/regulars/models").is_dir()
    said = debian.run(INSTALL, "--uninstall", "--erase")
    assert said.returncode == 0, said.stdout
    assert [name for name in added(before, debian.seen()) if "regulars" in name] == []
    assert debian.run("id", "regulars").returncode != 0


# --- without a line ----------------------------------------------------------------------


def test_a_bundle_needs_no_line_and_one_changed_byte_is_refused(
    new_debian: Callable[[], Tree], bundle: Path
) -> None:
    debian = new_debian()
    for place in (debian.root / "etc/apt").glob("sources.list*"):
        shutil.rmtree(place) if place.is_dir() else place.unlink()
    stick = debian.root / "media/stick"
    shutil.copytree(bundle, stick)
    model = next((stick / "models/files").iterdir())
    whole = model.read_bytes()
    model.write_bytes(whole[:1000] + bytes([whole[1000] ^ 1]) + whole[1001:])
    before = debian.seen()
    refused = debian.run("/media/stick/provisioning/install.sh")
    assert refused.returncode == 1
    assert model.name in last_line(refused)
    assert "the bundle is damaged: copy it again" in last_line(refused)
    assert changes(before, debian.seen()) == []
    model.write_bytes(whole)
    said = debian.run("/media/stick/provisioning/install.sh")
    assert said.returncode == 0, said.stdout
    answered = debian.run("bash", "-c", OPEN)
    assert json.loads(answered.stdout.strip().splitlines()[-1])["status"] == "ok"
    debian.end()


# --- bad luck ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("outside", "command", "says"),
    [
        (":", ["runuser", "-u", "nobody", INSTALL], "only root may install; run: sudo"),
        (
            "mkdir -p $root/tmp/etc && sed s/^VERSION_ID=.*/VERSION_ID=13/ "
            "$root/usr/lib/os-release >$root/tmp/13 && "
            "mount --bind $root/tmp/13 $root/usr/lib/os-release",
            [INSTALL],
            "Regulars is installed on Debian 12",
        ),
        ("mount -t tmpfs -o size=64m tmpfs $root/opt", [INSTALL], "/opt has 64 MB free; make room"),
        (
            ":",
            [
                "bash",
                "-c",
                'python3 -c \'import socket,time; s=socket.create_server(("", 8443)); '
                'open("/run/up", "w").close(); time.sleep(600)\' & '
                f"while [ ! -e /run/up ]; do :; done; {INSTALL}",
            ],
            "another program listens on port 8443; stop it",
        ),
        (
            ":",
            ["flock", "/run/lock/regulars-install", INSTALL],
            "another install is running on this machine",
        ),
        (":", [INSTALL, "--remove"], "unknown word --remove"),
    ],
    ids=["nobody", "another Debian", "no room", "port taken", "twice at once", "a wrong word"],
)
def test_what_cannot_be_ends_in_one_line_and_touches_nothing(
    untouched: Tree, outside: str, command: list[str], says: str
) -> None:
    before = untouched.seen()
    said = untouched.run(*command, before=outside)
    assert said.returncode == 1
    assert says in last_line(said)
    assert changes(before, untouched.seen()) == []


def test_a_line_that_breaks_leaves_the_machine_as_it_was(debian: Tree) -> None:
    """Debian's packages come, the line breaks, Python's do not: all of it is taken back."""
    before = debian.seen()
    said = debian.run("env", "PIP_INDEX_URL=http://127.0.0.1:9/", INSTALL, online=True)
    assert said.returncode == 1
    assert "the Python packages could not be installed; check the line" in said.stdout
    assert "Putting the machine back as it was" in last_line(said)
    assert [
        c for c in changes(before, debian.seen()) if "regulars" in c or c.startswith("opt")
    ] == []
    assert debian.run("dpkg-query", "-W", "libzbar0").returncode != 0
    assert debian.run("id", "regulars").returncode != 0


def last_line(said: subprocess.CompletedProcess[str]) -> str:
    return said.stdout.strip().splitlines()[-1]


def added(before: dict[str, tuple[int, ...]], after: dict[str, tuple[int, ...]]) -> list[str]:
    return sorted(after.keys() - before.keys())


def changes(before: dict[str, tuple[int, ...]], after: dict[str, tuple[int, ...]]) -> list[str]:
    """What came, went, or is another now."""
    return sorted(n for n in before.keys() | after.keys() if before.get(n) != after.get(n))
