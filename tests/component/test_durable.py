"""A file that is written durably is the old or the new one, wherever the power goes."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge import durable

APART = Path(__file__).with_name("durable_apart.py")


def apart(folder: Path, story: str) -> str:
    ended = subprocess.run(
        [sys.executable, APART, folder, story], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


@pytest.mark.parametrize("story", ["put", "create", "move", "erase"])
def test_killed_before_any_line_it_leaves_the_old_or_the_new(tmp_path: Path, story: str) -> None:
    assert int(apart(tmp_path / "folder", story)) >= 5


def test_headquarters_starts_wherever_its_first_start_was_killed(tmp_path: Path) -> None:
    """A key of which half was written would keep it from starting ever after."""
    assert int(apart(tmp_path / "folder", "headquarters")) >= 20


def test_where_the_disk_is_full_the_old_one_stays(tmp_path: Path) -> None:
    apart(tmp_path / "folder", "no-room")


def test_the_bytes_are_on_the_disk_before_the_name_and_the_name_before_it_returns(
    tmp_path: Path,
) -> None:
    steps: list[str] = []

    def watch(frame: FrameType, event: str, argument: Any) -> None:
        if event == "c_call" and argument.__name__ in ("write", "flush", "fsync", "replace"):
            steps.append(argument.__name__)

    sys.setprofile(watch)
    try:
        durable.put(tmp_path / "file", b"new")
    finally:
        sys.setprofile(None)
    assert steps == ["write", "flush", "fsync", "replace", "fsync"]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["put", "create", "torn"]),
            st.binary(max_size=64),
            st.sampled_from([0o600, 0o644]),
        )
    )
)
def test_it_holds_what_was_put_last_and_what_a_crash_left_is_in_nobodys_way(
    story: list[tuple[str, bytes, int]],
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file"
        held: tuple[bytes, int] | None = None
        for step, data, mode in story:
            if step == "torn":
                path.with_name(".file.part").write_bytes(data)
            elif step == "create" and held is not None:
                with pytest.raises(FileExistsError):
                    durable.create(path, data, mode)
            else:
                (durable.put if step == "put" else durable.create)(path, data, mode)
                held = data, mode
                assert [file.name for file in path.parent.iterdir()] == ["file"]
            if held is None:
                assert not path.exists()
            else:
                assert (path.read_bytes(), path.stat().st_mode & 0o777) == held


def test_many_who_write_at_once_never_mix(tmp_path: Path) -> None:
    path = tmp_path / "file"
    whole = [bytes([letter]) * 50_000 for letter in b"abcd"]
    durable.put(path, whole[0])

    def write(data: bytes) -> None:
        for _ in range(20):
            durable.put(path, data)
            assert path.read_bytes() in whole

    with ThreadPoolExecutor(len(whole)) as pool:
        list(pool.map(write, whole))
    assert [file.name for file in tmp_path.iterdir()] == ["file"]


def test_who_changes_what_is_there_is_alone(tmp_path: Path) -> None:
    path = tmp_path / "count"
    durable.put(path, b"0")

    def count(_: int) -> None:
        with durable.alone(path) as put:
            put(b"%d" % (int(path.read_bytes()) + 1), durable.PRIVATE)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(count, range(40)))
    assert path.read_bytes() == b"40"


def test_a_link_that_somebody_laid_there_leads_nowhere(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_bytes(b"theirs")
    (tmp_path / "file").symlink_to(elsewhere)
    (tmp_path / ".file.part").symlink_to(elsewhere)
    durable.put(tmp_path / "file", b"ours")
    assert elsewhere.read_bytes() == b"theirs"
    assert not (tmp_path / "file").is_symlink()
    assert (tmp_path / "file").stat().st_mode & 0o777 == 0o600


def test_what_is_erased_was_overwritten(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(b"secret")
    (tmp_path / "same").hardlink_to(tmp_path / "key")
    durable.erase(tmp_path / "key")
    assert (tmp_path / "same").read_bytes() == bytes(6)
    durable.erase(tmp_path / "key")
