"""The store: one writer, a few readers, and the keys.

A story is a function that takes a ``Transaction``; it runs whole in the writer's thread, under
BEGIN IMMEDIATE, and is kept or undone whole. A question takes a ``Reader`` and
sees one consistent snapshot, undisturbed by whoever writes.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack, asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from edge.errors import StoreUnavailable
from edge.store.connection import Connection, open_reader, open_writer, translated
from edge.store.keyring import ROTATION, Keyring, open_keyring
from edge.store.migrating import migrate
from edge.store.reconcile import reconcile
from edge.store.rotation import renew
from edge.store.transaction import Reader, Transaction
from edge.store.workers import Workers
from edge.store.writer import Writer

T = TypeVar("T")

READERS = 3
WRITES_IN_LINE = 256
READS_IN_LINE = 256


class Store:
    """What the shop remembers. Made by ``open``."""

    def __init__(self, keyring: Keyring, writer: Writer, readers: Workers) -> None:
        self._keyring = keyring
        self._writer = writer
        self._readers = readers

    @classmethod
    @asynccontextmanager
    async def open(cls, state_dir: Path, clock: Callable[[], datetime]) -> AsyncIterator[Store]:
        """Open the store in a folder, making it at first start.

        Raises ``ConfigError`` for keys that are missing, foreign or open to others, and
        ``StoreUnavailable`` for a database that cannot be used.
        """
        store = await asyncio.to_thread(_open, state_dir, clock)
        try:
            yield store
        finally:
            await store._readers.close()
            await store._writer.close()
            await asyncio.to_thread(store._keyring.close)

    @property
    def writes_in_line(self) -> int:
        """Stories that wait or run."""
        return self._writer.in_line

    @property
    def reads_in_line(self) -> int:
        """Questions that wait or run."""
        return self._readers.in_line

    async def write(self, story: Callable[[Transaction], T]) -> T:
        """Run a story. Raises what it raises, ``Conflict`` or ``StoreUnavailable``."""
        return await self._writer.write(story)

    async def read(self, question: Callable[[Reader], T]) -> T:
        """Answer a question. Raises what it raises, or ``StoreUnavailable``."""

        def run(connection: Connection) -> T:
            reader = Reader(connection, self._keyring)
            with connection.transaction("DEFERRED"):
                return question(reader)

        return await self._readers.run(run)

    def rotation_secret(self) -> bytes:
        """The 32 bytes that rotate every embedding of this store."""
        return self._keyring.secret(ROTATION)

    async def renew_rotation(self) -> int:
        """Make a new rotation secret and turn every template; returns how many.

        Vision rotates by the secret it was started with: stop it before, start it after.
        """
        return await self._writer.run(lambda connection: renew(connection, self._keyring))

    async def empty_log(self) -> None:
        """What was erased stands in the write-ahead log no longer, as far as readers let."""
        await self._writer.run(lambda connection: connection.empty_log())

    def sign(self, data: bytes) -> str:
        """Ed25519 signature in base64url."""
        return self._keyring.sign(data)

    def public_key(self) -> bytes:
        """The 32 bytes that check what ``sign`` signed."""
        return self._keyring.public_key()

    def pair(self, name: str) -> bytes | None:
        """Key and certificates (PEM) by which phones know this gateway, once there are some."""
        return self._keyring.pair(name)

    def keep_pair(self, name: str, pem: bytes) -> None:
        """Durable when this returns."""
        self._keyring.keep_pair(name, pem)


def _open(state_dir: Path, clock: Callable[[], datetime]) -> Store:
    try:
        with translated(f"{state_dir} cannot be used"):
            return _assemble(state_dir, clock)
    except OSError as error:
        raise StoreUnavailable(
            f"{state_dir} cannot be used ({error.strerror}); check the folder and the disk"
        ) from error


def _assemble(state_dir: Path, clock: Callable[[], datetime]) -> Store:
    state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = state_dir / "regulars.db"
    with ExitStack() as opened:
        keyring = open_keyring(state_dir / "keys")
        opened.callback(keyring.close)
        writing = open_writer(path)
        opened.callback(writing.close)
        migrate(writing.database)
        reconcile(writing, keyring, clock)
        reading = []
        for _ in range(READERS):
            reading.append(open_reader(path))
            opened.callback(reading[-1].close)
        opened.pop_all()
    writer = Writer(Workers("writer", [writing], line=WRITES_IN_LINE), keyring, clock)
    readers = Workers("reader", reading, line=READS_IN_LINE)
    return Store(keyring, writer, readers)
