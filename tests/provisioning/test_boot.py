"""What is installed, on a machine with a kernel, a disk and a TPM of its own: udev's rules,
devices, limits, sticks with claims, a power cut. What needs none of these is asked of a container
(``test_shop_boots.py``).

The machine is switched on twice, in the order of this file, for where the processor does not help
(see ``machine.fast``) it is emulated, and a minute of the machine is some minutes here. A stick
that does nothing, one that stays mounted, and somebody else's that changes the shop would be found.
"""

from __future__ import annotations

import asyncio
import http.client
import re
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from component.claim_machines import claims, fingerprint, store
from component.headquarters_town import Headquarters, open_headquarters
from faults.nursery import Nursery
from provisioning.booted import ALL_IS_WRITTEN, UP_S
from provisioning.machine import HOST, Disk, Machine, lacks
from provisioning.shop_phone import Phone, paired, stranger
from provisioning.stick import LOOKED, TOOLS, looked, stick

UNITS = ("regulars.service", "regulars-firewall.service", "regulars-backup.timer")
EMULATED = re.compile("udev queue|PCRs are not initialized")
"""The keys wait ten seconds for a TPM, in which an emulated machine may not find its devices; and
no firmware measures into the TPM what was booted, as no firmware boots it."""
MEBI = 1 << 20
WRITTEN = 20
SHOP = "find /etc/regulars /var/lib/regulars/regulars.toml /var/lib/regulars/claim"
SHOP += " -type f 2>/dev/null | sort | xargs sha256sum"
"""All that a claim may change."""
DATABASE, WHOLE = "file:/var/lib/regulars/regulars.db?mode=ro", "PRAGMA integrity_check"
KEPT = "find /etc /var/lib/regulars/keys /var/lib/regulars/tls -type f"
KEPT += " ! -name gateway.pem ! -name keyring.db | sort | xargs sha256sum"
"""What no boot may change. A certificate follows the machine's addresses, and the keyring holds the
head of the audit log, which grows with every member."""


@pytest.fixture(scope="module")
def chain(
    postgres: str, nursery: Nursery, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Headquarters]:
    """Headquarters, within the machine's reach."""
    folder = tmp_path_factory.mktemp("hq")
    with asyncio.Runner() as runner:
        opened = open_headquarters(postgres, nursery, folder, called=HOST)
        yield runner.run(opened.__aenter__())
        runner.run(opened.__aexit__(None, None, None))


@pytest.fixture(scope="module")
def claim(chain: Headquarters) -> bytes:
    """A claim that makes the machine the shop lyon-1."""
    admissions = f"https://{HOST}:{chain.port}"
    return asyncio.run(claims(chain, [store()], admissions=admissions))[0]


@pytest.fixture(scope="module")
def bought(require: Callable[[bool, str], None], disk: Disk) -> Machine:
    """The machine, off."""
    lacking = lacks(tpm=True)
    require(lacking is None, str(lacking))
    for tool in TOOLS:
        require(shutil.which(tool) is not None, f"the command {tool}")
    return Machine(disk, disk.file.parent, tpm=True)


@pytest.fixture(scope="module")
def machine(bought: Machine, chain: Headquarters) -> Iterator[Machine]:
    """The machine after its first start; it takes claims of that headquarters."""
    with bought.on():
        bought.up()
        bought.ok(f"echo {fingerprint(chain)} >/etc/regulars/authority.sha256")
        yield bought


@pytest.fixture(scope="module")
def manager(machine: Machine) -> Phone:
    """A manager's phone."""
    return paired(machine, "Ana", "manager")


def test_every_unit_is_up_and_none_complained(machine: Machine) -> None:
    assert machine.ok("systemctl --failed --no-legend --plain") == ""
    assert machine.ok(f"systemctl is-active {' '.join(UNITS)}").split() == ["active"] * len(UNITS)
    ours = machine.ok("journalctl --boot --priority warning --unit 'regulars*' --output cat")
    assert [line for line in ours.splitlines() if not EMULATED.search(line)] == []
    rules = machine.ok("journalctl --boot --unit systemd-udevd --output cat")
    assert "60-regulars.rules" not in rules


def test_the_gateway_reaches_no_disk(machine: Machine) -> None:
    """Root in its control group may not: the kernel holds back what the unit does not name."""
    enter = "echo $$ >/sys/fs/cgroup/system.slice/regulars.service/cgroup.procs"
    assert "Operation not permitted" in machine.run(f"{enter}; head -c 1 /dev/vda").text


def test_its_limits_are_the_kernels(machine: Machine) -> None:
    group = "/sys/fs/cgroup/system.slice/regulars.service"
    said = machine.ok(f"cd {group} && cat memory.max memory.high pids.max cpu.weight")
    assert [int(line) for line in said.split()] == [3072 * MEBI, 2048 * MEBI, 256, 200]
    exposure = machine.ok("systemd-analyze security regulars.service --no-pager | tail -n 1")
    found = re.search(r": ([\d.]+) OK", exposure)
    assert found is not None
    assert float(found[1]) <= 2.0


def test_its_key_was_sealed_by_its_tpm(machine: Machine) -> None:
    kept = machine.ok("ls /var/lib/regulars/keys").split()
    assert "gateway.key.sealed" in kept
    assert "gateway.key" not in kept
    said = machine.ok(f"{ALL_IS_WRITTEN} && journalctl --boot --unit regulars-keys --output cat")
    assert "the gateway's key is sealed to this machine by its TPM" in said


# --- sticks -----------------------------------------------------------------------------------


def test_a_forged_claim_is_refused_with_one_line_and_changes_nothing(
    machine: Machine, claim: bytes, tmp_path: Path
) -> None:
    before = machine.ok(SHOP)
    with machine.stick(stick(tmp_path, claim.replace(b"Shop lyon-1", b"Shop lyon-9"))):
        said = looked(machine, 1)
    ours = [line for line in said if "claim file" in line]
    assert len(ours) == 1, said
    assert "was changed after headquarters signed it" in ours[0]
    assert machine.ok(SHOP) == before


def test_the_claim_makes_the_machine_the_shop_and_frees_the_stick(
    machine: Machine, chain: Headquarters, claim: bytes, tmp_path: Path
) -> None:
    with machine.stick(stick(tmp_path, claim)):
        said = looked(machine, 2)
    # Either at once, or by the gateway, where an emulated machine was too slow for the first try.
    ended = "this machine is Shop lyon-1 (lyon-1)", "The claim is kept"
    assert any(end in line for end in ended for line in said), "\n".join(said)
    machine.until("grep -q lyon-1 /etc/regulars/regulars.toml", within_s=UP_S)
    settings = machine.ok("cat /etc/regulars/regulars.toml")
    assert 'id = "lyon-1"' in settings
    assert 'timezone = "Europe/Paris"' in settings
    machine.until("test ! -e /var/lib/regulars/claim", within_s=UP_S)  # erased after it was used
    held = asyncio.run(chain.do("SELECT store_id FROM certificates"))
    assert [row["store_id"] for row in held] == ["lyon-1"]
    opened = "journalctl --boot --unit regulars --output cat | grep -c listening"
    machine.until(f"test $({opened}) -ge 2", within_s=UP_S)
    assert stranger(machine).has("GET", "/health")["store_id"] == "lyon-1"


def test_a_machine_that_is_a_store_looks_at_no_stick(
    machine: Machine, claim: bytes, tmp_path: Path
) -> None:
    with machine.stick(stick(tmp_path, claim)):
        machine.until("udevadm settle && lsblk --noheadings --output FSTYPE | grep -q vfat")
        machine.until("journalctl --boot --output cat | grep -q 'look for a claim.*skipped'")
        assert machine.ok(f"{LOOKED} | grep -c '^Starting '").strip() == "2"


# --- the power goes ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Back:
    """The machine after the power came back: whom it had said to hold, and its files before."""

    machine: Machine
    phone: Phone
    told: list[str]
    before: str


@pytest.fixture(scope="module")
def back(bought: Machine, machine: Machine, manager: Phone) -> Iterator[Back]:
    """Members come in, the plug is pulled meanwhile, and it is switched on again."""
    before = machine.ok(KEPT)
    told: list[str] = []
    enough = threading.Event()
    writing = threading.Thread(target=write, args=(manager, told, enough))
    writing.start()
    assert enough.wait(machine.patience(UP_S))
    machine.cut_power()
    writing.join()
    with bought.on():
        bought.up()
        yield Back(bought, replace(manager, door=bought.door), told, before)


def write(phone: Phone, told: list[str], enough: threading.Event) -> None:
    """Bring members in until nobody answers any more."""
    with suppress(OSError, http.client.HTTPException):
        while True:
            card = phone.has("POST", "/members", {"name": f"Member {len(told)}"})
            told.append(str(card["member"]["id"]))
            if len(told) == WRITTEN:
                enough.set()


def test_whoever_was_promised_is_there_after_a_power_cut(back: Back) -> None:
    assert back.machine.ok("systemctl --failed --no-legend --plain") == ""
    assert stranger(back.machine).has("GET", "/health")["database"] == "ok"
    for member_id in back.told:
        assert (
            back.phone.has("GET", f"/members/{member_id}?reason=search")["member"]["id"]
            == member_id
        )


def test_the_database_is_whole_and_so_is_the_audit_log(back: Back) -> None:
    back.machine.ok("regulars audit verify", within_s=120)
    look = f"import sqlite3; print(*sqlite3.connect('{DATABASE}', uri=True).execute('{WHOLE}'))"
    assert back.machine.ok(f'python3 -c "{look}"').strip() == "('ok',)"


def test_booting_again_changes_nothing(back: Back) -> None:
    after = back.machine.ok(KEPT)
    assert sorted(set(after.splitlines()) ^ set(back.before.splitlines())) == []


def test_it_shuts_down_in_order(back: Back) -> None:
    back.machine.power_off()
    assert "Failed" not in back.machine.console
