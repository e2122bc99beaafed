"""Announces the gateway on the LAN by mDNS (RFC 6762, RFC 6763) as ``_regulars._tcp``."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager

import structlog
from zeroconf import InterfaceChoice, ServiceInfo
from zeroconf.asyncio import AsyncZeroconf

from edge import __version__
from edge.clienteling_api.addresses import Address
from edge.contract import LOCAL_NAME

log = structlog.get_logger()

SERVICE = "_regulars._tcp.local."


@asynccontextmanager
async def announce(
    store_id: str,
    port: int,
    addresses: Collection[Address],
    *,
    interfaces: InterfaceChoice | list[str] = InterfaceChoice.All,
) -> AsyncIterator[None]:
    """Announce for as long as the context lasts, and say goodbye at its end.

    A machine without a network is no trouble: the announcement is left out, with a warning.
    """
    responder = _responder(interfaces)
    if responder is None:
        yield
        return
    try:
        await responder.async_register_service(
            service(store_id, port, addresses), allow_name_change=True
        )
        yield
    finally:
        await responder.async_close()


def _responder(interfaces: InterfaceChoice | list[str]) -> AsyncZeroconf | None:
    try:
        return AsyncZeroconf(interfaces=interfaces)
    except OSError as error:
        log.warning("announcement_failed", reason=error.strerror)
        return None


def service(store_id: str, port: int, addresses: Collection[Address]) -> ServiceInfo:
    """What is announced: where the gateway is, whose it is, and its version."""
    return ServiceInfo(
        SERVICE,
        f"{store_id}.{SERVICE}",
        port=port,
        addresses=[address.packed for address in addresses],
        properties={"id": store_id, "version": __version__, "path": "/"},
        server=f"{LOCAL_NAME}.",
    )
