"""``regulars release``: the publisher's side. Needs no gateway, and no root."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from edge.cli.console import console, done

if TYPE_CHECKING:
    from edge.update.publishing import Keys

app = typer.Typer(help="Sign and publish releases for stores.", no_args_is_help=True)

Repository = Annotated[Path, typer.Argument(help="The repository's folder, as it is served.")]
KeysOption = Annotated[Path, typer.Option("--keys", help="The folder of the private keys.")]
Passphrase = Annotated[
    str,
    typer.Option(
        help="Opens the keys that stay offline.",
        envvar="REGULARS_RELEASE_PASSPHRASE",
        prompt="Passphrase of the offline keys",
        hide_input=True,
    ),
]


@app.command()
def begin(repository: Repository, keys: KeysOption, passphrase: Passphrase) -> None:
    """Make the keys and an empty repository."""
    from edge.update import publishing

    held = publishing.Keys(keys, passphrase)
    held.make()
    publishing.Repository(repository).begin(held)
    done(f"{repository} is a repository; its root of trust is metadata/1.root.json")
    console.print("  Put that file into provisioning/publisher.json before you build a bundle.")
    console.print("  Keep root.pem and targets.pem offline; online.pem may lie where refresh runs.")


@app.command()
def add(
    bundle: Annotated[Path, typer.Argument(help="An unpacked bundle, as `make bundle` writes it.")],
    repository: Repository,
    keys: KeysOption,
    passphrase: Passphrase,
    machine: Annotated[
        str | None, typer.Option(help="The processor it is for; default: this machine's.")
    ] = None,
) -> None:
    """Sign a bundle as the newest release."""
    from edge.update import bundle as bundles
    from edge.update import manifest, publishing

    kind = machine or manifest.machine()
    signed = bundles.publish(
        bundle, kind, publishing.Repository(repository), publishing.Keys(keys, passphrase)
    )
    done(f"{signed.version} is published for {kind}: {len(signed.files)} files")


@app.command()
def refresh(repository: Repository, keys: KeysOption) -> None:
    """Say again that this is the present state; run it daily, with online.pem alone."""
    from edge.update import publishing

    publishing.Repository(repository).refresh(publishing.Keys(keys, ""))
    done(f"good for {publishing.LASTS['timestamp']} days")


@app.command()
def rotate(
    repository: Repository,
    keys: KeysOption,
    new: Annotated[Path, typer.Option(help="A new folder for the new keys.")],
    passphrase: Passphrase,
) -> None:
    """Put new keys in the place of all old ones; stores follow by themselves."""
    from edge.update import publishing

    held: Keys = publishing.Keys(new, passphrase)
    held.make()
    publishing.Repository(repository).rotate(publishing.Keys(keys, passphrase), held)
    done(f"the keys in {new} sign from now on; destroy those in {keys}")
