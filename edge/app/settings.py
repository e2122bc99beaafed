"""The configuration with which a gateway runs: what headquarters set holds from the next start,
what was decided in a browser at once, because the gateway opens anew.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import structlog

from edge.app.admission import claiming
from edge.app.matching import check_models
from edge.config import Config
from edge.flows.first_run import FirstRun
from edge.flows.pairing import Pairing
from edge.rules.settings import settle
from edge.store import Store
from edge.sync.credentials import client_context

log = structlog.get_logger(__name__)


def first_run(
    config: Config,
    store: Store,
    pairing: Pairing,
    models_dir: Path,
    clock: Callable[[], datetime],
    *,
    file: Path | None,
) -> FirstRun:
    """How a browser changes the configuration at ``file``."""

    def usable(config: Config) -> None:
        if config.privacy.why_off() is None:
            check_models(config, models_dir)
        if config.headquarters.url is not None:
            client_context(Path(config.headquarters.credentials))

    claimed = claiming(config, store, file, clock)
    return FirstRun(store, pairing, file=file, usable=usable, claiming=claimed)


async def settled(config: Config, store: Store) -> Config:
    """The file's configuration with what headquarters set. What an older gateway than the one
    that took it in cannot read, holds not at all.
    """
    settings = await store.read(lambda reader: reader.exchange.settings())
    try:
        return settle(config, settings)
    except ValueError as error:
        log.warning("settings_not_used", reason=str(error))
        return config
