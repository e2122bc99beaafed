"""What the facts about a machine mean: well, worth a look, or broken, and what to do about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from edge.domain.keys import Sealing
from edge.rules.certificate import is_late
from edge.rules.clock import wrong

DISK_LOW, DISK_FULL = 5_000_000_000, 500_000_000
"""Bytes free: an update and a nightly copy need some, SQLite's log a little."""
RENEW_SOON = timedelta(days=30)
TRUST_ANEW_SOON = timedelta(days=365)
"""A new authority has to be installed on every phone: a year to choose the day."""
COPY_LATE = timedelta(hours=50)
"""Two nights with some hours to spare."""
OUTBOX_LATE = timedelta(hours=1)


class Grade(StrEnum):
    """How a finding is to be taken."""

    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line of the doctor: what was looked at, what was found, and what to do (or nothing)."""

    check: str
    grade: Grade
    said: str
    do: str = ""


def _green(check: str, said: str) -> Finding:
    return Finding(check=check, grade=Grade.GREEN, said=said)


def _yellow(check: str, said: str, do: str) -> Finding:
    return Finding(check=check, grade=Grade.YELLOW, said=said, do=do)


def _red(check: str, said: str, do: str) -> Finding:
    return Finding(check=check, grade=Grade.RED, said=said, do=do)


def gateway(answers: bool, degraded: bool) -> Finding:
    """Whether the gateway runs, and says of itself that all is well."""
    if not answers:
        return _red(
            "gateway", "does not answer", "systemctl start regulars; journalctl -u regulars"
        )
    if degraded:
        return _yellow("gateway", "answers, and something is amiss", "see the lines below")
    return _green("gateway", "answers")


def device(kind: str, name: str, status: str, detail: str) -> Finding:
    """A camera or a scanner, by the status that the gateway gives it."""
    check = f"{kind} {name}"
    if status in ("live", "ready", "finished"):
        return _green(check, status)
    if status == "connecting":
        return _yellow(check, status, "wait some seconds and ask again")
    said = f"{status}: {detail}" if detail else status
    return _red(check, said, "look at its cable, its power and its address in regulars.toml")


def face_matching(why_off: str | None) -> Finding:
    """Whether a face may be matched; off is a choice, not a fault."""
    if why_off is None:
        return _green("face matching", "on")
    return _yellow("face matching", f"off: {why_off}", "complete [privacy], or leave it off")


def disk(free_bytes: int) -> Finding:
    """Room on the disk of the shop's data."""
    said = f"{free_bytes / 1e9:.1f} GB free"
    if free_bytes < DISK_FULL:
        return _red("disk", said, "make room now: nothing can be written soon")
    if free_bytes < DISK_LOW:
        return _yellow("disk", said, "make room: updates and copies need 5 GB")
    return _green("disk", said)


def clock(synchronised: bool | None, now: datetime, passed_at: datetime) -> Finding:
    """Whether the clock can be right, and whether somebody vouches for it (None: nobody can say).

    ``passed_at`` is a time that has certainly passed.
    """
    if wrong(now, passed_at):
        said = f"stands at {now:%Y-%m-%d %H:%M} UTC, but {passed_at:%Y-%m-%d %H:%M} has passed"
        do = "timedatectl set-time, or a line; codes that turn with time are refused until then"
        return _red("clock", said, do)
    if synchronised:
        return _green("clock", "set by the network")
    said = "nobody vouches for it" if synchronised is None else "not set by the network"
    do = "timedatectl set-ntp true; codes with hours depend on it"
    return _yellow("clock", said, do)


def certificate(
    check: str,
    ends_at: datetime | None,
    now: datetime,
    do: str,
    soon: timedelta = RENEW_SOON,
) -> Finding:
    """How long a certificate still holds; None where there is none yet."""
    if ends_at is None:
        return _yellow(check, "none yet", "start the gateway once")
    said = f"until {ends_at:%Y-%m-%d}"
    if ends_at <= now:
        return _red(check, f"ended {ends_at:%Y-%m-%d}", do)
    return _yellow(check, said, do) if ends_at - now < soon else _green(check, said)


def public_certificate(
    begins_at: datetime | None, ends_at: datetime | None, now: datetime
) -> Finding:
    """How long the public name's certificate holds; yellow once its renewal is a week late."""
    check, do = "certificate of the public name", "journalctl -u regulars-certificate"
    if begins_at is None or ends_at is None:
        return _yellow(check, "none yet", f"systemctl start regulars-certificate; {do}")
    said = f"until {ends_at:%Y-%m-%d}"
    if ends_at <= now:
        return _red(check, f"ended {ends_at:%Y-%m-%d}", do)
    if is_late(begins_at, ends_at, now):
        return _yellow(check, f"{said}, and was not renewed", do)
    return _green(check, said)


def database(trouble: str | None) -> Finding:
    """Whether the database is whole."""
    if trouble is None:
        return _green("database", "whole")
    return _red("database", trouble, "stop the gateway; regulars restore")


def outbox(waiting: int, held: int, oldest_at: datetime | None, now: datetime) -> Finding:
    """What headquarters has not taken yet."""
    if held:
        do = "see Headquarters on a manager's phone"
        return _yellow("outbox", f"{held} messages in quarantine", do)
    if oldest_at is not None and now - oldest_at > OUTBOX_LATE:
        said = f"{waiting} messages wait, the oldest since {oldest_at:%Y-%m-%d %H:%M} UTC"
        return _yellow("outbox", said, "look at the line to headquarters; nothing is lost")
    return _green("outbox", f"{waiting} messages wait")


def copies(last_at: datetime | None, now: datetime) -> Finding:
    """When the shop's data were last copied elsewhere."""
    if last_at is None:
        return _red("copies", "none yet", "regulars backup")
    said = f"the last of {last_at:%Y-%m-%d %H:%M %z}"
    late = now - last_at > COPY_LATE
    return _red("copies", said, "journalctl -u regulars-backup") if late else _green("copies", said)


def no_copies() -> Finding:
    """No place for copies is configured."""
    return _yellow("copies", "none are made", "name a place in [backup]")


def copies_unreachable(why: str) -> Finding:
    """The place of the copies cannot be asked."""
    return _red("copies", why, "mend the place of [backup]")


def ports(unexpected: Sequence[int]) -> Finding:
    """Ports that others than this machine can reach and the gateway did not open."""
    if not unexpected:
        return _green("ports", "only the gateway's own are open")
    listed = ", ".join(map(str, unexpected))
    do = "close what is not needed; the firewall of install.sh keeps others out"
    return _yellow("ports", f"others listen on {listed}", do)


def permissions(open_to_others: Sequence[str]) -> Finding:
    """Files of the shop that others than the gateway may open."""
    if not open_to_others:
        return _green("permissions", "nobody else may open the shop's files")
    listed = ", ".join(open_to_others)
    return _red("permissions", f"others may open {listed}", f"chmod -R go-rwx {listed}")


def key_sealing(sealing: Sealing | None, *, opened: bool) -> Finding:
    """How the gateway's key is kept; ``opened`` says whether this machine could open it."""
    check = "key sealing"
    if sealing is None:
        return _yellow(check, "no key yet", "start the gateway once")
    if sealing is Sealing.CLEAR:
        do = "systemctl restart regulars-keys regulars; its line in the journal says what is amiss"
        return _red(check, "the gateway's key lies in the clear", do)
    if not opened:
        do = "sudo regulars keys import FILE, with the recovery file and its code; nothing is lost"
        return _red(check, "the gateway's key does not open on this machine", do)
    if sealing is Sealing.HOST:
        do = "switch the TPM on in the firmware (Intel PTT, AMD fTPM); the next start uses it"
        return _yellow(check, "by a key on the disk: whoever has the disk has both", do)
    return _green(check, "by this machine's TPM")


def key_unreadable(why: str) -> Finding:
    """The sealed key is no such thing."""
    return _red("key sealing", why, "sudo regulars keys import FILE, with the recovery file")


def worst(findings: Sequence[Finding]) -> Grade:
    """The worst grade of all."""
    order = list(Grade)
    return max((finding.grade for finding in findings), key=order.index, default=Grade.GREEN)
