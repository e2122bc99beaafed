"""The certificate of the gateway's public name, for phones that ask for it by that name.

Phones that come by the shop's own addresses go on with the shop's own authority. A renewed
certificate is taken up while the gateway runs: who is connected stays, who comes meets the new one.
"""

from __future__ import annotations

import ssl
from pathlib import Path

import structlog

from edge.clienteling_api.pairs import KeptPair, Keys, show
from edge.flows.certificates import usable

log = structlog.get_logger()


class PublicName:
    """Shows the certificate that was laid into ``file``, once there is one, to whoever asks for
    ``name``. Its key goes to ``keys``.
    """

    def __init__(self, name: str, file: Path, keys: Keys) -> None:
        self.name = name
        self._file = file
        self._kept = KeptPair(keys, file)
        self._pair: bytes | None = None
        self._context: ssl.SSLContext | None = None

    @property
    def shown(self) -> str | None:
        """The name, once phones may come by it."""
        return None if self._context is None else self.name

    def refresh(self) -> bool:
        """Take up what the file holds, if it changed; True if it was. Blocks.

        A file that cannot be used changes nothing.
        """
        pair = self._kept.load()
        if pair is None:
            # A certificate whose key is nowhere would keep the next from being asked for.
            self._file.unlink(missing_ok=True)
            return False
        if pair == self._pair or usable(pair, self.name) is None:
            return False
        context = self._context or server_context()
        show(context, pair)
        self._context, self._pair = context, pair
        log.info("public_certificate_shown")
        return True

    def answer_on(self, context: ssl.SSLContext) -> None:
        """Show the certificate to those who ask for the name at a server of this context."""

        def choose(connection: ssl.SSLObject, asked: str | None, _: ssl.SSLContext) -> None:
            if self._context is not None and asked is not None and asked.lower() == self.name:
                connection.context = self._context

        context.sni_callback = choose


def server_context() -> ssl.SSLContext:
    """TLS as every door to phones speaks it, without a certificate yet."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    return context
