"""What the facts about a machine mean: well, worth a look, or broken, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
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
    """One line of the doctor: what was looked at, what was found, and what to do (or nothing).

    ``key`` names what was found, e.g. ``disk.low``, and ``values`` what stands in the sentence, for
    who words it in another language.
    """

    check: str
    grade: Grade
    said: str
    do: str = ""
    key: str = ""
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckUp:
    """What the doctor found, and when it began to look."""

    checked_at: datetime
    findings: tuple[Finding, ...]


def _green(check: str, said: str, key: str, **values: str) -> Finding:
    return Finding(check=check, grade=Grade.GREEN, said=said, key=key, values=values)


def _yellow(check: str, said: str, do: str, key: str, **values: str) -> Finding:
    return Finding(check=check, grade=Grade.YELLOW, said=said, do=do, key=key, values=values)


def _red(check: str, said: str, do: str, key: str, **values: str) -> Finding:
    return Finding(check=check, grade=Grade.RED, said=said, do=do, key=key, values=values)


def gateway(answers: bool, degraded: bool) -> Finding:
    """Whether the gateway runs, and says of itself that all is well."""
    if not answers:
        do = "systemctl start regulars; journalctl -u regulars"
        return _red("gateway", "does not answer", do, "gateway.silent")
    if degraded:
        said = "answers, and something is amiss"
        return _yellow("gateway", said, "see the lines below", "gateway.amiss")
    return _green("gateway", "answers", "gateway.well")


def device(kind: str, name: str, status: str, detail: str) -> Finding:
    """A camera or a scanner, by the status that the gateway gives it."""
    check = f"{kind} {name}"
    if status in ("live", "ready", "finished"):
        return _green(check, status, f"{kind}.well", name=name)
    if status == "connecting":
        do = "wait some seconds and ask again"
        return _yellow(check, status, do, f"{kind}.connecting", name=name)
    said = f"{status}: {detail}" if detail else status
    do = "look at its cable, its power and its address in regulars.toml"
    return _red(check, said, do, f"{kind}.trouble", name=name)


def face_matching(why_off: str | None) -> Finding:
    """Whether a face may be matched; off is a choice, not a fault."""
    if why_off is None:
        return _green("face matching", "on", "face.on")
    do = "complete [privacy], or leave it off"
    return _yellow("face matching", f"off: {why_off}", do, "face.off")


def disk(free_bytes: int) -> Finding:
    """Room on the disk of the shop's data."""
    gb = f"{free_bytes / 1e9:.1f}"
    said = f"{gb} GB free"
    if free_bytes < DISK_FULL:
        return _red("disk", said, "make room now: nothing can be written soon", "disk.full", gb=gb)
    if free_bytes < DISK_LOW:
        return _yellow("disk", said, "make room: updates and copies need 5 GB", "disk.low", gb=gb)
    return _green("disk", said, "disk.well", gb=gb)


def clock(synchronised: bool | None, now: datetime, passed_at: datetime) -> Finding:
    """Whether the clock can be right, and whether somebody vouches for it (None: nobody can say).

    ``passed_at`` is a time that has certainly passed.
    """
    if wrong(now, passed_at):
        said = f"stands at {now:%Y-%m-%d %H:%M} UTC, but {passed_at:%Y-%m-%d %H:%M} has passed"
        do = "timedatectl set-time, or a line; codes that turn with time are refused until then"
        return _red("clock", said, do, "clock.wrong")
    if synchronised:
        return _green("clock", "set by the network", "clock.well")
    said = "nobody vouches for it" if synchronised is None else "not set by the network"
    do = "timedatectl set-ntp true; codes with hours depend on it"
    return _yellow("clock", said, do, "clock.unset")


def certificate(
    check: str,
    ends_at: datetime | None,
    now: datetime,
    do: str,
    soon: timedelta = RENEW_SOON,
) -> Finding:
    """How long a certificate still holds; None where there is none yet."""
    if ends_at is None:
        return _yellow(check, "none yet", "start the gateway once", "certificate.none")
    date = f"{ends_at:%Y-%m-%d}"
    if ends_at <= now:
        return _red(check, f"ended {date}", do, "certificate.ended", date=date)
    if ends_at - now < soon:
        return _yellow(check, f"until {date}", do, "certificate.soon", date=date)
    return _green(check, f"until {date}", "certificate.well", date=date)


def public_certificate(
    begins_at: datetime | None, ends_at: datetime | None, now: datetime
) -> Finding:
    """How long the public name's certificate holds; yellow once its renewal is a week late."""
    check, do = "certificate of the public name", "journalctl -u regulars-certificate"
    if begins_at is None or ends_at is None:
        begin = f"systemctl start regulars-certificate; {do}"
        return _yellow(check, "none yet", begin, "certificate.missing")
    date = f"{ends_at:%Y-%m-%d}"
    if ends_at <= now:
        return _red(check, f"ended {date}", do, "certificate.ended", date=date)
    if is_late(begins_at, ends_at, now):
        said = f"until {date}, and was not renewed"
        return _yellow(check, said, do, "certificate.late", date=date)
    return _green(check, f"until {date}", "certificate.well", date=date)


def database(trouble: str | None) -> Finding:
    """Whether the database is whole."""
    if trouble is None:
        return _green("database", "whole", "database.well")
    do = "stop the gateway; regulars restore"
    return _red("database", trouble, do, "database.damaged")


def outbox(waiting: int, held: int, oldest_at: datetime | None, now: datetime) -> Finding:
    """What headquarters has not taken yet."""
    if held:
        do = "see Headquarters on a manager's phone"
        said = f"{held} messages in quarantine"
        return _yellow("outbox", said, do, "outbox.held", n=str(held))
    if oldest_at is not None and now - oldest_at > OUTBOX_LATE:
        said = f"{waiting} messages wait, the oldest since {oldest_at:%Y-%m-%d %H:%M} UTC"
        do = "look at the line to headquarters; nothing is lost"
        return _yellow("outbox", said, do, "outbox.late", n=str(waiting))
    return _green("outbox", f"{waiting} messages wait", "outbox.well", n=str(waiting))


def copies(last_at: datetime | None, now: datetime) -> Finding:
    """When the shop's data were last copied elsewhere."""
    if last_at is None:
        return _red("copies", "none yet", "regulars backup", "copies.none")
    said, date = f"the last of {last_at:%Y-%m-%d %H:%M %z}", f"{last_at:%Y-%m-%d}"
    if now - last_at > COPY_LATE:
        return _red("copies", said, "journalctl -u regulars-backup", "copies.late", date=date)
    return _green("copies", said, "copies.well", date=date)


def no_copies() -> Finding:
    """No place for copies is configured."""
    return _yellow("copies", "none are made", "name a place in [backup]", "copies.off")


def copies_unreachable(why: str) -> Finding:
    """The place of the copies cannot be asked."""
    return _red("copies", why, "mend the place of [backup]", "copies.unreachable")


def ports(unexpected: Sequence[int]) -> Finding:
    """Ports that others than this machine can reach and the gateway did not open."""
    if not unexpected:
        return _green("ports", "only the gateway's own are open", "ports.well")
    listed = ", ".join(map(str, unexpected))
    do = "close what is not needed; the firewall of install.sh keeps others out"
    return _yellow("ports", f"others listen on {listed}", do, "ports.others", ports=listed)


def firewall(up: bool) -> Finding:
    """Whether the rules that close this machine are loaded. Without them it is open."""
    if up:
        return _green("firewall", "its rules are loaded", "firewall.well")
    do = "systemctl restart regulars-firewall; journalctl -u regulars-firewall names the line"
    said = "its rules are not loaded: the whole network reaches every port"
    return _red("firewall", said, do, "firewall.down")


def permissions(open_to_others: Sequence[str]) -> Finding:
    """Files of the shop that others than the gateway may open."""
    if not open_to_others:
        said = "nobody else may open the shop's files"
        return _green("permissions", said, "permissions.well")
    listed = ", ".join(open_to_others)
    said, do = f"others may open {listed}", f"chmod -R go-rwx {listed}"
    return _red("permissions", said, do, "permissions.open")


def key_sealing(sealing: Sealing | None, *, opened: bool) -> Finding:
    """How the gateway's key is kept; ``opened`` says whether this machine could open it."""
    check = "key sealing"
    if sealing is None:
        return _yellow(check, "no key yet", "start the gateway once", "sealing.none")
    if sealing is Sealing.CLEAR:
        do = "systemctl restart regulars-keys regulars; its line in the journal says what is amiss"
        return _red(check, "the gateway's key lies in the clear", do, "sealing.clear")
    if not opened:
        do = "sudo regulars keys import FILE, with the recovery file and its code; nothing is lost"
        said = "the gateway's key does not open on this machine"
        return _red(check, said, do, "sealing.shut")
    if sealing is Sealing.HOST:
        do = "switch the TPM on in the firmware (Intel PTT, AMD fTPM); the next start uses it"
        said = "by a key on the disk: whoever has the disk has both"
        return _yellow(check, said, do, "sealing.host")
    return _green(check, "by this machine's TPM", "sealing.well")


def key_unreadable(why: str) -> Finding:
    """The sealed key is no such thing."""
    do = "sudo regulars keys import FILE, with the recovery file"
    return _red("key sealing", why, do, "sealing.unreadable")


def claim(said: str, *, waits: bool) -> Finding:
    """A claim that waits for headquarters, or one that came to nothing and was forgotten."""
    if waits:
        do = "look at the line to headquarters; it is tried again by itself"
        return _yellow("claim", said, do, "claim.waiting")
    return _red("claim", said, "ask headquarters for a new claim", "claim.refused")


def worst(findings: Sequence[Finding]) -> Grade:
    """The worst grade of all."""
    order = list(Grade)
    return max((finding.grade for finding in findings), key=order.index, default=Grade.GREEN)
