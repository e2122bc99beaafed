"""An authority that speaks ACME (Pebble), the DNS that it asks, and the API of the DNS service.

Pebble and its DNS are the real ones; the service's API in between is lego's ``httpreq``.
"""

from __future__ import annotations

import json
import os
import ssl
import subprocess
import urllib.request
from base64 import b64decode
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from threading import Thread

from component.nats_broker import listening, until
from cryptography import x509
from ports import free_port

from edge.clienteling_api.addresses import Names
from edge.clienteling_api.authority import make_authority, make_leaf
from edge.clienteling_api.pairs import pem

PASSWORD = "opens-the-dns-service"


@dataclass(frozen=True, kw_only=True)
class Town:
    """``directory`` is the authority's; ``secrets`` open the DNS service and trust the authority's
    own server; ``roots`` (PEM) are what phones trust.
    """

    directory: str
    secrets: dict[str, str]
    roots: str


@contextmanager
def acme_town(folder: Path) -> Iterator[Town]:
    """An authority that refuses every fifth request once, and everything around it."""
    serving, managing, dns, dns_managing = (free_port() for _ in range(4))
    pair = server_pair(folder)
    config = {
        "listenAddress": f"127.0.0.1:{serving}",
        "managementListenAddress": f"127.0.0.1:{managing}",
        "certificate": str(folder / "server.pem"),
        "privateKey": str(folder / "server.pem"),
        "httpPort": 5002,
        "tlsPort": 5001,
        "ocspResponderURL": "",
        "externalAccountBindingRequired": False,
    }
    (folder / "pebble.json").write_text(json.dumps({"pebble": config}))
    off = [word for name in ("http01", "https01", "tlsalpn01") for word in (f"-{name}", "")]
    with ExitStack() as stack:
        stack.enter_context(
            running(
                *("pebble-challtestsrv", "-dns01", f"127.0.0.1:{dns}"),
                *("-management", f"127.0.0.1:{dns_managing}", *off),
                listens=(dns, dns_managing),
            )
        )
        stack.enter_context(
            running(
                *("pebble", "-config", str(folder / "pebble.json")),
                *("-dnsserver", f"127.0.0.1:{dns}"),
                listens=(serving, managing),
            )
        )
        endpoint = stack.enter_context(dns_service(f"http://127.0.0.1:{dns_managing}"))
        trust = ssl.create_default_context(cafile=str(pair))
        yield Town(
            directory=f"https://127.0.0.1:{serving}/dir",
            secrets={
                "HTTPREQ_ENDPOINT": endpoint,
                "HTTPREQ_USERNAME": "shop",
                "HTTPREQ_PASSWORD": PASSWORD,
                "LEGO_CA_CERTIFICATES": str(pair),
            },
            roots=fetch(f"https://127.0.0.1:{managing}/roots/0", trust),
        )


def server_pair(folder: Path) -> Path:
    """Files for a TLS server on this machine, ``server.pem``; gives the authority to trust."""
    here = ip_address("127.0.0.1")
    names = Names(preferred=here, addresses=frozenset({here}), hosts=frozenset({"localhost"}))
    now = datetime.now(UTC)
    authority = make_authority(names, now)
    (folder / "trusted.pem").write_bytes(pem(authority))
    leaf = make_leaf(authority, frozenset({x509.IPAddress(here)}), now)
    (folder / "server.pem").write_bytes(pem(leaf))
    return folder / "trusted.pem"


@contextmanager
def running(*command: str, listens: tuple[int, ...]) -> Iterator[None]:
    """A server for as long as the context lasts, once it listens at all of its ports."""
    pebble = {"VA_NOSLEEP": "1", "WFE_NONCEREJECT": "20", "AUTHZREUSE": "0"}
    env = {**os.environ, **{f"PEBBLE_{key}": value for key, value in pebble.items()}}
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=env)
    try:
        until(lambda: all(map(listening, listens)), child)
        yield
    finally:
        child.terminate()
        child.wait()


def fetch(address: str, trust: ssl.SSLContext) -> str:
    """What a server says."""
    with urllib.request.urlopen(address, context=trust) as answer:
        return str(answer.read().decode())


@contextmanager
def dns_service(records: str) -> Iterator[str]:
    """The API of a DNS service that takes ``PASSWORD`` alone; gives its address."""

    class Service(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            basic = self.headers.get("Authorization", "").removeprefix("Basic ")
            if b64decode(basic).decode() != f"shop:{PASSWORD}":
                self.send_error(401)
                return
            verb = "set-txt" if self.path == "/present" else "clear-txt"
            record = {"host": asked["fqdn"], "value": asked["value"]}
            urllib.request.urlopen(f"{records}/{verb}", data=json.dumps(record).encode()).close()
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Nobody reads it."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Service) as server:
        thread = Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()
