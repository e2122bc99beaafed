"""``regulars doctor``: how a shop's machine is, what it makes of the models, what it will hold."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer
from rich.markup import escape

from edge.cli.console import ConfigOption, JsonOption, console, done, print_json
from edge.cli.models import (
    HERE,
    AcceptOption,
    AttackCheckOption,
    ModelsDir,
    PackOption,
    models_of,
    obtain,
)
from edge.config import load
from edge.errors import ConfigError
from edge.rules.checkup import Finding, Grade, worst

if TYPE_CHECKING:
    from edge.vision.failover import Choice


def register(app: typer.Typer) -> None:
    """Put the command into the command line."""
    app.command()(doctor)
    app.command()(support)


def doctor(
    config: Annotated[
        Path | None,
        typer.Option(
            "--config",
            "-c",
            help="Examine this shop's pack and models.",
            envvar="REGULARS_CONFIG",
        ),
    ] = None,
    models_dir: ModelsDir = None,
    pack: PackOption = "yunet-sface",
    accept: AcceptOption = None,
    attack_check: AttackCheckOption = False,
    again: Annotated[
        bool, typer.Option("--again", help="Try every way of running the models anew.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """How this machine is, how the models run on it, and how many cameras it will hold.

    Ends with status 1 where something is red.
    """
    from edge.app import check_up

    folder, accepted = models_dir or HERE, accept or []
    findings: list[Finding] = []
    if config is not None:
        shop = load(config)
        pack, accepted = shop.recognition.pack, shop.recognition.accepted_licences
        attack_check = shop.recognition.presentation_attack_check
        folder = models_dir or models_of(shop)
        findings = check_up(shop, config)
    obtain(pack, folder, accepted, attack_check=attack_check)
    if again:
        forget_choices(folder)
    result = examine(pack, folder, accepted, attack_check=attack_check)
    if as_json:
        print_json({**result, "findings": msgspec.to_builtins(findings)})
    else:
        _tell_findings(findings)
        _tell(result)
    if worst(findings) is Grade.RED:
        raise typer.Exit(1)


def _tell_findings(findings: list[Finding]) -> None:
    """A coloured dot each, what was found, and under it what to do."""
    for finding in findings:
        said = f"[{finding.grade}]●[/] {finding.check}: {escape(finding.said)}"
        console.print(said, soft_wrap=True)
        if finding.do:
            console.print(f"    {escape(finding.do)}", style="dim", soft_wrap=True)


def support(
    config: ConfigOption,
    out: Annotated[Path, typer.Argument(help="Where to write it.")] = Path(
        "regulars-support.tar.gz"
    ),
) -> None:
    """Write a bundle for whoever helps: no face, no name, no code and no secret is in it."""
    from edge.app import support as bundles

    try:
        names = bundles.write(load(config), config, out)
    except OSError as error:
        raise ConfigError(f"{out} cannot be written ({error.strerror}); name another") from error
    done(f"{out} holds {', '.join(names)}; look into it before you send it")


def forget_choices(folder: Path) -> None:
    """Let the next load try every way: what failed while it ran may have been mended since."""
    for kept in folder.glob("prepared/*.choice.json"):
        kept.unlink()


def examine(
    pack: str, folder: Path, accepted: list[str], *, attack_check: bool = False
) -> dict[str, Any]:
    """Everything the doctor says. Raises ``ModelError`` for models that cannot be used."""
    from edge.bench import capacity
    from edge.vision import presentation
    from edge.vision.packs import load as load_pack

    models = load_pack(pack, folder, accepted)
    checking = presentation.load(folder, models.detector).models if attack_check else []
    costs = capacity.measure(models)
    cores = capacity.cores()
    return {
        "pack": pack,
        "models": [_model(model.choice) for model in (*models.models, *checking)],
        "cores": cores,
        "ms_per_frame_decoded": round(costs.decode, 2),
        "ms_per_gate": round(costs.gate, 2),
        "ms_per_detection": round(costs.detect, 2),
        "ms_per_embedding": round(costs.embed, 2),
        "cameras": capacity.cameras(costs, cores, capacity.USUAL),
        "cameras_all_busy": capacity.cameras(costs, cores, 1.0),
    }


def _model(choice: Choice) -> dict[str, Any]:
    refused = {trial.execution: trial.refused for trial in choice.trials if trial.refused}
    failed = {trial.execution: trial.failed for trial in choice.trials if trial.failed}
    return {
        "file": choice.model,
        "execution": choice.taken,
        "refused": refused,
        "failed": failed,
    }


def _tell(result: dict[str, Any]) -> None:
    console.print(f"Models of {result['pack']}")
    for model in result["models"]:
        console.print(f"  {model['file']} runs on [bold]{model['execution']}[/]")
        for execution, reason in model["refused"].items():
            console.print(f"    not on {execution}: {reason}", soft_wrap=True)
        for execution, reason in model["failed"].items():
            console.print(
                f"    [yellow]{execution} failed at work[/]: {reason}; `--again` tries it anew",
                soft_wrap=True,
            )
    console.print(
        f"A detection takes {result['ms_per_detection']} ms, an embedding "
        f"{result['ms_per_embedding']} ms, a 720p frame {result['ms_per_frame_decoded']} ms to "
        f"decode and {result['ms_per_gate']} ms to check for motion"
    )
    console.print(
        f"These {result['cores']} cores should hold [bold]{result['cameras']}[/] cameras of 720p "
        f"at 15 frames a second with people in view a third of the time, or "
        f"{result['cameras_all_busy']} with people at every door all the time"
    )
