"""Puts the door together and opens it: HTTPS on the LAN, plain HTTP on loopback only."""

from __future__ import annotations

import asyncio
import errno
import logging
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass

import structlog
from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from edge.clienteling_api import load, static, trust
from edge.clienteling_api.addresses import Names
from edge.clienteling_api.authority import Authority
from edge.clienteling_api.endpoint import endpoint
from edge.clienteling_api.live import ENCODER, SOCKETS, Encoder, close_all
from edge.clienteling_api.parts import PARTS, Parts
from edge.clienteling_api.problems import problems
from edge.clienteling_api.public_name import PublicName
from edge.clienteling_api.responses import access_log, measured, set_headers
from edge.clienteling_api.routing import PREFIX
from edge.clienteling_api.table import ROUTES
from edge.config import ApiConfig
from edge.errors import ConfigError
from edge.tasks import beside

log = structlog.get_logger()

LOOPBACK = "127.0.0.1"
REFRESH_EVERY_S = 300.0
SHUTDOWN_S = 5.0
LINGERING_S = 2.0  # how long a phone may still send what was refused, to read the answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Doors:
    """Two listening sockets: ``lan`` for HTTPS, ``loopback`` for plain HTTP.

    Where they are is kept: a closed socket knows it no more, and the last answers are given while
    the gateway opens anew.
    """

    lan: socket.socket
    loopback: socket.socket
    host: str
    lan_port: int
    loopback_port: int

    def address(self, names: Names, public: PublicName | None = None) -> str:
        """The HTTPS address that phones on the LAN reach."""
        shown = public.shown if public is not None else None
        return address_of(self.host, self.lan_port, names, shown)


def address_of(host: str, port: int, names: Names, public_name: str | None = None) -> str:
    """The HTTPS address of a door at ``host``; one open to every network has the preferred.

    A public name goes before any address once its certificate is there.
    """
    if public_name is not None:
        return f"https://{public_name}:{port}"
    if host in ("0.0.0.0", "::"):
        host = str(names.preferred)
    return f"https://[{host}]:{port}" if ":" in host else f"https://{host}:{port}"


def listen(config: ApiConfig) -> Doors:
    """Take both ports (0 lets the system choose). Raises ``ConfigError`` naming the key."""
    lan = _bind(config.host, config.port, "api.port")
    try:
        loopback = _bind(LOOPBACK, config.loopback_port, "api.loopback_port")
    except ConfigError:
        lan.close()
        raise
    host, lan_port = lan.getsockname()[:2]
    return Doors(
        lan=lan,
        loopback=loopback,
        host=host,
        lan_port=lan_port,
        loopback_port=loopback.getsockname()[1],
    )


def build(parts: Parts) -> web.Application:
    """The application: every route of the table, the web app's files, one kind of error."""
    app = web.Application(middlewares=[measured(parts.metrics), access_log, problems])
    app[PARTS] = parts
    app[ENCODER] = Encoder(parts.places)
    app[SOCKETS] = set()
    for declared in ROUTES:
        app.router.add_route(declared.method, PREFIX + declared.path, endpoint(declared))
    app.router.add_get("/metrics", load.scrape)
    app.router.add_routes([*static.routes(), *trust.routes()])
    app.on_response_prepare.append(set_headers)
    app.on_shutdown.append(close_all)
    return app


@asynccontextmanager
async def serve(app: web.Application, doors: Doors, authority: Authority) -> AsyncIterator[None]:
    """Serve on both doors for as long as the context lasts; closes them at its end."""
    with closing(doors.lan), closing(doors.loopback):
        context = await asyncio.to_thread(authority.context)
        runner = web.AppRunner(
            app,
            access_log=None,
            logger=_http_log(),
            shutdown_timeout=SHUTDOWN_S,
            lingering_time=LINGERING_S,
        )
        await runner.setup()
        try:
            async with beside(_keep_certificate(authority), "certificate"):
                await web.SockSite(runner, doors.lan, ssl_context=context).start()
                await web.SockSite(runner, doors.loopback).start()
                log.info("listening", lan_port=doors.lan_port, loopback_port=doors.loopback_port)
                yield
        finally:
            await runner.cleanup()


def _http_log() -> logging.Logger:
    """aiohttp's own log. It quotes what it cannot parse, and a header may hold a token."""

    def without_quotes(record: logging.LogRecord) -> bool:
        if record.exc_info and isinstance(record.exc_info[1], HttpProcessingError):
            record.exc_info = None
        return True

    quiet = logging.Logger("http")
    quiet.parent = logging.getLogger()
    quiet.addFilter(without_quotes)
    return quiet


async def _keep_certificate(authority: Authority) -> None:
    """Follow a new address of the LAN, and renew in time."""
    while True:
        await asyncio.sleep(REFRESH_EVERY_S)
        try:
            await asyncio.to_thread(authority.refresh)
        except (OSError, ConfigError) as error:
            log.error("certificate_not_renewed", reason=str(error))


def _bind(host: str, port: int, key: str) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            reason = f"{port} is in use; stop the other program or choose another port"
        elif error.errno == errno.EACCES:
            reason = f"{port} may not be opened by this user; choose one from 1024"
        else:
            reason = f"{host}:{port} cannot be opened ({error.strerror}); check api.host"
        raise ConfigError(f"{key}: {reason}") from error
