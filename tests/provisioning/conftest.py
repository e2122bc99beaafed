"""Debians to install in. Made with ``CI=true`` or not at all: what is missing is named."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from provisioning.booted import bootable
from provisioning.container import Container
from provisioning.debian import Tree, checkout, copies, missing
from provisioning.machine import Disk

from provisioning import container, machine


@pytest.fixture(scope="session")
def new_debian(
    require: Callable[[bool, str], None], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[], Tree]]:
    """Makes an empty Debian 12 each time it is called."""
    lacking = missing()
    require(lacking is None, str(lacking))
    folder = tmp_path_factory.mktemp("debian")
    yield copies(folder)
    subprocess.run(["rm", "-rf", "--one-file-system", folder], check=True)


@pytest.fixture
def debian(new_debian: Callable[[], Tree]) -> Iterator[Tree]:
    """An empty Debian 12 with a checkout of the project at ``/src``."""
    tree = new_debian()
    tree.put(checkout(), "src")
    yield tree
    tree.end()


@pytest.fixture(scope="session")
def untouched(new_debian: Callable[[], Tree]) -> Tree:
    """An empty Debian 12 with a checkout, for installs that must not change it."""
    tree = new_debian()
    tree.put(checkout(), "src")
    return tree


@pytest.fixture(scope="session")
def installed(new_debian: Callable[[], Tree]) -> Tree:
    """A Debian on which Regulars was installed from a checkout, with what the installer said.

    Tests leave it installed.
    """
    tree = new_debian()
    tree.put(checkout(), "src")
    said = tree.run("/src/provisioning/install.sh", online=True)
    assert said.returncode == 0, said.stdout
    return tree


@pytest.fixture(scope="session")
def project() -> Path:
    return Path(__file__).parents[2]


@pytest.fixture(scope="session")
def bundle(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundle that ``make bundle`` writes, unpacked."""
    out = tmp_path_factory.mktemp("bundle")
    made = subprocess.run(
        [project / "provisioning" / "bundle.sh", out], capture_output=True, text=True, check=False
    )
    assert made.returncode == 0, made.stdout + made.stderr
    (packed,) = out.glob("*.tar")
    subprocess.run(["tar", "-xf", packed, "-C", out], check=True)
    packed.unlink()
    (unpacked,) = out.iterdir()
    return unpacked


@pytest.fixture(scope="session")
def boots(installed: Tree, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tree]:
    """The same, with what it lacks to boot: what machines are copies of."""
    tree = copy(installed, tmp_path_factory.mktemp("boots"))
    bootable(tree)
    yield tree
    tree.end()


@pytest.fixture(scope="session")
def new_disk(
    require: Callable[[bool, str], None],
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Disk]:
    """A disk on which Regulars was installed, to make others of."""
    lacking = machine.lacks()
    require(lacking is None, str(lacking))
    folder = tmp_path_factory.mktemp("machine")
    yield machine.image(copy(request.getfixturevalue("boots"), folder), folder)
    subprocess.run(["rm", "-rf", folder], check=True)


@pytest.fixture(scope="module")
def disk(new_disk: Disk, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Disk]:
    """The disk of a machine on which Regulars was installed, and which has not been on yet."""
    folder = tmp_path_factory.mktemp("disk")
    yield new_disk.copy(folder)
    subprocess.run(["rm", "-rf", folder], check=True)


@pytest.fixture(scope="session")
def containers(
    require: Callable[[bool, str], None],
    new_debian: Callable[[], Tree],
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[[Tree], Container]:
    """Makes a machine, off, whose disk begins as a tree that boots, and leaves the tree as it is.

    Its absence is a skip by name also with ``CI=true``: no package lets a machine boot containers.
    """
    lacking = container.lacks()
    require(lacking is None, str(lacking))
    refused = container.refuses(tmp_path_factory.mktemp("trial"))
    if refused is not None:
        pytest.skip(f"needs {refused}")
    return lambda tree: Container(tree, tmp_path_factory.mktemp("container"))


@pytest.fixture(scope="module")
def unpacked(
    containers: Callable[[Tree], Container], request: pytest.FixtureRequest
) -> Iterator[Container]:
    """A machine on which Regulars was installed, and which has not been on yet."""
    made = containers(request.getfixturevalue("boots"))
    yield made
    subprocess.run(["rm", "-rf", "--one-file-system", made.folder], check=True)


def copy(tree: Tree, folder: Path) -> Tree:
    """A tree of its own with the same files."""
    subprocess.run(["cp", "-a", "--reflink=auto", tree.root, folder / "tree"], check=True)
    return Tree(folder / "tree")
