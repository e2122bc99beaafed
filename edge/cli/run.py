"""``regulars run``, ``demo`` and ``pair``: a gateway that runs, and the way into it."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from edge import config as configuration
from edge.cli.console import ConfigOption, console, progress, warn
from edge.cli.models import HERE, ModelsDir, models_of, obtain
from edge.domain import Role

if TYPE_CHECKING:
    from edge.app import Gateway


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(run)
    app.command()(demo)
    app.command()(pair)


def run(config: ConfigOption, models_dir: ModelsDir = None) -> None:
    """Run the gateway of a real store."""
    shop = configuration.load(config)

    async def open_shop(gateway: Gateway) -> None:
        # A code that pairs a manager's phone belongs on a person's screen, never into a log.
        if console.is_terminal and not await gateway.pairing.sessions():
            await _welcome(gateway)
        else:
            _say_where(gateway)
            console.print(f"To pair a phone: [bold]regulars pair --config {config}[/]")

    asyncio.run(_run(shop, models_dir or models_of(shop), open_shop))


def demo(
    state_dir: Annotated[Path, typer.Option(help="Where the demo keeps its state.")] = Path(
        ".demo"
    ),
    models_dir: ModelsDir = None,
    port: Annotated[int, typer.Option(help="HTTPS port; 0 takes a free one.")] = 8443,
    loopback_port: Annotated[int, typer.Option(help="Plain HTTP port on 127.0.0.1.")] = 8080,
) -> None:
    """Run the demo store: recorded people, invented members, the real gateway."""
    from edge.app import utc_now
    from edge.demo import regulars, vouchers
    from edge.demo import store as demo_store

    models_dir = models_dir or HERE
    obtain(demo_store.PACK, models_dir, [])
    with progress() as report:
        shop = demo_store.prepare(
            state_dir, models_dir, port=port, loopback_port=loopback_port, progress=report
        )

    async def open_shop(gateway: Gateway) -> None:
        with progress() as report:
            await regulars.populate(gateway, shop, report)
        for printed in await vouchers.issue(gateway.store, gateway.config.store, utc_now):
            console.print(f"{printed.campaign}: {printed.digits}, to print: {printed.sheet}")
        await _welcome(gateway)

    asyncio.run(_run(shop.config, models_dir, open_shop))


def pair(
    config: ConfigOption,
    name: Annotated[str, typer.Option(help="Whose phone it is.")] = "Manager",
    role: Annotated[Role, typer.Option(help="What the phone may do.")] = Role.MANAGER,
) -> None:
    """Print a pairing code for one phone; it lives five minutes and is used once."""
    asyncio.run(_pair(configuration.load(config), name, role))


async def _run(
    config: configuration.Config,
    models_dir: Path,
    when_open: Callable[[Gateway], Coroutine[None, None, None]],
) -> None:
    """A gateway until it is told to stop."""
    from edge import log
    from edge.app import gateway, service

    log.configure()
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for ending in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(ending, stop.set)
    async with gateway(config, models_dir) as running, service(running.store):
        opening = asyncio.create_task(when_open(running))
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait({opening, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if not stop.is_set():
            opening.result()
            await stopping
        opening.cancel()
        await asyncio.gather(opening, return_exceptions=True)


async def _welcome(gateway: Gateway) -> None:
    """Say where the gateway is, and invite a manager's phone."""
    _say_where(gateway)
    invitation = await gateway.pairing.invite(None, "Manager", Role.MANAGER)
    _show(gateway.address, invitation.code)
    console.print(f"  {_here(gateway)}/pair#{invitation.code}  (on this machine)\n", soft_wrap=True)


def _here(gateway: Gateway) -> str:
    return f"http://127.0.0.1:{gateway.doors.loopback_port}"


def _say_where(gateway: Gateway) -> None:
    console.print()
    console.print(f"[bold]{gateway.config.store.name}[/] is open at [bold]{gateway.address}[/]")
    console.print(f"On this machine: {_here(gateway)}")
    because = gateway.config.privacy.why_off()
    if because is not None:
        warn("Face matching is off", because)


async def _pair(config: configuration.Config, name: str, role: Role) -> None:
    from edge.app import utc_now
    from edge.clienteling_api.addresses import look_up
    from edge.clienteling_api.server import address_of
    from edge.feed import Feed
    from edge.flows.pairing import Pairing
    from edge.store import Store

    async with Store.open(Path(config.store.state_dir), utc_now) as store:
        invitation = await Pairing(store, Feed(), utc_now).invite(None, name, role)
    _show(address_of(config.api.host, config.api.port, look_up()), invitation.code)


def _show(address: str, code: str) -> None:
    from edge.clienteling_api.qr import pairing_url, terminal

    url = pairing_url(address, code)
    console.print("\nScan this with the phone; it works once, for five minutes:\n")
    typer.echo(terminal(url), err=True)
    console.print(f"  {url}", soft_wrap=True)
