"""What headquarters knows of a publisher's repository: really signed, really served."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from component.publisher import Publisher, served
from typer.testing import CliRunner

from edge.demo.town import new_database
from edge.update.publishing import Keys
from hq.cli import app
from hq.problems import Mistake
from hq.releases.published import Source, read


@pytest.fixture
def publisher(tmp_path: Path) -> Publisher:
    return Publisher(tmp_path / "publisher")


@pytest.fixture
def source(publisher: Publisher) -> Iterator[Source]:
    with served(publisher.repository.folder) as address:
        yield Source(url=address, root=publisher.anchor.read_bytes())


def test_what_is_published_is_known_by_version_and_machine(
    publisher: Publisher, source: Source
) -> None:
    assert read(source) == {}
    publisher.add("1.4.0")
    publisher.add("1.4.0", "aarch64")
    publisher.add("1.5.0")
    assert read(source) == {"1.4.0": ("aarch64", "x86_64"), "1.5.0": ("x86_64",)}
    new = Keys(publisher.folder / "new", "another passphrase")
    new.make()
    publisher.repository.rotate(publisher.keys, new)
    assert read(source).keys() == {"1.4.0", "1.5.0"}


@pytest.mark.parametrize("how", ["another publisher", "no repository", "nobody", "no address"])
def test_what_cannot_be_believed_is_told_in_words(
    publisher: Publisher, source: Source, tmp_path: Path, how: str
) -> None:
    match how:
        case "another publisher":
            other = Publisher(tmp_path / "other")
            given, code = Source(url=source.url, root=other.anchor.read_bytes()), "not_signed"
        case "no repository":
            given, code = Source(url=f"{source.url}/elsewhere", root=source.root), "away"
        case "nobody":
            given, code = Source(url="http://127.0.0.1:9", root=source.root), "away"
        case _:
            given, code = Source(url="ftp://127.0.0.1", root=source.root), "source"
    with pytest.raises(Mistake) as refused:
        read(given)
    assert refused.value.code == code


async def test_on_the_command_line_only_what_is_published_can_be_begun(
    publisher: Publisher, source: Source, postgres: str, tmp_path: Path
) -> None:
    dsn, folder = await new_database(postgres), str(tmp_path / "authority")

    def hq(*words: str) -> tuple[int, str]:
        ended = CliRunner().invoke(app, words)
        return ended.exit_code, f"{ended.output}{ended.exception or ''}"

    def release(*words: str) -> tuple[int, str]:
        return hq("release", words[0], "--dsn", dsn, *words[1:])

    def told(*words: str) -> dict[str, Any]:
        code, said = release(*words, "--json")
        assert code == 0, said
        found: dict[str, Any] = json.loads(said)
        return found

    def story() -> None:
        assert hq("init", "--folder", folder, "127.0.0.1")[0] == 0
        for store_id in ("lyon", "nice"):
            out = str(tmp_path / store_id)
            assert hq("admit", "--dsn", dsn, "--folder", folder, store_id, out)[0] == 0
        publisher.add("1.4.0")
        assert told("status") == {"rollout": None}
        there = {"published": [{"version": "1.4.0", "machines": ["x86_64"]}]}
        assert "release source" in release("published")[1]
        assert told("source", source.url, "--publisher", str(publisher.anchor)) == there
        assert told("published") == there
        code, said = release("begin", "1.5.0")
        assert (code, "1.5.0 is not published; the publisher has 1.4.0" in said) == (1, True)
        code, said = release("begin", "1.4.0", "--wave", "nowhere", "--wave", "100%")
        assert (code, "no store is called nowhere" in said) == (1, True)
        begun = told("begin", "1.4.0", "--wave", "nice", "--wave", "100%", "--hours", "24")
        assert begun["rollout"]["waves"] == [["nice"], 100]
        assert [(s["store_id"], s["wave"], s["fares"]) for s in begun["stores"]] == [
            ("nice", 0, "waits"),
            ("lyon", 1, "waits"),
        ]
        assert release("stop", "--because", "a till does not print")[0] == 0
        assert "stopped: a till does not print" in release("status")[1]

    await asyncio.to_thread(story)
