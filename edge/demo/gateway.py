"""A gateway in a process of its own, as ``regulars run`` starts it, and a phone that uses it.

Whoever starts it holds nothing of the gateway but its addresses: they pair, enroll and listen
as a phone does, over HTTPS with the shop's own certificate.
"""

from __future__ import annotations

import asyncio
import json
import ssl
import sys
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any

import aiohttp

from edge.demo.town import process
from edge.domain import Role
from edge.errors import ConfigError, VisionUnavailable
from edge.feed import Feed
from edge.flows.pairing import Pairing
from edge.store import Store

START_S = 60.0
READY = ("ready", "off")
ABSENCE_S = 5
"""Visits end soon, so that a name given wrongly does not hide a later right one."""

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a gateway is started with.

    ``scanner`` is the source of one on the network, ``headquarters`` its address with the folder
    of this store's credentials, ``copies`` the folder that backups go to.
    """

    state_dir: Path
    models_dir: Path
    pack: str
    accepted_licences: tuple[str, ...]
    matching: bool = True
    scanner: str | None = None
    store_id: str = "bench"
    name: str = "Benchmark"
    headquarters: tuple[str, Path] | None = None
    copies: Path | None = None
    loopback_port: int = 0

    def toml(self, clips: dict[str, Path]) -> str:
        """The configuration with these recorded cameras. JSON's strings are TOML's, too."""
        quoted = json.dumps
        lines = [
            "[store]",
            f"id = {quoted(self.store_id)}",
            f"name = {quoted(self.name)}",
            f"state_dir = {quoted(str(self.state_dir))}",
            "[privacy]",
            f"profile = {quoted('demo' if self.matching else 'off')}",
            "[privacy.controller]",
            'name = "Benchmark"',
            'address = "none"',
            'contact = "none"',
            "[recognition]",
            f"pack = {quoted(self.pack)}",
            f"accepted_licences = {quoted(list(self.accepted_licences))}",
            "[visit]",
            f"absence_s = {ABSENCE_S}",
            "[api]",
            'host = "127.0.0.1"',
            "port = 0",
            f"loopback_port = {self.loopback_port}",
            "announce = false",
        ]
        if self.headquarters is not None:
            url, credentials = self.headquarters
            lines += ["[headquarters]", f"url = {quoted(url)}"]
            lines.append(f"credentials = {quoted(str(credentials))}")
        if self.copies is not None:
            lines += ["[backup]", f"to = {quoted(str(self.copies))}"]
        for camera_id, clip in clips.items():
            lines += ["[[cameras]]", f"id = {quoted(camera_id)}", f"source = {quoted(str(clip))}"]
        if self.scanner is not None:
            lines += ["[[scanners]]", 'id = "till"', 'kind = "tcp"']
            lines.append(f"source = {quoted(self.scanner)}")
        return "\n".join(lines) + "\n"


class Phone:
    """A paired phone. Paths are below ``/api/v1``."""

    def __init__(self, http: aiohttp.ClientSession, pid: int) -> None:
        self._http = http
        self.gateway_pid = pid

    async def get(self, path: str) -> Json:
        """An answer's body. Raises ``aiohttp.ClientResponseError`` for a refusal."""
        async with self._http.get(f"/api/v1{path}") as response:
            return _body(await response.json())

    async def found(self, path: str) -> bool:
        """Ask for what may not be there. Raises ``aiohttp.ClientResponseError`` otherwise."""
        try:
            await self.get(path)
        except aiohttp.ClientResponseError as error:
            if error.status != HTTPStatus.NOT_FOUND:
                raise
            return False
        return True

    async def post(self, path: str, body: Json) -> Json:
        """Send JSON, take JSON."""
        async with self._http.post(f"/api/v1{path}", json=body) as response:
            return _body(await response.json())

    async def post_nothing(self, path: str) -> None:
        """Ask for something that is answered without a body."""
        async with self._http.post(f"/api/v1{path}") as response:
            await response.read()

    async def patch(self, path: str, body: Json) -> Json:
        """Change some fields."""
        async with self._http.patch(f"/api/v1{path}", json=body) as response:
            return _body(await response.json())

    async def unpair(self) -> None:
        """End this phone's session."""
        async with self._http.delete("/api/v1/me") as response:
            await response.read()

    async def post_photo(self, path: str, photo: bytes) -> Json:
        """Send a JPEG, take JSON."""
        headers = {"Content-Type": "image/jpeg"}
        async with self._http.post(f"/api/v1{path}", data=photo, headers=headers) as response:
            return _body(await response.json())

    async def until_in_line(self, looks_every_s: float = 0.05) -> Json:
        """Wait until headquarters and this store have told each other everything."""
        while True:
            seen = await self.get("/headquarters")
            if seen["line"]["status"] == "in_line" and not seen["waiting"]:
                return seen
            await asyncio.sleep(looks_every_s)

    @asynccontextmanager
    async def feed(self) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
        """The feed from now on, after its first message."""
        async with self._http.ws_connect("/api/v1/feed") as socket:
            await socket.receive_json()
            yield socket


async def paired_token(state_dir: Path) -> str:
    """Pair a manager's phone before the gateway runs, as the command line does."""

    def clock() -> datetime:
        return datetime.now(UTC)

    async with Store.open(state_dir, clock) as store:
        pairing = Pairing(store, Feed(), clock)
        invitation = await pairing.invite(None, "Benchmark", Role.MANAGER)
        return (await pairing.pair(invitation.code, "benchmark")).token


def _nothing(entry: Json) -> None:
    pass


@asynccontextmanager
async def running(
    recipe: Recipe, token: str, clips: dict[str, Path], hear: Callable[[Json], None] = _nothing
) -> AsyncIterator[Phone]:
    """Start a gateway, wait until it sees (where it matches faces), stop it at the end.

    ``hear`` is told what it logs from then on. Raises ``ConfigError`` with its last words where
    it does not start.
    """
    config = recipe.state_dir / "gateway.toml"
    config.write_text(recipe.toml(clips), encoding="utf-8")
    command = ["-m", "edge", "run", "--config", str(config), "--models-dir", str(recipe.models_dir)]
    async with process([sys.executable, *command], errors=asyncio.subprocess.PIPE) as child:
        assert child.stderr is not None
        async with asyncio.timeout(START_S):
            ports = await _listening(child.stderr)
        listening = asyncio.create_task(_listen(child.stderr, hear))
        try:
            async with _session(ports, token) as http:
                phone = Phone(http, child.pid)
                await _until_ready(phone)
                yield phone
        finally:
            listening.cancel()


async def _listening(errors: asyncio.StreamReader) -> tuple[int, int]:
    """The ports that the gateway's log names, HTTPS and loopback."""
    said: deque[str] = deque(maxlen=5)
    async for line in errors:
        said.append(line.decode(errors="replace").strip())
        with suppress(json.JSONDecodeError):
            entry = json.loads(line)
            if entry.get("event") == "listening":
                return int(entry["lan_port"]), int(entry["loopback_port"])
    raise ConfigError(f"the gateway did not start: {' '.join(said) or 'no word'}")


async def _listen(errors: asyncio.StreamReader, hear: Callable[[Json], None]) -> None:
    async for line in errors:
        with suppress(json.JSONDecodeError):
            hear(json.loads(line))


@asynccontextmanager
async def _session(ports: tuple[int, int], token: str) -> AsyncIterator[aiohttp.ClientSession]:
    https, loopback = ports
    async with (
        aiohttp.ClientSession() as plain,
        plain.get(f"http://127.0.0.1:{loopback}/ca.crt") as response,
    ):
        trusted = ssl.create_default_context(cadata=await response.read())
    async with aiohttp.ClientSession(
        f"https://127.0.0.1:{https}",
        headers={"Authorization": f"Bearer {token}"},
        connector=aiohttp.TCPConnector(ssl=trusted),
        raise_for_status=True,
    ) as session:
        yield session


async def _until_ready(phone: Phone) -> None:
    try:
        async with asyncio.timeout(START_S):
            while (await phone.get("/health"))["vision"] not in READY:  # noqa: ASYNC110 - it is asked
                await asyncio.sleep(0.05)
    except TimeoutError as error:
        raise VisionUnavailable("vision did not become ready") from error


def _body(value: Any) -> Json:
    if not isinstance(value, dict):
        raise TypeError(f"a JSON object expected, not {type(value).__name__}")
    return value
