"""``regulars keys``: the gateway's key, sealed to this machine and moved to another."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from edge import config as configuration
from edge import durable
from edge.cli.console import ConfigOption, console, done, warn
from edge.errors import ConfigError

if TYPE_CHECKING:
    from edge.flows.keys import Sealed
    from edge.store.key_files import KeyFiles

app = typer.Typer(help="Seal the gateway's key, and move it.", no_args_is_help=True)


StateDir = Annotated[
    Path, typer.Option(help="The gateway's folder; root does not ask the configuration for it.")
]
INSTALLED = Path("/var/lib/regulars")


@app.callback()
def _keys() -> None:
    """Seal the gateway's key, and move it."""


@app.command()
def seal(state_dir: StateDir = INSTALLED) -> None:
    """Make the key, if there is none, and seal it to this machine; what is right stays."""
    from edge.flows import keys
    from edge.store.key_files import KeyFiles
    from edge.store.sealing import Machine

    _tell(keys.seal(KeyFiles(state_dir), Machine()))


@app.command()
def unseal(state_dir: StateDir = INSTALLED) -> None:
    """Put the key back in the clear, for an earlier release that knows no sealed one."""
    from edge.flows import keys
    from edge.store.key_files import KeyFiles
    from edge.store.sealing import Machine

    keys.unseal(KeyFiles(state_dir), Machine())
    done("the gateway's key lies in the clear; the next start of this release seals it again")


@app.command("export")
def export_key(
    config: ConfigOption,
    out: Annotated[Path, typer.Argument(help="Where to write the recovery file.")],
) -> None:
    """Write the key into a recovery file, and show the code that opens it, once."""
    from datetime import UTC, datetime

    from edge.flows import keys
    from edge.store.sealing import Machine

    files, store_id = _of(config)
    text, code = keys.export(files, Machine(), store_id, datetime.now(UTC))
    try:
        durable.create(out, text)
    except OSError as error:
        raise ConfigError(f"{out} cannot be written ({error.strerror}); name another") from error
    warn("Write this code down, and keep it away from the file", code)
    done(f"{out} opens with it, and with nothing else: keep the file elsewhere too")


@app.command("import")
def import_key(
    config: ConfigOption,
    file: Annotated[Path, typer.Argument(help="A recovery file.")],
) -> None:
    """Bring the key here, with a recovery file and its code. Stop the gateway first."""
    from edge.app import sole_use
    from edge.flows import keys
    from edge.store.key_files import as_owner
    from edge.store.sealing import Machine

    files, _ = _of(config)
    try:
        text = file.read_bytes()
    except OSError as error:
        raise ConfigError(f"{file} cannot be read ({error.strerror}); name another") from error
    code = typer.prompt("The recovery code", err=True)
    state_dir = files.folder.parent
    with ExitStack() as stack:
        with as_owner(state_dir):
            stack.enter_context(sole_use(state_dir))
        _tell(keys.bring(files, Machine(), text, code))
    console.print("  Start the gateway: systemctl start regulars")


@app.command()
def dns(
    file: Annotated[Path, typer.Argument(help="A NAME=value a line, as lego names them.")],
    out: Annotated[Path, typer.Option(help="Where the service looks for it.")] = Path(
        "/etc/regulars/dns.env.sealed"
    ),
) -> None:
    """Seal what opens the DNS service of the public name to this machine; FILE may go then."""
    from edge import acme
    from edge.flows.certificates import CREDENTIAL
    from edge.store.sealing import Machine

    acme.program()
    try:
        sealed = Machine().seal(file.read_bytes(), CREDENTIAL)
        durable.put(out, sealed)
    except OSError as error:
        raise ConfigError(f"{error.filename}: {error.strerror}; check the path") from error
    done(f"{out} opens on this machine only; {file} may go")


def _of(config: Path) -> tuple[KeyFiles, str]:
    from edge.store.key_files import KeyFiles

    shop = configuration.load(config).store
    return KeyFiles(Path(shop.state_dir)), shop.id


def _tell(kept: Sealed) -> None:
    if kept.why_clear is not None:
        warn("The gateway's key lies in the clear", kept.why_clear)
    else:
        by = {"tpm": "by its TPM", "host": "by a key on its disk"}[kept.sealing]
        done(f"the gateway's key is sealed to this machine {by}")
