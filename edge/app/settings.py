"""The configuration with which a gateway runs: what headquarters set holds from the next start."""

from __future__ import annotations

import structlog

from edge.config import Config
from edge.rules.settings import settle
from edge.store import Store

log = structlog.get_logger(__name__)


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
