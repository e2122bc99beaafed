"""The command line. Commands import what they need when they run, so that help is instant."""

from __future__ import annotations

import sys

import typer

from edge.cli import (
    backup,
    bench,
    certificate,
    chain,
    claim,
    data,
    doctor,
    fleet,
    keys,
    models,
    release,
    run,
    scanners,
    update,
    vouchers,
)
from edge.cli.console import fail
from edge.errors import EdgeError

app = typer.Typer(
    name="regulars",
    help="Regulars, the in-store gateway that lets a shop know its regulars.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
run.register(app)
chain.register(app)
claim.register(app)
fleet.register(app)
doctor.register(app)
backup.register(app)
app.add_typer(certificate.app, name="certificate")
app.add_typer(keys.app, name="keys")
app.add_typer(models.app, name="models")
app.add_typer(data.members, name="members")
app.add_typer(data.catalogue, name="catalogue")
app.add_typer(data.audit, name="audit")
app.add_typer(data.templates, name="templates")
app.add_typer(data.config, name="config")
app.add_typer(scanners.app, name="scanners")
app.add_typer(vouchers.app, name="vouchers")
app.add_typer(update.app, name="update")
app.add_typer(release.app, name="release")
app.add_typer(bench.app, name="bench")


def main() -> None:
    """Run the command line; trouble ends as one line that says what to do, and status 2."""
    try:
        app()
    except EdgeError as error:
        fail(error.message)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
