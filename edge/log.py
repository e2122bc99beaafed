"""The log: one line an event, ids only; never a face, an embedding, a name or a code.

JSON where a program reads it, colour where a person does.
"""

from __future__ import annotations

import io
import logging
import sys
from contextlib import suppress
from typing import TextIO, cast

import structlog


class _StandardError(io.TextIOBase):
    """Standard error, patient: on a full disk the line is lost, not the work that it tells of."""

    def write(self, text: str) -> int:
        with suppress(OSError):
            sys.stderr.write(text)
            sys.stderr.flush()
        return len(text)


def configure(least: int = logging.INFO) -> None:
    """Send log lines from the level ``least`` on to standard error, as their reader wants them.

    Tracebacks are rendered without local variables: those hold faces and names.
    """
    renderers: list[structlog.typing.Processor]
    if sys.stderr.isatty():
        plain = structlog.dev.plain_traceback
        renderers = [structlog.dev.ConsoleRenderer(exception_formatter=plain)]
    else:
        renderers = [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *renderers,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(least),
        logger_factory=structlog.PrintLoggerFactory(cast(TextIO, _StandardError())),
    )
    # Libraries speak through the standard library; only their warnings are ours to pass on.
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(name)s: %(message)s")
