"""Debian's package: judged by lintian, installed without a line, upgraded, taken away."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from provisioning.booted import bootable
from provisioning.container import Container
from provisioning.debian import Tree
from provisioning.shop_phone import stranger
from provisioning.test_install import OPEN, added, changes

APT = ("apt-get", "install", "--yes", "--no-install-recommends", "--allow-downgrades")
OLDER, NEWER = "0.0.9", "0.9.0"


@pytest.fixture(scope="module")
def package(
    bundle: Path,
    project: Path,
    require: Callable[[bool, str], None],
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """The package that ``make deb`` writes, from what the bundle holds."""
    for tool in ("dh", "dpkg-buildpackage", "lintian"):
        require(shutil.which(tool) is not None, f"the command {tool}")
    out = tmp_path_factory.mktemp("deb")
    made = subprocess.run(
        [project / "provisioning" / "deb.sh", out, bundle],
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stdout + made.stderr
    (packed,) = out.glob("regulars_*.deb")
    return packed


@pytest.fixture(scope="module")
def shop(new_debian: Callable[[], Tree], bundle: Path, package: Path) -> Iterator[Tree]:
    """A Debian without a line, Debian's packages on a stick, an older Regulars installed."""
    tree = new_debian()
    stick = plug(tree, bundle)
    shutil.copy(package, stick / "regulars.deb")
    repacked(package, stick / "older.deb", OLDER)
    repacked(package, stick / "broken.deb", NEWER, broken=True)
    said = install(tree, "older")
    assert said.returncode == 0, said.stdout
    yield tree
    tree.end()


def plug(tree: Tree, bundle: Path) -> Path:
    """Take the line away and leave Debian's packages on a stick, whose folder this gives."""
    stick = tree.root / "media/stick"
    shutil.copytree(bundle / "debs", stick / "debs")
    for place in (tree.root / "etc/apt").glob("sources.list*"):
        shutil.rmtree(place) if place.is_dir() else place.unlink()
    (tree.root / "etc/apt/sources.list").write_text(
        "deb [trusted=yes] file:/media/stick/debs ./\n", encoding="utf-8"
    )
    assert tree.run("apt-get", "update").returncode == 0
    return stick


def repacked(package: Path, to: Path, version: str, *, broken: bool = False) -> None:
    """The same package under another version; a broken one carries a program that cannot start."""
    folder = to.with_suffix("")
    subprocess.run(["dpkg-deb", "--raw-extract", package, folder], check=True)
    control = folder / "DEBIAN/control"
    now = package.name.split("_")[1]
    control.write_text(control.read_text().replace(f"Version: {now}", f"Version: {version}"))
    release = folder / "usr/lib/regulars/RELEASE"
    release.write_text(release.read_text().replace(now, version))
    if broken:
        (wheel,) = (folder / "usr/lib/regulars/wheels").glob("regulars-*.whl")
        wheel.write_bytes(wheel.read_bytes()[:-1000])
    subprocess.run(
        ["dpkg-deb", "--build", "--root-owner-group", "-Znone", folder, to],
        check=True,
        capture_output=True,
    )
    shutil.rmtree(folder)


def install(tree: Tree, name: str) -> subprocess.CompletedProcess[str]:
    return tree.run("env", "DEBIAN_FRONTEND=noninteractive", *APT, f"/media/stick/{name}.deb")


def current(tree: Tree) -> str:
    return (tree.root / "opt/regulars/current").readlink().name


def answers(tree: Tree) -> bool:
    said = tree.run("bash", "-c", OPEN)
    assert said.returncode == 0, said.stdout
    return bool(json.loads(said.stdout.strip().splitlines()[-1])["status"] == "ok")


def test_lintian_finds_nothing(package: Path) -> None:
    said = subprocess.run(
        ["lintian", "--allow-root", "--fail-on", "error,warning", package],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert said.returncode == 0, said.stdout


def test_the_package_needs_no_line_and_begins_with_the_machine(shop: Tree) -> None:
    assert current(shop).startswith(OLDER)
    assert answers(shop)
    assert shop.run("lego", "--version").returncode == 0, "a public name needs nothing else"
    begun = ("regulars", "regulars-firewall", "regulars-backup.timer", "regulars-verify.timer")
    assert shop.run("systemctl", "is-enabled", *begun).stdout.split() == ["enabled"] * len(begun)
    assert (shop.root / "etc/regulars").stat().st_mode & 0o777 == 0o750
    assert (shop.root / "var/lib/regulars").stat().st_mode & 0o777 == 0o700


def test_the_installer_and_the_package_send_people_to_each_other(
    shop: Tree, untouched: Tree, package: Path
) -> None:
    """Two of them on one machine would each undo the other's work."""
    shutil.copytree(untouched.root / "src", shop.root / "src")
    for words in ([], ["--uninstall", "--erase"]):
        said = shop.run("/src/provisioning/install.sh", *words)
        assert said.returncode == 1
        assert "apt install ./regulars_*.deb" in said.stdout
        assert "apt remove regulars" in said.stdout
    assert current(shop).startswith(OLDER)
    mark = shop.root / "opt/regulars/installed.sha256"
    mark.touch()
    said = install(shop, "regulars")
    mark.unlink()
    assert said.returncode != 0
    assert "sudo provisioning/install.sh --uninstall" in said.stdout
    assert current(shop).startswith(OLDER)


def test_an_upgrade_that_fails_leaves_the_old_one_at_work(shop: Tree) -> None:
    before = shop.seen()
    said = install(shop, "broken")
    assert said.returncode != 0
    assert "the Python packages could not be installed" in said.stdout
    changed = changes(before, shop.seen())
    assert [n for n in changed if n.startswith(("opt", "etc", "var/lib/regulars/"))] == []
    assert current(shop).startswith(OLDER)
    assert answers(shop)
    assert install(shop, "older").returncode == 0, "the way back"


def test_an_upgrade_keeps_what_the_shop_wrote(shop: Tree, package: Path) -> None:
    config = shop.root / "var/lib/regulars/regulars.toml"
    rules = shop.root / "etc/regulars/firewall.nft"
    edited = config.read_text().replace('"Our shop"', '"Shoes & Sons"')
    config.write_text(edited)
    rules.write_text(rules.read_text() + "# the shop's own\n")
    said = install(shop, "regulars")
    assert said.returncode == 0, said.stdout
    assert config.read_text() == edited
    assert rules.read_text().endswith("# the shop's own\n")
    assert current(shop).startswith(package.name.split("_")[1])
    kept = {folder.name for folder in (shop.root / "opt/regulars/releases").iterdir()}
    assert len(kept) == 2, "the one that runs, and the one before"
    assert answers(shop)


def test_remove_keeps_the_shop_and_purge_erases_it(shop: Tree) -> None:
    """The last one here: nothing is left to test on."""
    key = next((shop.root / "var/lib/regulars/keys").iterdir())
    removed = shop.run("apt-get", "remove", "--yes", "regulars")
    assert removed.returncode == 0, removed.stdout
    assert "the shop's data stay in /var/lib/regulars" in removed.stdout
    assert key.exists()
    assert (shop.root / "etc/regulars/regulars.toml").exists()
    assert not (shop.root / "opt/regulars").exists()
    purged = shop.run("apt-get", "purge", "--yes", "regulars")
    assert purged.returncode == 0, purged.stdout
    assert "The shop's data are gone" in purged.stdout
    assert [name for name in added({}, shop.seen()) if "regulars" in name] == []
    assert shop.run("id", "regulars").returncode != 0


def test_on_a_machine_that_runs_it_begins_at_once_and_purged_leaves_nothing(
    containers: Callable[[Tree], Container],
    new_debian: Callable[[], Tree],
    bundle: Path,
    package: Path,
) -> None:
    """Under real systemd: the gateway answers a phone, starts with the machine, and is gone."""
    tree = new_debian()
    bootable(tree)
    shutil.copy(package, plug(tree, bundle) / "regulars.deb")
    bought = containers(tree)
    with bought.on() as machine:
        env = "env DEBIAN_FRONTEND=noninteractive"
        machine.ok(f"{env} {' '.join(APT)} /media/stick/regulars.deb", within_s=600)
        machine.up()
        assert stranger(machine).has("GET", "/health")["status"] == "ok"
        assert "/setup#" in machine.ok("regulars setup")
        machine.power_off()
    with bought.on() as machine:
        machine.up()
        assert machine.ok("systemctl --failed --no-legend --plain") == ""
        assert stranger(machine).has("GET", "/health")["status"] == "ok"
        machine.ok(f"{env} apt-get purge --yes regulars", within_s=120)
        assert machine.ok("systemctl list-units --all --plain --no-legend 'regulars*'") == ""
        assert machine.run("pgrep -u regulars; id regulars").status != 0
        assert "regulars" not in machine.ok("nft list tables")
        left = "find /etc /opt /usr /var -name '*regulars*' -not -path '/var/lib/dpkg/*'"
        assert machine.ok(f"{left} -not -path '/var/log/*'") == ""
    shutil.rmtree(bought.folder)
    tree.end()
