"""A store and headquarters in networks of their own, joined by a cable that is unplugged.

Packets are dropped by the kernel's own filter: no FIN, no RST, no ICMP, as when a router dies.
Only namespaces that this test made are touched.
"""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from faults.chain import Chain
from faults.checker import check
from faults.nursery import until
from faults.outlets import Guide, Outlet

from hq import authority

pytestmark = pytest.mark.parametrize("transport", ["https"])

THERE, HERE = "10.231.7.1", "10.231.7.2"
PATIENCE_S = 1.0
"""How long a gateway waits for an answer that cannot come."""


@dataclass(frozen=True, slots=True)
class Cable:
    """Two namespaces, by the files that hold them, and what lies between them."""

    headquarters: str
    store: str

    def unplug(self) -> None:
        run(*self._nft("add", "table", "inet", "cut"))
        for hook in ("input", "output"):
            chain = f"{{ type filter hook {hook} priority 0; policy drop; }}"
            run(*self._nft("add", "chain", "inet", "cut", hook, chain))

    def plug_in(self) -> None:
        run(*self._nft("delete", "table", "inet", "cut"))

    def _nft(self, *words: str) -> tuple[str, ...]:
        return inside(self.store, "nft", *words)


def inside(network: str, *words: str) -> tuple[str, ...]:
    """A command in a namespace. ``ip netns`` wants a root that is a mount, unlike a chroot's."""
    return ("nsenter", f"--net={network}", *words)


def run(*words: str) -> None:
    subprocess.run(words, check=True, capture_output=True)


@pytest.fixture
def cable(tmp_path: Path) -> Iterator[Cable]:
    cable = Cable(str(tmp_path / "network-there"), str(tmp_path / "network-here"))
    try:
        for network in (cable.headquarters, cable.store):
            Path(network).touch()
            try:
                run("unshare", f"--net={network}", "true")
            except (OSError, subprocess.CalledProcessError):
                pytest.skip("needs the right to make network namespaces")
        ends = ("veth", "peer", "name", "cable", "netns", cable.headquarters)
        try:
            run(*inside(cable.store, "ip", "link", "add", "cable", "type", *ends))
        except (OSError, subprocess.CalledProcessError):
            pytest.skip("needs Debian's iproute2")
        for network, address in ((cable.headquarters, THERE), (cable.store, HERE)):
            run(*inside(network, "ip", "address", "add", f"{address}/24", "dev", "cable"))
            run(*inside(network, "ip", "link", "set", "cable", "up"))
        try:
            run(*inside(cable.store, "nft", "list", "ruleset"))
        except (OSError, subprocess.CalledProcessError):
            pytest.skip("needs Debian's nftables")
        yield cable
    finally:
        for network in (cable.headquarters, cable.store):
            subprocess.run(["umount", network], check=False, capture_output=True)


async def test_the_cable_is_unplugged_in_mid_exchange_and_plugged_in_again(
    idle: Chain, cable: Cable, tmp_path: Path
) -> None:
    """Twice with the gateway alive, whose connections stay half open; and once it is killed behind
    the partition, so that headquarters never hears of its end."""
    headquarters = idle.headquarters
    headquarters.network, headquarters.host = cable.headquarters, THERE
    headquarters.folder = tmp_path / "there" / "authority"
    await asyncio.to_thread(authority.make_authority, headquarters.folder, THERE)
    await headquarters.up()
    lyon = await idle.outlet("lyon")
    url = f"https://{THERE}:{headquarters.port}"
    how = {"network": cable.store, "url": url}
    for number in range(2):
        await work(lyon, number)
        assert await (await idle.gateway(lyon, **how)).end() == 0
        await asyncio.to_thread(cable.unplug)
        await work(lyon, 10 + number)
        cut_off = await idle.gateway(lyon, **how, patience_s=PATIENCE_S)
        assert await cut_off.end() == 3, "no answer, and it says so"
        await asyncio.to_thread(cable.plug_in)
    gateway = await idle.gateway(lyon, **how, rounds=True)
    await until("the store in line", lambda: in_line(idle, lyon))
    await asyncio.to_thread(cable.unplug)
    await gateway.kill()
    await asyncio.to_thread(cable.plug_in)
    await work(lyon, 20)
    assert await (await idle.gateway(lyon, **how)).end() == 0
    await check(idle)


async def work(outlet: Outlet, number: int) -> None:
    async with outlet.open() as shop:
        await Guide(outlet, shop).day(number)


async def in_line(chain: Chain, outlet: Outlet) -> bool:
    """Whether headquarters holds all that the store ever told."""
    held = {row["message_id"] for row in await chain.headquarters.do("SELECT * FROM events")}
    return {told.message.message_id for told in outlet.told()} <= held
