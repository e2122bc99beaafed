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

WhenOpen = Callable[["Gateway"], Coroutine[None, None, None]]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(run)
    app.command()(demo)
    app.command()(pair)
    app.command()(setup)


def run(config: ConfigOption, models_dir: ModelsDir = None) -> None:
    """Run the gateway of a real store."""

    async def open_shop(gateway: Gateway) -> None:
        # A code that pairs a manager's phone belongs on a person's screen, never into a log.
        if console.is_terminal and not await gateway.pairing.sessions():
            await _welcome(gateway)
        else:
            _say_where(gateway)
            console.print(f"To pair a phone: [bold]regulars pair --config {config}[/]")

    asyncio.run(_run_real(config, models_dir, open_shop))


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

    async def until_told() -> None:
        await _run(shop.config, models_dir, open_shop, _told_to_stop())

    asyncio.run(until_told())


def pair(
    config: ConfigOption,
    name: Annotated[str, typer.Option(help="Whose phone it is.")] = "Manager",
    role: Annotated[Role, typer.Option(help="What the phone may do.")] = Role.MANAGER,
) -> None:
    """Print a pairing code for one phone; it lives five minutes and is used once."""
    _show(*asyncio.run(_invite(configuration.load(config), name, role)))


def setup(config: ConfigOption) -> None:
    """Print the way to the setup page; it works once, for thirty minutes."""
    asyncio.run(_setup(configuration.load(config)))


async def _run_real(file: Path, models_dir: Path | None, when_open: WhenOpen) -> None:
    """The gateway of a configuration until it is told to stop; changed, it opens anew."""
    stop = _told_to_stop()
    while not stop.is_set():
        shop = configuration.load(file)
        await _run(shop, models_dir or models_of(shop), when_open, stop, file)


async def _run(
    config: configuration.Config,
    models_dir: Path,
    when_open: WhenOpen,
    stop: asyncio.Event,
    file: Path | None = None,
) -> None:
    """A gateway until it is told to stop, or its configuration was changed."""
    from edge.app import gateway, service, tell

    async with gateway(config, models_dir, file=file) as running, service(running.store):
        opening = asyncio.create_task(when_open(running))
        ends = {asyncio.create_task(event.wait()) for event in (stop, running.first_run.changed)}
        await asyncio.wait({opening, *ends}, return_when=asyncio.FIRST_COMPLETED)
        if opening.done():
            opening.result()
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        for task in (opening, *ends):
            task.cancel()
        await asyncio.gather(opening, *ends, return_exceptions=True)
        if stop.is_set():
            tell("STOPPING=1")


def _told_to_stop() -> asyncio.Event:
    from edge import log

    log.configure()
    stop = asyncio.Event()
    for ending in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(ending, stop.set)
    return stop


async def _welcome(gateway: Gateway) -> None:
    """Say where the gateway is, and invite a manager's phone."""
    _say_where(gateway)
    invitation = await gateway.pairing.invite(None, "Manager", Role.MANAGER)
    _show(gateway.address(), invitation.code)
    console.print(f"  {_here(gateway)}/pair#{invitation.code}  (on this machine)\n", soft_wrap=True)


def _here(gateway: Gateway) -> str:
    return f"http://127.0.0.1:{gateway.doors.loopback_port}"


def _say_where(gateway: Gateway) -> None:
    console.print()
    console.print(f"[bold]{gateway.config.store.name}[/] is open at [bold]{gateway.address()}[/]")
    console.print(f"On this machine: {_here(gateway)}")
    because = gateway.config.privacy.why_off()
    if because is not None:
        warn("Face matching is off", because)


async def _setup(config: configuration.Config) -> None:
    from edge.clienteling_api.qr import setup_url

    address, code = await _invite(config, "Technician", Role.TECHNICIAN)
    _show_qr(
        setup_url(address, code),
        "Set the shop up: scan this, or open the address; it works once, for thirty minutes:",
    )


async def _invite(config: configuration.Config, name: str, role: Role) -> tuple[str, str]:
    """The gateway's address, and a code for one phone."""
    from edge.app import public_name, utc_now
    from edge.clienteling_api.addresses import look_up
    from edge.clienteling_api.server import address_of
    from edge.feed import Feed
    from edge.flows.pairing import Pairing
    from edge.store import Store

    async with Store.open(Path(config.store.state_dir), utc_now) as store:
        invitation = await Pairing(store, Feed(), utc_now).invite(None, name, role)
        public = await asyncio.to_thread(public_name, config, store)
    _say_fingerprint(Path(config.store.state_dir))
    shown = public.shown if public is not None else None
    return address_of(config.api.host, config.api.port, look_up(), shown), invitation.code


def _say_fingerprint(state_dir: Path) -> None:
    """What a phone must show of the authority before anybody lets it trust it."""
    from ssl import PEM_cert_to_DER_cert

    from edge.clienteling_api.trust import fingerprint

    shown = state_dir / "tls" / "authority.pem"
    if shown.exists():
        certificate = PEM_cert_to_DER_cert(shown.read_text("ascii"))
        console.print("Fingerprint of the authority that phones come to trust, as they show it:")
        console.print(f"  {fingerprint(certificate)}", soft_wrap=True)


def _show(address: str, code: str) -> None:
    from edge.clienteling_api.qr import pairing_url

    words = "Scan this with the phone; it works once, for five minutes:"
    _show_qr(pairing_url(address, code), words)


def _show_qr(url: str, words: str) -> None:
    from edge.clienteling_api.qr import terminal

    console.print(f"\n{words}\n")
    typer.echo(terminal(url), err=True)
    console.print(f"  {url}", soft_wrap=True)
