"""What a store refuses of a repository, and what it fetches of it."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest
from updates.conftest import Publisher

from edge.errors import UpdateFailed
from edge.update import publishing
from edge.update.bundle import publish
from edge.update.fetching import fetch
from edge.update.manifest import NEWEST, Manifest
from edge.update.publishing import Keys, Repository
from edge.update.trust import Shelf, Trusted, copy_verified, published_name

MACHINE = "x86_64"


def a_bundle(folder: Path, version: str, wheel: bytes = b"the program") -> Path:
    """The least that can be published."""
    place = folder / f"bundle-{version}"
    (place / "wheels").mkdir(parents=True)
    (place / "provisioning").mkdir()
    (place / "wheels/regulars.whl").write_bytes(wheel)
    (place / "wheels/same.whl").write_bytes(b"the same in every release" * 40_000)
    (place / "provisioning/install.sh").write_text("#!/bin/sh\n")
    (place / "provisioning/steps.sh").write_text("needed_mb=1  # or more\npackages=(a b)\n")
    (place / "RELEASE").write_text(f"{version}-0123abcd\n")
    (place / "SHA256SUMS").write_text("")
    return place


@pytest.fixture
def published(tmp_path: Path, publisher: Publisher) -> Publisher:
    add(publisher, tmp_path, "1.0.0")
    return publisher


def add(publisher: Publisher, folder: Path, version: str, wheel: bytes = b"the program") -> None:
    place = a_bundle(folder, version, wheel)
    publish(place, MACHINE, publisher.repository, publisher.keys)


def look(publisher: Publisher, tmp_path: Path, machine: str = MACHINE) -> Manifest:
    """What this store believes of the repository now."""
    trusted = Trusted(tmp_path / "trust", publisher.anchor, Shelf(publisher.folder))
    trusted.refresh()
    return trusted.manifest(NEWEST, machine)


def test_what_is_published_is_believed_and_can_be_copied(
    published: Publisher, tmp_path: Path
) -> None:
    manifest = look(published, tmp_path)
    assert (manifest.version, manifest.packages, manifest.needs_mb) == ("1.0.0", ["a", "b"], 1)
    trusted = Trusted(tmp_path / "trust", published.anchor, Shelf(published.folder))
    target = trusted.file("wheels/regulars.whl", manifest.files["wheels/regulars.whl"])
    copy_verified(Shelf(published.folder), target, tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == b"the program"


def test_an_older_repository_than_was_seen_is_refused(published: Publisher, tmp_path: Path) -> None:
    shutil.copytree(published.folder, tmp_path / "yesterday")
    add(published, tmp_path, "1.1.0")
    assert look(published, tmp_path).version == "1.1.0"
    shutil.rmtree(published.folder)
    shutil.copytree(tmp_path / "yesterday", published.folder)
    with pytest.raises(UpdateFailed, match="an older state of the repository"):
        look(published, tmp_path)


def test_states_cannot_be_mixed(published: Publisher, tmp_path: Path) -> None:
    """Today's snapshot with yesterday's list of releases under today's name."""
    metadata = published.folder / "metadata"
    yesterday = (metadata / "2.targets.json").read_bytes()
    add(published, tmp_path, "1.1.0")
    (metadata / "3.targets.json").write_bytes(yesterday)
    with pytest.raises(UpdateFailed, match="an older state of the repository"):
        look(published, tmp_path)


def test_what_has_expired_is_refused_until_it_is_said_again(
    published: Publisher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    past = datetime.now(UTC).replace(microsecond=0) - timedelta(days=1)
    with monkeypatch.context() as then:
        then.setattr(publishing, "_until", lambda role: past)
        published.repository.refresh(published.keys)
    with pytest.raises(UpdateFailed, match=r"has expired .* look at this machine's clock"):
        look(published, tmp_path)
    published.repository.refresh(published.keys)
    assert look(published, tmp_path).version == "1.0.0"


@pytest.mark.parametrize("role", ["timestamp.json", "2.snapshot.json", "2.targets.json"])
def test_somebody_elses_signature_is_refused(
    published: Publisher, tmp_path: Path, role: str
) -> None:
    """A whole repository of somebody else's, or one file of it in the place of ours."""
    other = Publisher(tmp_path / "other")
    add(other, tmp_path / "theirs", "9.9.9")
    shutil.copy(other.folder / "metadata" / role, published.folder / "metadata" / role)
    with pytest.raises(UpdateFailed, match="not signed by the publisher"):
        look(published, tmp_path)


@pytest.mark.parametrize("role", ["timestamp", "2.snapshot", "2.targets"])
def test_one_word_changed_in_what_is_signed_is_refused(
    published: Publisher, tmp_path: Path, role: str
) -> None:
    place = published.folder / f"metadata/{role}.json"
    held = json.loads(place.read_text())
    held["signed"]["expires"] = "2099-01-01T00:00:00Z"
    place.write_text(json.dumps(held))
    with pytest.raises(UpdateFailed, match="not signed by the publisher"):
        look(published, tmp_path)


def test_one_byte_changed_in_a_file_is_refused(published: Publisher, tmp_path: Path) -> None:
    manifest = look(published, tmp_path)
    trusted = Trusted(tmp_path / "trust", published.anchor, Shelf(published.folder))
    for name, digest in manifest.files.items():
        target = trusted.file(name, digest)
        place = published.folder / published_name(target)
        whole = place.read_bytes()
        place.write_bytes(bytes([whole[0] ^ 1]) + whole[1:] if whole else b"something")
        with pytest.raises(UpdateFailed, match="not what the publisher signed"):
            copy_verified(Shelf(published.folder), target, tmp_path / "copies" / name)


def test_a_link_in_the_folder_of_others_is_not_followed(
    published: Publisher, tmp_path: Path
) -> None:
    (tmp_path / "secret").write_text("not theirs to have copied")
    manifest = look(published, tmp_path)
    trusted = Trusted(tmp_path / "trust", published.anchor, Shelf(published.folder))
    target = trusted.file("wheels/regulars.whl", manifest.files["wheels/regulars.whl"])
    place = published.folder / published_name(target)
    place.unlink()
    place.symlink_to(tmp_path / "secret")
    with pytest.raises(UpdateFailed, match="was not fetched whole"):
        copy_verified(Shelf(published.folder), target, tmp_path / "copy")


def test_another_kind_of_machine_finds_nothing(published: Publisher, tmp_path: Path) -> None:
    with pytest.raises(UpdateFailed, match="nothing for this machine is there"):
        look(published, tmp_path, "aarch64")


def test_keys_are_followed_from_one_root_to_the_next(published: Publisher, tmp_path: Path) -> None:
    """By a store that has seen the old ones, and by one that comes later; thieves of the old keys
    sign nothing more.
    """
    assert look(published, tmp_path).version == "1.0.0"
    new = Keys(tmp_path / "new keys", "another passphrase")
    new.make()
    published.repository.rotate(published.keys, new)
    assert look(published, tmp_path).version == "1.0.0"
    shutil.rmtree(tmp_path / "trust")
    assert look(published, tmp_path).version == "1.0.0"
    published.repository.refresh(published.keys)
    with pytest.raises(UpdateFailed, match="not signed by the publisher"):
        look(published, tmp_path)


def test_a_version_is_published_once_and_upwards(published: Publisher, tmp_path: Path) -> None:
    for version in ("1.0.0", "0.9.0"):
        with pytest.raises(UpdateFailed, match="is not newer"):
            add(published, tmp_path / "again", version)


def test_offline_keys_are_closed_to_whoever_has_the_disk(
    published: Publisher, tmp_path: Path
) -> None:
    folder = published.folder.parent / "keys"
    for name, closed in (("root", True), ("targets", True), ("online", False)):
        text = (folder / f"{name}.pem").read_text()
        assert ("ENCRYPTED" in text) is closed
        assert (folder / f"{name}.pem").stat().st_mode & 0o077 == 0
    with pytest.raises(UpdateFailed, match="cannot be opened"):
        Keys(folder, "a guess").signer("targets")
    Repository(published.folder).refresh(Keys(folder, ""))


# --- over the line -------------------------------------------------------------------------


class Line(BaseHTTPRequestHandler):
    """Serves a repository; gives up in the middle of each file of targets that is asked whole."""

    folder: ClassVar[Path]
    asked: ClassVar[list[tuple[str, str]]]
    cuts: ClassVar[bool]

    def do_GET(self) -> None:
        place = self.folder / self.path.lstrip("/")
        given = self.headers.get("Range", "")
        self.asked.append((self.path, given))
        if not place.is_file():
            self.send_error(404)
            return
        data = place.read_bytes()
        start = int(given.removeprefix("bytes=").rstrip("-")) if given else 0
        self.send_response(206 if given else 200)
        self.send_header("Content-Length", str(len(data) - start))
        self.end_headers()
        cut = self.cuts and not given and self.path.startswith("/targets/files") and len(data) > 1
        self.wfile.write(data[start : len(data) // 2] if cut else data[start:])
        if cut:
            self.close_connection = True

    def log_message(self, *words: object) -> None:
        """Nothing on the terminal."""


@pytest.fixture
def line(published: Publisher) -> Iterator[Callable[[], str]]:
    Line.folder, Line.asked, Line.cuts = published.folder, [], False
    with ThreadingHTTPServer(("127.0.0.1", 0), Line) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield lambda: f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def fetched(address: str, published: Publisher, tmp_path: Path, running: str = "0.1") -> Manifest:
    return fetch(
        address,
        published.anchor,
        tmp_path / "fetched",
        MACHINE,
        version=NEWEST,
        running=running,
        report=lambda what, count, total: None,
    )


def test_what_breaks_off_is_resumed_and_what_is_there_not_asked_again(
    published: Publisher, tmp_path: Path, line: Callable[[], str]
) -> None:
    Line.cuts = True
    manifest = fetched(line(), published, tmp_path)
    resumed = [path for path, given in Line.asked if given]
    assert len(resumed) == len(set(manifest.files.values())) - 1  # one file is empty
    trusted = Trusted(tmp_path / "trust", published.anchor, Shelf(tmp_path / "fetched"))
    trusted.refresh()
    for name, digest in manifest.files.items():
        target = trusted.file(name, digest)
        copy_verified(Shelf(tmp_path / "fetched"), target, tmp_path / "copies" / name)
    add(published, tmp_path, "1.1.0", b"a better program")
    Line.asked.clear()
    fetched(line(), published, tmp_path)
    asked = {Path(path).name.partition(".")[2] for path, _ in Line.asked if "/files/" in path}
    assert asked == {"regulars.whl", "RELEASE"}
    left = {
        place.name.partition(".")[2] for place in (tmp_path / "fetched/targets/files").rglob("*.*")
    }
    assert left == {
        *("regulars.whl", "same.whl", "install.sh", "steps.sh", "RELEASE", "SHA256SUMS"),
    }


def test_nothing_is_fetched_of_what_is_not_newer(
    published: Publisher, tmp_path: Path, line: Callable[[], str]
) -> None:
    assert fetched(line(), published, tmp_path, running="1.0.0").version == "1.0.0"
    assert not [path for path, _ in Line.asked if "/files/" in path]


def test_a_line_that_is_down_is_said_so(published: Publisher, tmp_path: Path) -> None:
    with pytest.raises(UpdateFailed, match="cannot be read"):
        fetched("http://127.0.0.1:9", published, tmp_path)
