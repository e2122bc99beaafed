"""The gateway's public name, where it has one."""

from __future__ import annotations

from pathlib import Path

from edge.clienteling_api.public_name import PublicName
from edge.config import Config
from edge.flows.certificates import SHOWN
from edge.store import Store


def public_name(config: Config, store: Store) -> PublicName | None:
    """The name with the certificate that there is by now. Blocks."""
    if config.certificate.name is None:
        return None
    public = PublicName(config.certificate.name, Path(config.store.state_dir) / SHOWN, store)
    public.refresh()
    return public
