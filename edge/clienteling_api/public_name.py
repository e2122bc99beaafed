"""The certificate of the gateway's public name, for phones that ask for it by that name.

Phones that come by the shop's own addresses go on with the shop's own authority. A renewed
certificate is taken up while the gateway runs: who is connected stays, who comes meets the new one.
"""

from __future__ import annotations

import ssl
from pathlib import Path

import structlog

log = structlog.get_logger()


class PublicName:
    """Shows the certificate in ``file``, once there is one, to whoever asks for ``name``."""

    def __init__(self, name: str, file: Path) -> None:
        self.name = name
        self._file = file
        self._seen: tuple[int, int] | None = None
        self._context: ssl.SSLContext | None = None

    @property
    def shown(self) -> bool:
        """Whether phones may come by the name."""
        return self._context is not None

    def refresh(self) -> bool:
        """Take up what the file holds, if it changed; True if it was. Blocks.

        A file that cannot be used changes nothing.
        """
        try:
            at = self._file.stat()
        except FileNotFoundError:
            return False
        if (at.st_mtime_ns, at.st_ino) == self._seen:
            return False
        self._seen = at.st_mtime_ns, at.st_ino
        context = self._context or server_context()
        try:
            server_context().load_cert_chain(self._file)
            context.load_cert_chain(self._file)
        except (OSError, ssl.SSLError) as error:
            log.error("public_certificate_not_used", reason=str(error))
            return False
        self._context = context
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
