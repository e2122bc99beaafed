"""``regulars claim``: a file from headquarters makes this machine a store of the chain."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from edge import config as configuration
from edge.cli.console import ConfigOption, console, done, warn
from edge.contract.store_claim import CLAIM_BYTES, CLAIM_NAME
from edge.domain import ClaimFault
from edge.errors import ClaimRefused, ConfigError, HeadquartersUnavailable

if TYPE_CHECKING:
    from edge.contract import StoreClaim
    from edge.flows.admission import Admission, Unconfirmed


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command()(claim)


def claim(
    config: ConfigOption,
    file: Annotated[
        Path, typer.Argument(help="The claim file, the folder it lies in, or - to read it.")
    ],
    authority: Annotated[
        str | None,
        typer.Option(help="What `regulars fleet authority` prints at headquarters; else it asks."),
    ] = None,
) -> None:
    """Make this machine the store that a claim file names; the file works once."""
    from edge.app import sole_use, utc_now
    from edge.app.admission import admission

    machine, claim_file = admission(config, utc_now), _read(file)
    with sole_use(Path(configuration.load(config).store.state_dir), "claim"):
        taken = _taken_in(machine, claim_file, authority)
        try:
            asyncio.run(machine.pursue())
        except HeadquartersUnavailable as error:
            until = f"{taken.expires_at:%Y-%m-%d %H:%M} UTC"
            warn("The claim is kept", f"{error.message}; the gateway goes on trying until {until}")
            return
    done(f"this machine is {taken.store.name} ({taken.store.id}) of {taken.url}")


def _taken_in(machine: Admission, claim_file: bytes, authority: str | None) -> StoreClaim:
    from edge.flows.admission import Unconfirmed

    taken = machine.take_in(claim_file, authority)
    if isinstance(taken, Unconfirmed):
        _confirm(taken, machine.trusted)
        return _taken_in(machine, claim_file, taken.authority)
    return taken


def _read(file: Path) -> bytes:
    if str(file) == "-":
        return sys.stdin.buffer.read(CLAIM_BYTES + 1)
    try:
        place = _found(file) if file.is_dir() else file
        with place.open("rb") as opened:
            return opened.read(CLAIM_BYTES + 1)
    except OSError as error:
        raise ConfigError(
            f"{file} cannot be read ({error.strerror}); hand it over as: regulars claim - <{file}"
        ) from error


def _found(folder: Path) -> Path:
    """The one claim in a folder, as on a stick."""
    files = sorted(folder.glob(f"{CLAIM_NAME}*.toml"))
    if len(files) != 1:
        raise ClaimRefused(
            f"{folder} holds {len(files)} files named {CLAIM_NAME}*.toml; leave the one of this "
            "machine there",
            fault=ClaimFault.UNREADABLE,
        )
    return files[0]


def _confirm(asked: Unconfirmed, anchor: Path) -> None:
    """Ask whoever sits there. Raises ``ClaimRefused`` for a no, or where nobody does."""
    claim, authority = asked.claim, asked.authority
    if not (console.is_terminal and sys.stdin.isatty()):
        raise ClaimRefused(
            f"nobody is here to say whether the headquarters {authority} is the right one; add "
            f"--authority, or put its fingerprint into {anchor}",
            fault=ClaimFault.FOREIGN,
        )
    groups = " ".join(authority[at : at + 4] for at in range(0, len(authority), 4))
    console.print(
        f"{claim.store.name} ({claim.store.id}) of {claim.admissions}, whose authority is"
    )
    console.print(f"  {groups}")
    if not typer.confirm("Is that what `regulars fleet authority` prints there?", err=True):
        raise ClaimRefused(
            "nothing was changed; ask headquarters for a claim of its own", fault=ClaimFault.FOREIGN
        )
