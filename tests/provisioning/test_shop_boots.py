"""An installed shop under real systemd, as a container: its services, their walls, what happens
when one hangs. What needs a kernel of its own is asked of an emulated machine (``test_boot.py``).
"""

from __future__ import annotations

import re
import shlex
import socket
from collections.abc import Iterator

import pytest
from provisioning.booted import ALL_IS_WRITTEN, Booted
from provisioning.container import Container
from provisioning.shop_phone import ANSWERS_S, stranger

from edge.app.checkup import FIREWALL

UNITS = (
    "regulars.service",
    "regulars-keys.service",
    "regulars-firewall.service",
    "regulars-backup.timer",
    "regulars-verify.timer",
    "regulars-certificate.timer",
    "regulars-update.timer",
)
CLOSED = 5432
FELL = ["loaded", "inactive"]
"""What the doctor, who is not root, makes a red line of."""
SILENT_S = 3

# What a gateway that was taken over would try. Each line of its answer is what the kernel said.
PROBE = """
import ctypes, errno, os, socket
libc = ctypes.CDLL(None, use_errno=True)

def said(name, call):
    try:
        found = call()
        number = ctypes.get_errno() if found == -1 else 0
    except OSError as error:
        number = error.errno
    print(name, errno.errorcode.get(number, "done"))

said("mount", lambda: libc.mount(b"none", b"/tmp", b"tmpfs", 0, None))
said("namespace", lambda: libc.unshare(0x10000000))
said("trace", lambda: libc.ptrace(16, 1, 0, 0))
said("module", lambda: libc.syscall(313, -1, b"", 0))
said("clock", lambda: libc.settimeofday(b"\\0" * 16, None))
said("reboot", lambda: libc.reboot(0))
said("packets", lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW))
said("become root", lambda: libc.setuid(0))
said("a program for others", lambda: os.chmod("/var/lib/regulars/probe", 0o4755))
said("the home of root", lambda: os.listdir("/root"))
said("its own folder", lambda: open("/var/lib/regulars/probe", "a").close())
"""
REFUSED = {
    "mount": "EPERM",
    "namespace": "EPERM",
    "trace": "EPERM",
    "module": "EPERM",
    "clock": "EPERM",
    "reboot": "EPERM",
    "packets": "EAFNOSUPPORT",
    "become root": "EPERM",
    "a program for others": "EPERM",
    "the home of root": "EACCES",
    "its own folder": "done",
}


@pytest.fixture(scope="module")
def machine(unpacked: Container) -> Iterator[Container]:
    """The machine as it is after it was switched on for the first time."""
    with unpacked.on():
        unpacked.up()
        yield unpacked


def test_every_unit_is_up_and_none_complained(machine: Container) -> None:
    assert machine.ok("systemctl --failed --no-legend --plain") == ""
    assert machine.ok(f"systemctl is-active {' '.join(UNITS)}").split() == ["active"] * len(UNITS)
    ours = machine.ok("journalctl --boot --priority warning --unit 'regulars*' --output cat")
    assert ours.splitlines() == []


def test_its_health_is_answered_to_a_phone_of_the_shop(machine: Container) -> None:
    health = stranger(machine).has("GET", "/health")
    assert health["status"] == "ok"


def test_the_firewall_closes_what_is_not_the_shops(machine: Container) -> None:
    """Somebody listens, and can be reached as soon as the rules are away, so it is the rules."""
    serve = f"python3 -m http.server --directory /srv {CLOSED}"
    machine.ok(f"systemd-run --unit open-door {serve}")
    machine.until(f"exec 3<>/dev/tcp/127.0.0.1/{CLOSED}")
    assert not heard(machine)
    machine.ok("systemctl stop regulars-firewall")
    assert heard(machine, ANSWERS_S)
    assert machine.ok(f"runuser -u regulars -- {' '.join(FIREWALL)}").split() == FELL
    machine.ok("systemctl start regulars-firewall")
    assert not heard(machine)
    machine.ok("systemctl stop open-door")


def heard(machine: Container, patience_s: float = SILENT_S) -> bool:
    """Whether the door that must be closed answers."""
    try:
        with socket.create_connection((machine.address, CLOSED), patience_s) as line:
            line.sendall(b"GET / HTTP/1.0\r\n\r\n")
            return line.recv(1) != b""
    except (TimeoutError, ConnectionError):
        return False


# --- its walls ---------------------------------------------------------------------------


def test_the_gateway_is_shut_in(machine: Container) -> None:
    """Its view of the files and its rights, taken from the process that runs."""
    pid = main_pid(machine)
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


def test_what_a_taken_gateway_would_try_is_refused(machine: Container) -> None:
    """By the unit as it is installed, which runs this program instead of the gateway's."""
    machine.ok(f"echo {shlex.quote(PROBE)} >/opt/probe.py")
    machine.ok("install -o regulars -m 600 /dev/null /var/lib/regulars/probe")
    shape = "s|^ExecStart=.*|ExecStart=/usr/bin/python3 /opt/probe.py|; s|^Type=.*|Type=oneshot|"
    shape += "; /^(Restart|WatchdogSec|NotifyAccess)/d"
    unit = "/etc/systemd/system/regulars"
    machine.ok(f"sed -E '{shape}' {unit}.service >/run/systemd/system/regulars-probe.service")
    machine.ok("systemctl daemon-reload && systemctl start regulars-probe")
    look = "journalctl --boot --unit regulars-probe --identifier python3 --output cat"
    said = machine.ok(f"{ALL_IS_WRITTEN} && {look}")
    assert dict(line.rsplit(" ", 1) for line in said.splitlines()) == REFUSED
    machine.ok("rm /var/lib/regulars/probe /opt/probe.py")


def test_its_walls_are_judged_shut(machine: Container) -> None:
    exposure = machine.ok("systemd-analyze security regulars.service --no-pager | tail -n 1")
    found = re.search(r": ([\d.]+) OK", exposure)
    assert found is not None
    assert float(found[1]) <= 2.0


def test_the_journal_is_kept_and_bounded(machine: Container) -> None:
    said = machine.ok("journalctl --boot --unit systemd-journald --output cat")
    assert re.search(r"System Journal \(/var/log/journal/\w+\) is \S+, max 500\.0M", said)


# --- bad luck ----------------------------------------------------------------------------


def test_a_gateway_that_hangs_is_restarted(machine: Container) -> None:
    before = main_pid(machine)
    machine.ok(f"kill -STOP {before}")
    machine.until("journalctl --boot --unit regulars | grep -q 'Watchdog timeout'", within_s=180)
    another_runs(machine, before)
    assert stranger(machine).has("GET", "/health")["status"] == "ok"


def test_a_gateway_that_was_killed_is_restarted(machine: Container) -> None:
    before = main_pid(machine)
    machine.ok(f"kill -KILL {before}")
    another_runs(machine, before)
    assert stranger(machine).has("GET", "/health")["status"] == "ok"


def test_a_copy_is_made_by_its_timers_service(machine: Container) -> None:
    machine.ok("install -d -o regulars -g regulars /srv/copies")
    machine.ok("printf '[backup]\\nto = \"/srv/copies\"\\n' >>/etc/regulars/regulars.toml")
    machine.ok("systemctl start regulars-backup && systemctl start regulars-verify", within_s=240)
    assert "config" in machine.ok("ls /srv/copies")
    for unit in ("regulars-backup", "regulars-verify"):
        said = machine.ok(f"systemctl show {unit} --property Result --value")
        assert said.strip() == "success"


def main_pid(machine: Booted) -> str:
    return machine.ok("systemctl show regulars --property MainPID --value").strip()


def another_runs(machine: Booted, before: str) -> None:
    """Wait until another process is ready.

    By one answer of systemd: between two it may first not know of the death yet, and then have no
    process at all.
    """
    asked = "systemctl show regulars --property ActiveState,MainPID | sort | xargs"
    ready = f"^ActiveState=active MainPID=(?!{before}$)"
    machine.until(f"{asked} | grep --perl-regexp {shlex.quote(ready)}", within_s=180)


# --- again, and away ---------------------------------------------------------------------


def test_installed_again_on_the_running_machine_it_says_how_to_set_the_shop_up(
    machine: Container,
) -> None:
    before = main_pid(machine)
    said = machine.ok("/src/provisioning/install.sh", within_s=240)
    assert "/setup#" in said
    assert main_pid(machine) == before, "what is right already stays, a running gateway too"


def test_taken_away_from_the_running_machine_it_leaves_nothing(machine: Container) -> None:
    """The last one here: nothing is left to test on."""
    machine.ok("/src/provisioning/install.sh --uninstall --erase")
    assert machine.ok("systemctl list-units --all --plain --no-legend 'regulars*.*'") == ""
    assert machine.run("pgrep --uid regulars || id regulars").status != 0
    assert "regulars" not in machine.ok("nft list tables")
    left = "find /etc /opt /usr /var -name '*regulars*'"
    assert machine.ok(f"{left} -not -path '/var/log/*' -not -path '/var/tmp/*'") == ""
