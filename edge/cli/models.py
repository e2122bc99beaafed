"""``regulars models``: the files that recognition runs on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from edge.cli.console import done, progress
from edge.config import INSIGHTFACE_LICENCE, Config, load

app = typer.Typer(help="Fetch and verify the model files.", no_args_is_help=True)

HERE = Path(".cache/models")
"""Where the demo and the benchmarks keep model files: in the folder they are run from."""

ModelsDir = Annotated[
    Path | None,
    typer.Option("--models-dir", help="Where model files are kept.", envvar="REGULARS_MODELS"),
]
PackOption = Annotated[str, typer.Option("--pack", help="yunet-sface or insightface.")]
AcceptOption = Annotated[
    list[str] | None,
    typer.Option("--accept-licence", help=f"A licence accepted by name: {INSIGHTFACE_LICENCE}."),
]
AttackCheckOption = Annotated[
    bool,
    typer.Option("--presentation-attack-check", help="With what tells a person from a picture."),
]


def models_of(config: Config) -> Path:
    """A shop's model files live with its state."""
    return Path(config.store.state_dir) / "models"


@app.callback()
def _models() -> None:
    """Fetch and verify the model files."""


def obtain(
    pack: str, folder: Path, accepted: list[str], *, attack_check: bool = False
) -> list[Path]:
    """See that a pack's files are there and what they should be, fetching what is missing.

    With ``attack_check`` those of presentation attack detection too. Raises ``ModelError`` where
    they cannot be had, or the licence was not accepted.
    """
    from edge.vision.models import check_licences, read_manifest
    from edge.vision.sources import fetch as fetch_files

    manifest = read_manifest()
    check_licences(manifest, pack, accepted)
    files = manifest.files_of(pack) + (manifest.attack_files() if attack_check else ())
    with progress(of_bytes=True) as report:
        return fetch_files(files, folder, report)


def prepare(pack: str, folder: Path, accepted: list[str], *, attack_check: bool) -> None:
    """Load models once, so that the gateway's first start need not choose how each of them runs."""
    from edge.vision import presentation
    from edge.vision.packs import load as load_pack

    models = load_pack(pack, folder, accepted)
    if attack_check:
        presentation.load(folder, models.detector)


@app.command()
def fetch(
    config: Annotated[
        Path | None,
        typer.Option(
            "--config",
            "-c",
            help="Fetch what this shop is configured for.",
            envvar="REGULARS_CONFIG",
        ),
    ] = None,
    models_dir: ModelsDir = None,
    pack: PackOption = "yunet-sface",
    accept: AcceptOption = None,
    attack_check: AttackCheckOption = False,
) -> None:
    """Fetch a pack's files, verify them, and prepare them for this machine."""
    folder, accepted = models_dir or HERE, accept or []
    if config is not None:
        shop = load(config)
        pack, accepted = shop.recognition.pack, shop.recognition.accepted_licences
        attack_check = shop.recognition.presentation_attack_check
        folder = models_dir or models_of(shop)
    paths = obtain(pack, folder, accepted, attack_check=attack_check)
    prepare(pack, folder, accepted, attack_check=attack_check)
    done(f"{len(paths)} model files of {pack} are verified and prepared in {folder}")
