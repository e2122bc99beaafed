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
from edge.errors import ClaimRefused, ConfigError, HeadquartersUnavailable

if TYPE_CHECKING:
    from edge.contract import StoreClaim

TRUSTED = "authority.sha256"
"""Beside the configuration: the one headquarters whose claims this machine takes unasked."""


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
        taken = machine.take_in(
            claim_file, lambda fingerprint, claim: _trusts(config, authority, fingerprint, claim)
        )
        try:
            asyncio.run(machine.pursue())
        except HeadquartersUnavailable as error:
            until = f"{taken.expires_at:%Y-%m-%d %H:%M} UTC"
            warn("The claim is kept", f"{error.message}; the gateway goes on trying until {until}")
            return
    done(f"this machine is {taken.store.name} ({taken.store.id}) of {taken.url}")


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
            "machine there"
        )
    return files[0]


def _trusts(config: Path, named: str | None, fingerprint: str, claim: StoreClaim) -> bool:
    """What stands on the machine decides, else what was typed, else whoever sits there."""
    anchor = config.with_name(TRUSTED)
    try:
        text = anchor.read_text(encoding="ascii") if anchor.exists() else named
    except (OSError, ValueError) as error:
        raise ConfigError(f"{anchor} cannot be read; put the fingerprint there anew") from error
    if text is not None:
        return "".join(text.split()).replace(":", "").lower() == fingerprint
    if not (console.is_terminal and sys.stdin.isatty()):
        raise ClaimRefused(
            f"nobody is here to say whether the headquarters {fingerprint} is the right one; add "
            f"--authority, or put its fingerprint into {anchor}"
        )
    groups = " ".join(fingerprint[at : at + 4] for at in range(0, len(fingerprint), 4))
    console.print(
        f"{claim.store.name} ({claim.store.id}) of {claim.admissions}, whose authority is"
    )
    console.print(f"  {groups}")
    return typer.confirm("Is that what `regulars fleet authority` prints there?", err=True)
