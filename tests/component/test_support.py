"""The support bundle of a full store holds nothing of anybody, and nothing that opens a door."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import tarfile
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

import msgspec
import pytest
from component.flows_shop import GUIDE, open_shop
from component.test_app import shop

from edge.app import support
from edge.config import BackupConfig, CameraConfig, Config, HeadquartersConfig, ScannerConfig
from edge.domain import ScannerKind

SHORT = 6
"""Shorter values stand in any text by chance."""


def configured(state: Path, tmp_path: Path) -> Config:
    config = shop(state, face_matching=False)
    return msgspec.structs.replace(
        config,
        store=msgspec.structs.replace(config.store, name="Maison Secrète"),
        privacy=msgspec.structs.replace(
            shop(state).privacy, assessment="DPIA-7-SECRET", sign_confirmed_on=date(2026, 1, 1)
        ),
        cameras=[CameraConfig(id="door", source="rtsp://viewer:pa55word@10.0.0.9/1", place="Nook")],
        scanners=[ScannerConfig(id="till", kind=ScannerKind.SERIAL, source="/dev/serial/by-id/x")],
        backup=BackupConfig(to=f"rest:https://user:hunter22@{tmp_path.name}.example/"),
        headquarters=HeadquartersConfig(url="https://hq.secret.example:9443"),
    )


def texts(path: Path) -> Iterator[str]:
    """Every text in a database but its own vocabulary: words, names, codes, hashes, receipts."""
    with closing(sqlite3.connect(path)) as connection:
        for (table,) in connection.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE '%migrations%' "
            "AND name NOT LIKE 'sqlite_%'"
        ).fetchall():
            for row in connection.execute(f'SELECT * FROM "{table}"'):
                for value in row:
                    if isinstance(value, bytes):
                        yield value.hex()
                    elif isinstance(value, str):
                        yield value


async def test_of_a_full_store_nothing_of_anybody_is_in_it(tmp_path: Path) -> None:
    state = tmp_path / "state"
    async with open_shop(state) as full:
        ana, _ = await full.enrolled("Ana Ziegenbart")
        await full.members.edit(GUIDE, ana.id, phone="+49 170 7654321", card_number="R-900417")
        await full.members.note(GUIDE, ana.id, "asks for the quiet fitting room")
    config = configured(state, tmp_path)
    out = tmp_path / "bundle.tar.gz"
    names = await asyncio.to_thread(support.write, config, tmp_path / "regulars.toml", out)
    with tarfile.open(out) as bundle:
        inside = "\n".join(
            bundle.extractfile(entry).read().decode()  # type: ignore[union-attr]
            for entry in bundle.getmembers()
        )
    assert "tables.json" in names
    assert '"members": 1' in inside
    kept = {text for text in texts(state / "regulars.db") if len(text) >= SHORT}
    kept |= {text for text in texts(state / "keys" / "keyring.db") if len(text) >= SHORT}
    assert any("Ziegenbart" in text for text in kept)
    assert {text for text in kept if text in inside} - vocabulary(kept) == set()
    for secret in (
        *("pa55word", "10.0.0.9", "Nook", "hunter22", "hq.secret", "DPIA-7-SECRET", "Maison"),
        *("Ziegenbart", "7654321", "R-900417", "quiet fitting room", "by-id"),
    ):
        assert secret not in inside


def vocabulary(kept: set[str]) -> set[str]:
    """Words of the program's own that stand in rows: actions, kinds, states."""
    return {text for text in kept if text.replace("_", "").isalpha() and text.islower()}


def test_what_the_configuration_keeps_is_struck_out_of_messages_too(tmp_path: Path) -> None:
    strike = support.striker(configured(tmp_path, tmp_path))
    said = json.dumps(
        {"error": "rtsp://viewer:pa55word@10.0.0.9/1 does not answer; Maison Secrète"}
    )
    assert "pa55word" not in strike(said)
    assert "Secr" not in strike(said)


def test_a_bundle_is_never_written_over_another(tmp_path: Path) -> None:
    (tmp_path / "there").touch()
    with pytest.raises(FileExistsError):
        support.write(configured(tmp_path, tmp_path), tmp_path / "x.toml", tmp_path / "there")
