"""Zero touch: a machine that is switched on with the ``user-data`` of a claim becomes a shop, and
nobody was there. The real cloud-init, the units' walls, a real headquarters that comes late.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from component.claim_machines import claims, fingerprint, store
from component.headquarters_town import Headquarters, open_headquarters
from faults.nursery import Nursery
from ports import free_port
from provisioning.booted import UP_S, add
from provisioning.conftest import copy
from provisioning.container import Container
from provisioning.debian import Tree
from provisioning.shop_phone import stranger

from hq.claims.cloud_init import user_data

SEED = Path("var/lib/cloud/seed/nocloud")
SETTINGS = "etc/cloud/cloud.cfg.d/99-shop.cfg"
# The image has its network, it need not ask every cloud whether it is there, and nobody logs in.
IMAGE = """
network: {config: disabled}
datasource_list: [NoCloud]
locale: C.UTF-8
ssh_genkeytypes: []
"""
ALREADY = "test -x /usr/local/bin/regulars"
"""What installs Regulars on an image that has it."""


@pytest.fixture
def image(boots: Tree, tmp_path: Path) -> Iterator[Tree]:
    """What many machines start from: Regulars installed, and cloud-init."""
    tree = copy(boots, tmp_path)
    add(tree, "cloud-init")
    (tree.root / SETTINGS).write_text(IMAGE)
    yield tree
    tree.end()


async def test_a_machine_with_a_claim_in_its_user_data_starts_as_the_shop(
    image: Tree,
    containers: Callable[[Tree], Container],
    postgres: str,
    nursery: Nursery,
    tmp_path: Path,
) -> None:
    bought = await asyncio.to_thread(containers, image)
    async with open_headquarters(postgres, nursery, tmp_path / "hq", called=bought.host) as chain:
        there = Headquarters(
            chain.dsn, chain.folder, free_port(), nursery=nursery, host=bought.host
        )
        (claim,) = await claims(there, [store()])
        data = user_data("lyon-1", claim, fingerprint(chain), ALREADY)
        try:
            await asyncio.to_thread(switched_on, bought, data, there)
        finally:
            await asyncio.to_thread(there.kill)
        held = await chain.do("SELECT store_id FROM certificates")
    assert [row["store_id"] for row in held] == ["lyon-1"]


def switched_on(bought: Container, data: bytes, chain: Headquarters) -> None:
    """Switch it on, let headquarters come, and look at what it became."""
    seed = bought.tree.root / SEED
    seed.mkdir(parents=True)
    (seed / "user-data").write_bytes(data)
    (seed / "meta-data").write_text("instance-id: lyon-1\n")
    with bought.on() as machine:
        machine.up()
        said = machine.run("cloud-init status --wait --long", within_s=UP_S)
        log = machine.ok("cat /var/log/cloud-init-output.log")
        assert said.status == 0, said.text + log
        assert machine.run("test -e /var/lib/cloud/regulars-claim.toml").status != 0
        assert machine.ok("ls /var/lib/regulars/claim"), log
        chain.start()
        machine.until("grep -q lyon-1 /etc/regulars/regulars.toml", within_s=UP_S)
        assert 'timezone = "Europe/Paris"' in machine.ok("cat /etc/regulars/regulars.toml")
        opened = "journalctl --boot --unit regulars --output cat | grep -c listening"
        machine.until(f"test $({opened}) -ge 2", within_s=UP_S)
        assert stranger(machine).has("GET", "/health")["store_id"] == "lyon-1"
        left = "ls /var/lib/regulars/claim/*.toml"
        assert machine.run(left).status != 0, "the claim is erased once it was used"
        assert machine.ok("systemctl --failed --no-legend --plain") == ""
