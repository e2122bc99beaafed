"""The chain, for as long as somebody looks: servers first, then stores, then their day."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from edge.demo.chain import day
from edge.demo.chain.cord import Cord
from edge.demo.chain.past import SHOPS, Shop, remembered
from edge.demo.chain.watch import StoreSeen, Watch
from edge.demo.gateway import Recipe, paired_token, running
from edge.demo.town import HOST, Headquarters, free_port


@asynccontextmanager
async def chain(dsn: str, folder: Path) -> AsyncIterator[Watch]:
    """Run headquarters on the database ``dsn`` and three stores; their state is in ``folder``."""
    headquarters = Headquarters(dsn=dsn, folder=folder / "authority", log=folder / "servers.log")
    await headquarters.init()
    if not await asyncio.to_thread((folder / "credentials").exists):
        await headquarters.invent([shop.id for shop in SHOPS])
        await headquarters.admit([shop.id for shop in SHOPS], folder / "credentials")
    port, pages_port = free_port(), free_port()
    async with AsyncExitStack() as stack:
        nats = await stack.enter_async_context(headquarters.broker(free_port()))
        await stack.enter_async_context(headquarters.serving(port, nats, pages_port))
        cord = await stack.enter_async_context(Cord(port).plugged_in())
        seen = [StoreSeen(shop, cord if shop.falls_out else None) for shop in SHOPS]
        watch = Watch(seen, await headquarters.invite("Demo", f"http://{HOST}:{pages_port}"))
        urls = {"https": f"https://{HOST}:{port}", "nats": nats}
        stores = [
            await _opened(
                stack,
                store,
                watch,
                folder,
                f"https://{HOST}:{cord.port}" if store.cord else urls[store.shop.transport],
            )
            for store in seen
        ]
        await stack.enter_async_context(_going_on(_day(stores, watch)))
        yield watch


def _day(stores: list[day.Store], watch: Watch) -> list[Coroutine[None, None, None]]:
    return [
        *(day.live(store) for store in stores),
        *(day.look(store) for store in stores),
        *(day.fall_out(store.seen) for store in stores),
        day.withdraw(stores, watch),
    ]


async def _opened(
    stack: AsyncExitStack, seen: StoreSeen, watch: Watch, folder: Path, url: str
) -> day.Store:
    shop, state_dir = seen.shop, folder / seen.shop.id
    regulars = await remembered(shop, state_dir)
    token = await paired_token(state_dir)
    recipe = _recipe(shop, state_dir, (url, folder / "credentials" / shop.id))
    phone = await stack.enter_async_context(running(recipe, token, {}, watch.listener(shop.id)))
    stack.push_async_callback(phone.unpair)  # the next start pairs anew
    return day.Store(seen=seen, phone=phone, regulars=regulars)


def _recipe(shop: Shop, state_dir: Path, headquarters: tuple[str, Path]) -> Recipe:
    """A gateway without cameras: what its models would need is not there either."""
    return Recipe(
        state_dir=state_dir,
        models_dir=state_dir,
        pack="yunet-sface",
        accepted_licences=(),
        matching=False,
        store_id=shop.id,
        name=shop.name,
        headquarters=headquarters,
    )


@asynccontextmanager
async def _going_on(work: list[Coroutine[None, None, None]]) -> AsyncIterator[None]:
    """Do all of it for as long as the context lasts; what fails is raised here."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one) for one in work]
        yield
        for task in tasks:
            task.cancel()
