"""Everything can be taken along: every row of every table, and all of one member."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest
from component.headquarters_history import histories, take_in

from edge.demo.town import PROJECT
from hq import export, merging
from hq.problems import Mistake
from hq.schema import Connection

WORDS = 'comma, "quote", \\ backslash, \n line, \t tab, 张'


async def run(connection: Connection, folder: Path, form: export.Format) -> dict[str, int]:
    done: dict[str, int] = {}
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        async for exported in export.tables(connection, folder, form):
            if exported.rows is not None:
                done[exported.table] = exported.rows
    return done


async def test_every_row_of_every_table_is_in_the_files_as_it_is(
    database: Connection, tmp_path: Path
) -> None:
    await take_in(database, histories(1))
    await database.execute("UPDATE members SET profile = $1", json.dumps({"name": WORDS}))
    names = await database.fetch(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public' "
        "AND tablename NOT IN ('sessions', 'invitations')"  # what lets people in stays here
    )
    held = {
        row["tablename"]: await database.fetchval(f"SELECT count(*) FROM {row['tablename']}")
        for row in names
    }
    assert await run(database, tmp_path / "csv", "csv") == held
    assert await run(database, tmp_path / "jsonl", "jsonl") == held
    for table, count in held.items():
        lines = (tmp_path / "jsonl" / f"{table}.jsonl").read_text("utf-8").splitlines()
        assert len([json.loads(line) for line in lines]) == count
        with (tmp_path / "csv" / f"{table}.csv").open(encoding="utf-8", newline="") as file:
            assert len(list(csv.DictReader(file))) == count
    text = (tmp_path / "jsonl" / "members.jsonl").read_text("utf-8").splitlines()[0]
    assert json.loads(json.loads(text)["profile"])["name"] == WORDS
    with (tmp_path / "csv" / "members.csv").open(encoding="utf-8", newline="") as file:
        assert json.loads(next(csv.DictReader(file))["profile"])["name"] == WORDS
    assert (tmp_path / "csv" / "members.csv").stat().st_mode & 0o777 == 0o600


async def test_a_folder_that_is_there_is_left_alone(database: Connection, tmp_path: Path) -> None:
    with pytest.raises(Mistake, match="new folder"):
        await run(database, tmp_path, "csv")


async def test_a_members_document_holds_all_of_theirs_and_nothing_of_others(
    database: Connection,
) -> None:
    await take_in(database, histories(1))
    async with database.transaction():
        await merging.merge(database, "ana", "bea")
    document = json.loads(await export.of_member(database, "bea"))
    assert document["ids"] == ["ana", "bea"]
    assert {row["id"] for row in document["member"]} == {"ana", "bea"}
    for name in ("visits", "consents", "redemptions", "sales"):
        count = await database.fetchval(f"SELECT count(*) FROM {name} WHERE member_id = 'ana'")
        assert len(document[name]) == count > 0
    assert "cleo" not in json.dumps(document)
    with pytest.raises(Mistake):
        await export.of_member(database, "nobody")


def test_the_command_says_what_it_wrote_and_what_it_cannot(postgres: str, tmp_path: Path) -> None:
    def hq(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "hq", *arguments, "--dsn", postgres],
            cwd=PROJECT,
            capture_output=True,
            text=True,
        )

    told = hq("export", str(tmp_path / "all"))
    assert told.returncode == 0, told.stderr
    assert "members: 0 rows" in told.stderr
    assert (tmp_path / "all" / "manifest.json").exists()
    again = hq("export", str(tmp_path / "all"))
    assert again.returncode == 1
    assert again.stderr.splitlines()[-1].startswith("hq: ")
    nobody = hq("members", "show", "nobody")
    assert (nobody.returncode, nobody.stderr) == (1, "hq: no member has the id nobody\n")
