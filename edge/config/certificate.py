"""A public name for the gateway, for phones on which nothing is to be installed."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from edge.config.slice import Slice
from edge.errors import ConfigError

LETS_ENCRYPT = "https://acme-v02.api.letsencrypt.org/directory"


class CertificateConfig(Slice, frozen=True, kw_only=True):
    """A certificate by ACME for a public name whose address is the gateway's in the shop's network.

    Without a name phones trust the shop's own authority.
    """

    name: Annotated[
        Annotated[str, Meta(pattern=r"^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}\Z")]
        | None,
        Meta(description="The public name, e.g. `shop-12.example.com`."),
    ] = None
    email: Annotated[str, Meta(description="Where the authority writes about the certificate.")] = (
        ""
    )
    dns_provider: Annotated[
        str,
        Meta(
            description="The name's DNS service, by lego's code for it: `lego dnshelp` lists them."
        ),
    ] = ""
    directory: Annotated[
        str,
        Meta(description="The ACME directory of the authority.", pattern=r"^https://\S+\Z"),
    ] = LETS_ENCRYPT
    check_dns: Annotated[
        bool,
        Meta(
            description="Wait until the name's own DNS servers show the record; false where the "
            "shop's network lets no DNS out."
        ),
    ] = True


def check_certificate(config: CertificateConfig, origin: str) -> None:
    """A name is asked for with all that it takes. Raises ``ConfigError``."""
    if config.name is None:
        return
    for key in ("email", "dns_provider"):
        if not msgspec.to_builtins(config)[key]:
            raise ConfigError(f"{origin}: certificate.{key}: is missing; a public name needs it")
