"""Where the stores and headquarters of the benchmark stand."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from edge.demo.gateway import Recipe
from edge.demo.town import HOST, Headquarters, free_port, new_database


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounds:
    """A headquarters that serves, and the folder in which everything lies."""

    headquarters: Headquarters
    folder: Path
    models_dir: Path
    port: int

    @property
    def url(self) -> str:
        return f"https://{HOST}:{self.port}"

    async def admit(self, stores: list[str]) -> Path:
        """Admit stores; the credentials of each lie below the folder that is returned."""
        folder = self.folder / "credentials"
        await self.headquarters.admit(stores, folder)
        return folder

    async def recipe(self, store_id: str, *, matching: bool = False) -> Recipe:
        """A gateway of a store that is admitted here."""
        credentials = await self.admit([store_id])
        return Recipe(
            store_id=store_id,
            state_dir=self.folder / store_id,
            models_dir=self.models_dir,
            pack="yunet-sface",
            accepted_licences=(),
            matching=matching,
            headquarters=(self.url, credentials / store_id),
        )


@asynccontextmanager
async def grounds(server: str, folder: Path, models_dir: Path) -> AsyncIterator[Grounds]:
    """Headquarters with a database of its own on the PostgreSQL at ``server``."""
    headquarters = Headquarters(dsn=await new_database(server), folder=folder / "authority")
    await headquarters.init()
    port = free_port()
    async with headquarters.serving(port):
        yield Grounds(headquarters=headquarters, folder=folder, models_dir=models_dir, port=port)
