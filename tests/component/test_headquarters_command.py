"""The commands of headquarters do what they say, and say what they cannot do."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest
from component.headquarters_history import histories, take_in

from edge.demo.town import PROJECT, new_database
from hq import schema
from hq.schema import Connection

CAMPAIGN = """\
id = "spring"
name = "Spring"
value = { kind = "percent", percent = "10" }
total = 10
"""
CATALOGUE = "gtin,product,name\n4006381333931,trail,Trail shoe\n"


@pytest.fixture
async def dsn(postgres: str) -> str:
    dsn = await new_database(postgres)
    connection = await asyncpg.connect(dsn)
    await schema.prepare(connection)
    await take_in(connection, histories(1))
    await connection.close()
    return dsn


def files(folder: Path) -> tuple[str, str]:
    """A campaign's file and a catalogue's."""
    spring, catalogue = folder / "spring.toml", folder / "catalogue.csv"
    spring.write_text(CAMPAIGN)
    catalogue.write_text(CATALOGUE)
    return str(spring), str(catalogue)


async def subjects(connection: Connection) -> set[str]:
    return {row["subject"] for row in await connection.fetch("SELECT subject FROM feed")}


async def test_each_command_has_its_effect(dsn: str, tmp_path: Path) -> None:
    spring, catalogue = files(tmp_path)
    said = [
        await asyncio.to_thread(hq, dsn, *command)
        for command in (
            ("campaign", "tell", spring),
            ("campaign", "end", "spring"),
            ("catalogue", "tell", catalogue),
            ("key", "tell", "9f2c1e07", "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"),
            ("lease", "grant", "spring", "lyon-1", "--uses", "5", "--no-renew"),
            ("setting", "set", "visit.absence_s", "900"),
            ("setting", "drop", "visit.absence_s"),
            ("members", "duplicates"),
            ("members", "merge", "ana", "bea"),
            ("members", "unmerge", "bea"),
            ("members", "show", "ana"),
            ("members", "erase", "ana", "--yes"),
            ("members", "erasures"),
        )
    ]
    assert [told.stderr for told in said if told.returncode] == []
    assert said[-1].stdout == "ana  lyon-1, nice-2\n"
    connection = await asyncpg.connect(dsn)
    told = await subjects(connection)
    await connection.close()
    assert {"campaign:spring", "product:trail", "key:9f2c1e07", "member:bea", "ana"} <= told
    assert {"configuration:lyon-1", "configuration:nice-2"} <= told
    assert len([subject for subject in told if subject.startswith("lease:")]) == 3


@pytest.mark.parametrize(
    "command",
    [
        ("campaign", "end", "autumn"),
        ("lease", "grant", "spring", "atlantis", "--uses", "5"),
        ("setting", "set", "api.port", "1"),
        ("setting", "set", "visit.absence_s", "900", "--store", "atlantis"),
        ("members", "merge", "ana", "nobody"),
        ("members", "unmerge", "ana"),
        ("members", "erase", "nobody", "--yes"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(dsn: str, command: tuple[str, ...]) -> None:
    told = hq(dsn, *command)
    assert told.returncode == 1
    assert told.stderr.startswith("hq: ")
    assert told.stderr.count("\n") == 1


def hq(dsn: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "hq", *arguments, "--dsn", dsn],
        cwd=PROJECT,
        capture_output=True,
        text=True,
    )
