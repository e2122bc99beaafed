"""The configuration as it holds: the file's, and on top what headquarters set of it."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from edge.config import Config
from edge.contract import SETTINGS, Setting, value_of


def settle(config: Config, settings: Iterable[Setting]) -> Config:
    """The configuration with what headquarters set. Privacy becomes stricter or stays.

    Raises ``ValueError`` for a key that is not to be set from afar, or a value out of bounds;
    then nothing of it holds.
    """
    for setting in settings:
        told = value_of(setting)
        table, name = setting.key.split(".")
        part = getattr(config, table)
        value = SETTINGS[setting.key].settle(getattr(part, name), told)
        changed = msgspec.structs.replace(part, **{name: value})
        config = msgspec.structs.replace(config, **{table: changed})
    return config
