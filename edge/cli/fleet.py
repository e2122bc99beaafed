"""``regulars fleet``: claims for a thousand stores, where headquarters runs.

Headquarters is a program of its own, which no gateway installs: the words go on to it as they are.
"""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec

import typer

from edge.errors import ConfigError

PASSED_ON = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command(context_settings=PASSED_ON)(fleet)


def fleet(context: typer.Context) -> None:
    """Make claims that turn machines into stores (on headquarters' machine)."""
    if find_spec("hq") is None:
        raise ConfigError(
            "fleet is a command of headquarters, which is not on this machine; run it in the "
            "folder where `python -m hq` runs"
        )
    os.execv(sys.executable, [sys.executable, "-m", "hq", "fleet", *context.args])
