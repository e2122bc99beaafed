"""WS-Discovery (OASIS, 1.1, and the draft of April 2005 that ONVIF took): who is a camera here?

One question to the multicast group from each of this machine's addresses, as a camera may hang on
any of its networks, asked twice, since a datagram may be lost. Answers come back to the socket that
asked. A camera that answers more than once, or on several networks, is one camera.
"""

from __future__ import annotations

import asyncio
import socket
import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from ipaddress import IPv4Address, ip_address
from urllib.parse import unquote, urlsplit

import ifaddr

from edge.onvif.xml import Unreadable, every, read, text

GROUP, PORT = "239.255.255.250", 3702
WAIT_S = 2.0
"""Cameras answer within half a second (APP_MAX_DELAY); slow ones and lost datagrams get more."""
AGAIN_S = 0.4
CAMERAS_MAX = 256
"""Policy: the first so many are listed; a network with more is not a shop's."""

_PROBE = """\
<?xml version="1.0" encoding="UTF-8"?>
<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"
 xmlns:w="http://schemas.xmlsoap.org/ws/2004/08/addressing"
 xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery"
 xmlns:dn="http://www.onvif.org/ver10/network/wsdl">
<e:Header>
<w:MessageID>uuid:{message_id}</w:MessageID>
<w:To e:mustUnderstand="true">urn:schemas-xmlsoap-org:ws:2005:04:discovery</w:To>
<w:Action e:mustUnderstand="true">http://schemas.xmlsoap.org/ws/2005/04/discovery/Probe</w:Action>
</e:Header>
<e:Body><d:Probe><d:Types>dn:NetworkVideoTransmitter</d:Types></d:Probe></e:Body>
</e:Envelope>"""

Heard = Callable[[bytes, str], None]
"""A datagram, and the address of who sent it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A camera that answered. ``addresses`` are its device services, the likeliest first."""

    id: str
    name: str
    hardware: str
    addresses: tuple[str, ...]


async def discover(wait_s: float = WAIT_S) -> list[Found]:
    """The cameras that answer within ``wait_s``, by their addresses."""
    cameras: dict[str, Found] = {}

    def heard(data: bytes, sender: str) -> None:
        for found in matches(data, sender):
            known = cameras.get(found.id)
            if known is not None:
                addresses = dict.fromkeys((*known.addresses, *found.addresses))
                cameras[found.id] = replace(known, addresses=tuple(addresses))
            elif len(cameras) < CAMERAS_MAX:
                cameras[found.id] = found

    async with _sockets(heard) as transports:
        probe = _PROBE.format(message_id=uuid.uuid4()).encode()
        for transport in transports:
            transport.sendto(probe, (GROUP, PORT))
        await asyncio.sleep(min(AGAIN_S, wait_s))
        for transport in transports:
            transport.sendto(probe, (GROUP, PORT))
        await asyncio.sleep(max(0.0, wait_s - AGAIN_S))
    return sorted(cameras.values(), key=lambda found: found.addresses)


def matches(data: bytes, sender: str) -> list[Found]:
    """The cameras in one datagram; none in what cannot be read. ``sender`` is who sent it.

    The address that the camera itself answered from stands first: it is on our network for sure.
    """
    try:
        root = read(data)
    except Unreadable:
        return []
    found = []
    for match in every(root, "ProbeMatch"):
        addresses = [word for word in text(match, "XAddrs").split() if _usable(word)]
        if addresses:
            addresses.sort(key=lambda address: urlsplit(address).hostname != sender)
            scopes = text(match, "Scopes").split()
            found.append(
                Found(
                    id=text(match, "EndpointReference", "Address") or addresses[0],
                    name=_scope(scopes, "name"),
                    hardware=_scope(scopes, "hardware"),
                    addresses=tuple(dict.fromkeys(addresses)),
                )
            )
    return found


def _usable(address: str) -> bool:
    """Whether an HTTP address that this machine could reach; link-local IPv6 needs a zone."""
    try:
        parts = urlsplit(address)
        host = ip_address(parts.hostname or "")
        needs_zone = host.version == 6 and host.is_link_local
        return parts.scheme in ("http", "https") and parts.port != 0 and not needs_zone
    except ValueError:
        return False


def _scope(scopes: Sequence[str], kind: str) -> str:
    """What ``onvif://www.onvif.org/name/Front%20door`` says, at most 80 visible characters."""
    for scope in scopes:
        _, found, word = scope.partition(f"onvif.org/{kind}/")
        if found:
            return "".join(c for c in unquote(word).strip("/") if c.isprintable())[:80]
    return ""


class _Ears(asyncio.DatagramProtocol):
    def __init__(self, heard: Heard) -> None:
        self._heard = heard

    def datagram_received(self, data: bytes, address: tuple[str, int]) -> None:
        self._heard(data, address[0])


@asynccontextmanager
async def _sockets(heard: Heard) -> AsyncIterator[list[asyncio.DatagramTransport]]:
    """A socket for each address of this machine."""
    transports: list[asyncio.DatagramTransport] = []
    try:
        for address in await asyncio.to_thread(_own_addresses):
            asking = _asking(address)
            if asking is not None:
                transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
                    lambda: _Ears(heard), sock=asking
                )
                transports.append(transport)
        yield transports
    finally:
        for transport in transports:
            transport.close()


def _asking(address: IPv4Address) -> socket.socket | None:
    """A socket that asks from this address; None where the kernel does not let it."""
    asking = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        asking.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, address.packed)
        asking.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 1)
        asking.bind((str(address), 0))
        asking.setblocking(False)
    except OSError:
        asking.close()
        return None
    return asking


def _own_addresses() -> list[IPv4Address]:
    return [
        IPv4Address(ip.ip)
        for adapter in ifaddr.get_adapters()
        for ip in adapter.ips
        if isinstance(ip.ip, str)
    ]
