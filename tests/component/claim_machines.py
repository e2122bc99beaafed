"""Machines that are no store yet, and the claims that headquarters makes for them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
from component.headquarters_town import Headquarters

from edge.app.admission import admission
from edge.config import Config, load
from edge.contract import ClaimedStore, StoreClaim
from edge.demo.town import PROJECT
from edge.flows.admission import Unconfirmed
from edge.flows.kept_claim import KeptClaim
from hq import authority
from hq.claims import making

UNCLAIMED = """\
# What the technician wrote stays.
[store]
id = "shop"
name = "A new shop"
state_dir = "{state}"

[api]
host = "127.0.0.1"
port = 0
loopback_port = 0
announce = false
"""


@dataclass(frozen=True, slots=True)
class Machine:
    """A folder with the configuration of a gateway that belongs to nobody."""

    folder: Path

    @classmethod
    def new(cls, folder: Path) -> Machine:
        folder.mkdir(parents=True)
        machine = cls(folder)
        machine.file.write_text(UNCLAIMED.format(state=machine.state), encoding="utf-8")
        return machine

    @property
    def file(self) -> Path:
        return self.folder / "regulars.toml"

    @property
    def state(self) -> Path:
        return self.folder / "state"

    @property
    def config(self) -> Config:
        return load(self.file)

    @property
    def kept(self) -> KeptClaim:
        return KeptClaim(self.state)

    @property
    def certificate(self) -> bytes:
        return (self.kept.credentials / "pair.pem").read_bytes()

    def take_in(self, claim: bytes) -> StoreClaim:
        """Keep a claim, whoever signed it."""
        machine = admission(self.file, utc_now)
        taken = machine.take_in(claim)
        if isinstance(taken, Unconfirmed):
            taken = machine.take_in(claim, taken.authority)
        assert isinstance(taken, StoreClaim)
        return taken

    async def pursue(self) -> StoreClaim | None:
        return await admission(self.file, utc_now).pursue()

    def seen(self) -> dict[str, bytes]:
        """Every file but the locks, to find a change by."""
        return {
            path.relative_to(self.folder).as_posix(): path.read_bytes()
            for path in sorted(self.folder.rglob("*"))
            if path.is_file() and path.suffix != ".lock"
        }

    def claim(self, *words: str, stdin: bytes | None = None) -> subprocess.CompletedProcess[bytes]:
        """``regulars claim`` as a technician types it."""
        return subprocess.run(
            [sys.executable, "-m", "edge", "claim", "--config", str(self.file), *words],
            cwd=PROJECT,
            input=stdin or b"",
            capture_output=True,
            check=False,
        )


def utc_now() -> datetime:
    return datetime.now(UTC)


def store(store_id: str = "lyon-1") -> ClaimedStore:
    return ClaimedStore(id=store_id, name=f"Shop {store_id}", timezone="Europe/Paris")


async def claims(
    headquarters: Headquarters,
    stores: Iterable[ClaimedStore],
    *,
    lasts: timedelta = timedelta(days=1),
    admissions: str | None = None,
) -> list[bytes]:
    """A claim for each store, as ``regulars fleet claim`` makes them."""
    now = utc_now()
    terms = making.Terms(
        admissions=admissions or headquarters.url, url=headquarters.url, expires_at=now + lasts
    )
    return [one.file for one in await _made(headquarters, list(stores), terms, now)]


async def claim_with_page(headquarters: Headquarters, store: ClaimedStore) -> tuple[bytes, str]:
    """A claim, and the code on the page for its shop's first manager."""
    now = utc_now()
    terms = making.Terms(
        admissions=headquarters.url,
        url=headquarters.url,
        expires_at=now + timedelta(days=1),
        first_manager=True,
    )
    (made,) = await _made(headquarters, [store], terms, now)
    assert made.code is not None
    return made.file, made.code


async def _made(
    headquarters: Headquarters, stores: list[ClaimedStore], terms: making.Terms, now: datetime
) -> list[making.Made]:
    connection = await asyncpg.connect(headquarters.dsn)
    try:
        async with connection.transaction():
            return await making.make(connection, headquarters.folder, stores, terms, now)
    finally:
        await connection.close()


def fingerprint(headquarters: Headquarters) -> str:
    return authority.fingerprint_of(headquarters.folder)


def fleet(headquarters: Headquarters, verb: str, *words: str) -> subprocess.CompletedProcess[str]:
    """``regulars fleet`` where headquarters runs."""
    where = ["--dsn", headquarters.dsn]
    where += ["--folder", str(headquarters.folder)] if verb == "claim" else []
    return subprocess.run(
        [sys.executable, "-m", "edge", "fleet", verb, *where, *words],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
