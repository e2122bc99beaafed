"""The log: one line an event, ids only; never a face, an embedding, a name or a code.

JSON where a program reads it, colour where a person does.
"""

from __future__ import annotations

import logging
import sys

import structlog


def configure() -> None:
    """Send every log line to standard error, in the form its reader wants.

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
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    # Libraries speak through the standard library; only their warnings are ours to pass on.
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(name)s: %(message)s")
