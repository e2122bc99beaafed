"""The facts that the doctor judges, gathered on the machine of a shop. Nothing is changed."""

from __future__ import annotations

import shutil
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path
from urllib.error import URLError

import msgspec
import psutil
from cryptography import x509

from edge.app.clock import synchronised
from edge.config import Config
from edge.domain import ScannerKind
from edge.errors import EdgeError, SealingFailed
from edge.flows import backups
from edge.flows.certificates import SHOWN, shown
from edge.flows.kept_claim import KeptClaim
from edge.rules import checkup
from edge.rules.checkup import Finding
from edge.rules.clock import passed
from edge.store import snapshot
from edge.store.connection import open_reader
from edge.store.outbox import Outbox
from edge.store.redemptions import Redemptions
from edge.store.sealing import handed_over, sealing_of

ASKS_FOR_S = 10.0  # a machine with much to do is no machine that does not answer
FIREWALL = (
    *("systemctl", "show", "regulars-firewall.service"),
    *("--value", "--property", "LoadState,ActiveState"),
)
EXPECTED = {22, 5353}
"""The technician's door, and the announcement."""


class _State(msgspec.Struct):
    status: str
    detail: str = ""
    camera_id: str = ""
    scanner_id: str = ""


class _Device(msgspec.Struct):
    state: _State


class _Health(msgspec.Struct):
    """What the doctor needs of ``GET /api/v1/health``."""

    status: str
    cameras: list[_Device]
    scanners: list[_Device]


def check_up(config: Config, file: Path | None) -> list[Finding]:
    """Everything about this shop's machine but its models. ``file`` is the configuration's, where
    there is one.

    Blocks: the gateway, the disk and the place of the copies are asked.
    """
    state_dir, now = Path(config.store.state_dir), datetime.now(UTC)
    return [
        *_of_gateway(config),
        *_of_machine(config, state_dir, file),
        _of_key(state_dir),
        *_of_certificates(config, state_dir, now),
        *_of_claim(state_dir),
        *_of_data(config, state_dir, now),
        _of_copies(config, state_dir, now),
    ]


def _of_gateway(config: Config) -> Iterator[Finding]:
    health = _ask(config.api.loopback_port)
    yield checkup.gateway(health is not None, health is not None and health.status != "ok")
    yield checkup.face_matching(config.privacy.why_off())
    for camera in health.cameras if health else []:
        state = camera.state
        yield checkup.device("camera", state.camera_id, state.status, state.detail)
    for scanner in health.scanners if health else []:
        state = scanner.state
        yield checkup.device("scanner", state.scanner_id, state.status, state.detail)


def _ask(port: int) -> _Health | None:
    address = f"http://127.0.0.1:{port}/api/v1/health"
    try:
        with urllib.request.urlopen(address, timeout=ASKS_FOR_S) as answer:
            return msgspec.json.decode(answer.read(), type=_Health)
    except (URLError, OSError, msgspec.DecodeError):
        return None


def _of_machine(config: Config, state_dir: Path, file: Path | None) -> Iterator[Finding]:
    there = next(path for path in (state_dir, *state_dir.parents) if path.exists())
    yield checkup.disk(shutil.disk_usage(there).free)
    yield checkup.clock(synchronised(), datetime.now(UTC), passed(_noted(state_dir)))
    yield checkup.ports(sorted(_listening() - _own_ports(config)))
    firewall_up = _firewall_up()
    if firewall_up is not None:
        yield checkup.firewall(firewall_up)
    private = [state_dir, state_dir / "keys", state_dir / "tls", *([file] if file else [])]
    yield checkup.permissions([str(path) for path in private if _open_to_others(path)])


def _firewall_up() -> bool | None:
    """Whether the rules of install.sh are loaded; None on a machine that has no such unit."""
    try:
        said = subprocess.run(
            FIREWALL, capture_output=True, text=True, check=False, timeout=ASKS_FOR_S
        )
    except (FileNotFoundError, subprocess.TimeoutExpired):
        return None
    match said.stdout.split():
        case ["loaded", state]:
            return state == "active"
        case _:
            return None


def _open_to_others(path: Path) -> bool:
    return path.exists() and bool(path.stat().st_mode & 0o007)


def _noted(state_dir: Path) -> datetime | None:
    """The latest time that the store wrote down; a database that cannot be read tells none."""
    path = state_dir / snapshot.DATA
    if not path.exists():
        return None
    with (
        suppress(EdgeError),
        closing(open_reader(path)) as connection,
        connection.transaction("DEFERRED"),
    ):
        return Redemptions(connection).latest_at()
    return None


def _listening() -> set[int]:
    """Ports on which somebody listens for others than this machine."""
    return {
        line.laddr.port
        for line in psutil.net_connections("tcp")
        if line.status == psutil.CONN_LISTEN
        and line.laddr
        and not ip_address(line.laddr.ip).is_loopback
    }


def _own_ports(config: Config) -> set[int]:
    heard = {scanner.address[1] for scanner in config.scanners if scanner.kind is ScannerKind.TCP}
    return {config.api.port, *EXPECTED, *heard}


def _of_key(state_dir: Path) -> Finding:
    try:
        sealing = sealing_of(state_dir / "keys")
    except SealingFailed as error:
        return checkup.key_unreadable(error.message)
    return checkup.key_sealing(sealing, opened=handed_over() is not None)


def _of_claim(state_dir: Path) -> Iterator[Finding]:
    """Nothing where no claim was ever taken in, and once one was used."""
    kept = KeptClaim(state_dir)
    waits, said = kept.file() is not None, kept.said()
    if waits or said is not None:
        yield checkup.claim(said.text if said else "headquarters was not asked yet", waits=waits)


def _of_certificates(config: Config, state_dir: Path, now: datetime) -> Iterator[Finding]:
    for name, check, do, soon in (
        (
            "gateway.pem",
            "certificate of the gateway",
            "it is renewed when the gateway runs",
            checkup.RENEW_SOON,
        ),
        (
            "authority.pem",
            "authority that phones trust",
            "stop the gateway; regulars certificate new-authority; start it, and open /trust on "
            "each phone",
            checkup.TRUST_ANEW_SOON,
        ),
    ):
        yield checkup.certificate(check, _ends_at(state_dir / "tls" / name), now, do, soon)
    if config.certificate.name is not None:
        held = shown(state_dir / SHOWN, config.certificate.name)
        begun, ends = (
            (held.not_valid_before_utc, held.not_valid_after_utc) if held else (None, None)
        )
        yield checkup.public_certificate(begun, ends, now)
    if config.headquarters.url is not None:
        pair = Path(config.headquarters.credentials) / "pair.pem"
        do = "ask headquarters for new credentials"
        yield checkup.certificate("certificate for headquarters", _ends_at(pair), now, do)


def _ends_at(file: Path) -> datetime | None:
    try:
        return x509.load_pem_x509_certificate(file.read_bytes()).not_valid_after_utc
    except (OSError, ValueError):
        return None


def _of_data(config: Config, state_dir: Path, now: datetime) -> Iterator[Finding]:
    path = state_dir / snapshot.DATA
    if not path.exists():
        return
    try:
        snapshot.sound(path)
        yield checkup.database(None)
        if config.headquarters.url is not None:
            yield _of_outbox(path, now)
    except EdgeError as error:
        yield checkup.database(error.message)


def _of_outbox(path: Path, now: datetime) -> Finding:
    connection = open_reader(path)
    try:
        with connection.transaction("DEFERRED"):
            outbox = Outbox(connection)
            held = outbox.held_count()
            return checkup.outbox(outbox.count() - held, held, outbox.oldest_at(), now)
    finally:
        connection.close()


def _of_copies(config: Config, state_dir: Path, now: datetime) -> Finding:
    if config.backup.to is None:
        return checkup.no_copies()
    try:
        kept = backups.repository(config.backup, state_dir).kept()
    except EdgeError as error:
        return checkup.copies_unreachable(error.message)
    return checkup.copies(kept[-1].time if kept else None, now)
