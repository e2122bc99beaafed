"""Where the stores and headquarters of the benchmark stand."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from edge.demo.gateway import Recipe
from edge.demo.town import HOST, Headquarters, free_port, new_database

Transport = Literal["https", "nats"]
TRANSPORTS: tuple[Transport, ...] = ("https", "nats")


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounds:
    """A headquarters that serves by every transport, and the folder in which everything lies."""

    headquarters: Headquarters
    folder: Path
    models_dir: Path
    urls: dict[Transport, str]

    @property
    def url(self) -> str:
        """Where stores that are only connections come."""
        return self.urls["https"]

    @property
    def credentials(self) -> Path:
        """Those of each store that was admitted lie below it."""
        return self.folder / "credentials"

    async def admit(self, stores: list[str]) -> None:
        """Admit stores that come over HTTPS."""
        await self.headquarters.admit(stores, self.credentials)

    def recipe(self, store_id: str, transport: Transport, *, matching: bool = False) -> Recipe:
        """A gateway of a store that is admitted here."""
        return Recipe(
            store_id=store_id,
            state_dir=self.folder / store_id,
            models_dir=self.models_dir,
            pack="yunet-sface",
            accepted_licences=(),
            matching=matching,
            headquarters=(self.urls[transport], self.credentials / store_id),
        )


@asynccontextmanager
async def grounds(
    server: str, folder: Path, *, models_dir: Path, stores: list[str]
) -> AsyncIterator[Grounds]:
    """Headquarters with a database of its own on the PostgreSQL at ``server``.

    ``stores`` are the gateways: the NATS server learns at its start who may come.
    """
    headquarters = Headquarters(
        dsn=await new_database(server), folder=folder / "authority", log=folder / "servers.log"
    )
    await headquarters.init()
    await headquarters.admit(stores, folder / "credentials")
    port = free_port()
    async with headquarters.broker(free_port()) as nats, headquarters.serving(port, nats):
        yield Grounds(
            headquarters=headquarters,
            folder=folder,
            models_dir=models_dir,
            urls={"https": f"https://{HOST}:{port}", "nats": nats},
        )
