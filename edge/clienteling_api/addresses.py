"""Where the gateway stands on the network: its addresses and names, asked of this machine."""

from __future__ import annotations

import re
import socket
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address

import ifaddr

from edge.contract import LOCAL_NAME

Address = IPv4Address | IPv6Address

# Reserved for documentation (RFC 5737): a route is looked up, and nothing is ever sent there.
_ELSEWHERE = ("192.0.2.1", 9)


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """How phones may call this machine. ``preferred`` is the address of the default route."""

    preferred: Address
    addresses: frozenset[Address]
    hosts: frozenset[str]


def look_up() -> Names:
    """The addresses of every interface, the host name with and without ``.local``, and the name
    that every gateway has on its own network.
    """
    found = {
        ip_address(ip.ip if isinstance(ip.ip, str) else ip.ip[0])
        for adapter in ifaddr.get_adapters()
        for ip in adapter.ips
    }
    lan = frozenset(address for address in found if not address.is_link_local)
    return Names(
        preferred=_preferred(lan),
        addresses=lan | {ip_address("127.0.0.1")},
        hosts=frozenset({"localhost", LOCAL_NAME}) | _host_names(),
    )


def _preferred(lan: frozenset[Address]) -> Address:
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.connect(_ELSEWHERE)
            return ip_address(probe.getsockname()[0])
    except OSError:
        reachable = sorted(a for a in lan if a.version == 4 and not a.is_loopback)
        return reachable[0] if reachable else ip_address("127.0.0.1")


def _host_names() -> frozenset[str]:
    """Names that can stand in a certificate; a machine may be called anything."""
    short = socket.gethostname().split(".")[0].lower()
    if not re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", short):
        return frozenset()
    return frozenset({short, f"{short}.local"})
