"""What is installed, on a machine that boots: real units, a real firewall, a power cut.

The machine is switched on twice, in the order of this file. Where the processor does not help
(see ``machine.fast``) it is emulated, and a minute of the machine is some minutes here.
"""

from __future__ import annotations

import http.client
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace

import pytest
from provisioning.machine import Disk, Machine
from provisioning.shop_phone import Phone, paired, stranger

from edge.app.checkup import FIREWALL

UNITS = ("regulars.service", "regulars-firewall.service", "regulars-backup.timer")
CLOSED = 5432
FELL = ["loaded", "inactive"]
"""What the doctor, who is not root, makes a red line of."""
UP_S = 180
SILENT_S = 3
MEBI = 1 << 20
WRITTEN = 20
DATABASE, WHOLE = "file:/var/lib/regulars/regulars.db?mode=ro", "PRAGMA integrity_check"
KEPT = "find /etc /var/lib/regulars/keys /var/lib/regulars/tls -type f"
KEPT += " ! -name leaf.pem ! -name keyring.db | sort | xargs sha256sum"
"""What no boot may change. A certificate follows the machine's addresses, and the keyring holds the
head of the audit log, which grows with every member."""


@pytest.fixture(scope="module")
def bought(disk: Disk) -> Machine:
    """The machine, off."""
    return Machine(disk, disk.file.parent, forwards=(8443, CLOSED))


@pytest.fixture(scope="module")
def machine(bought: Machine) -> Iterator[Machine]:
    """The machine as it is after it was switched on for the first time."""
    with bought.on():
        up(bought)
        yield bought


@pytest.fixture(scope="module")
def manager(machine: Machine) -> Phone:
    """A manager's phone."""
    return paired(machine, "Ana", "manager")


def up(machine: Machine) -> None:
    machine.until("systemctl is-active regulars.service", within_s=UP_S)
    machine.ok("timeout 60 systemctl is-system-running --wait || true", within_s=90)


def test_every_unit_is_up_and_none_complained(machine: Machine) -> None:
    assert machine.ok("systemctl --failed --no-legend --plain") == ""
    assert machine.ok(f"systemctl is-active {' '.join(UNITS)}").split() == ["active"] * len(UNITS)
    ours = machine.ok("journalctl --boot --priority warning --unit 'regulars*' --output cat")
    # The keys wait ten seconds for a TPM, in which an emulated machine may not find its devices.
    assert [line for line in ours.splitlines() if "udev queue" not in line] == []
    rules = machine.ok("journalctl --boot --unit systemd-udevd --output cat")
    assert "60-regulars.rules" not in rules


def test_its_health_is_answered_to_a_phone_of_the_shop(machine: Machine) -> None:
    health = stranger(machine).has("GET", "/health")
    assert health["status"] == "ok"


def test_the_firewall_closes_what_is_not_the_shops(machine: Machine) -> None:
    """Somebody listens, and can be reached as soon as the rules are away, so it is the rules."""
    serve = f"python3 -m http.server --directory /srv {CLOSED}"
    machine.ok(f"systemd-run --unit open-door {serve}")
    machine.until(f"exec 3<>/dev/tcp/127.0.0.1/{CLOSED}")
    assert not heard(machine)
    machine.ok("systemctl stop regulars-firewall")
    assert heard(machine)
    assert machine.ok(f"runuser -u regulars -- {' '.join(FIREWALL)}").split() == FELL
    machine.ok("systemctl start regulars-firewall")
    assert not heard(machine)
    machine.ok("systemctl stop open-door")


def heard(machine: Machine) -> bool:
    """Whether the door that must be closed answers."""
    with socket.create_connection(("127.0.0.1", machine.ports[CLOSED]), SILENT_S) as line:
        line.sendall(b"GET / HTTP/1.0\r\n\r\n")
        try:
            return line.recv(1) != b""
        except (TimeoutError, ConnectionResetError):
            return False


def test_the_gateway_is_shut_in(machine: Machine) -> None:
    """Its view of the files, its devices and its rights, taken from the process that runs."""
    pid = machine.ok("systemctl show regulars --property MainPID --value").strip()
    status = machine.ok(f"cat /proc/{pid}/status")
    assert "NoNewPrivs:\t1" in status
    assert "Seccomp:\t2" in status
    assert re.search(r"CapBnd:\t0+\n", status)
    # As root behind the same walls: what root may not there, the gateway's user may not either.
    inside = f"nsenter --target {pid} --mount"
    for refused in ("touch /etc/regulars/x", "touch /opt/regulars/x", "touch /usr/x"):
        assert "Read-only file system" in machine.run(f"{inside} {refused}").text
    assert machine.ok(f"{inside} ls /root /home").split() == ["/home:", "/root:"]
    machine.ok(f"{inside} touch /var/lib/regulars/x && rm /var/lib/regulars/x")
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


def test_the_journal_is_kept_and_bounded(machine: Machine) -> None:
    said = machine.ok("journalctl --boot --unit systemd-journald --output cat")
    assert re.search(r"System Journal \(/var/log/journal/\w+\) is \S+, max 500\.0M", said)


def test_a_gateway_that_hangs_is_restarted(machine: Machine) -> None:
    before = machine.ok("systemctl show regulars --property MainPID --value").strip()
    machine.ok(f"kill -STOP {before}")
    machine.until("journalctl --boot --unit regulars | grep -q 'Watchdog timeout'", within_s=90)
    machine.until(
        f"systemctl is-active regulars && test $(systemctl show regulars -P MainPID) != {before}",
        within_s=UP_S,
    )
    assert stranger(machine).has("GET", "/health")["status"] == "ok"


def test_a_copy_is_made_by_its_timers_service(machine: Machine) -> None:
    machine.ok("install -d -o regulars -g regulars /srv/copies")
    # Synced, as editors do: what a file has gained since is gone when the power is.
    machine.ok("printf '[backup]\\nto = \"/srv/copies\"\\n' >>/etc/regulars/regulars.toml && sync")
    machine.ok("systemctl start regulars-backup", within_s=240)
    assert "config" in machine.ok("ls /srv/copies")
    said = machine.ok("systemctl show regulars-backup --property Result --value")
    assert said.strip() == "success"


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
    assert enough.wait(UP_S)
    machine.cut_power()
    writing.join()
    with bought.on():
        up(bought)
        yield Back(bought, replace(manager, port=bought.https_port), told, before)


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
    assert stranger(back.machine).has("GET", "/health")["status"] == "ok"
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
