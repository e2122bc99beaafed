"""What headquarters answers where it cannot do what was asked."""

from __future__ import annotations

from edge.contract import Code, Problem


class Refused(Exception):
    """An answer with a status and a stable code."""

    def __init__(
        self, status: int, code: Code, detail: str, *, last_sequence: int | None = None
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.problem = Problem(code=code, detail=detail, last_sequence=last_sequence)


class Reused(Refused):
    """A store gave numbers a second time: it knows nothing of what it told from ``first`` on."""

    def __init__(self, first: int, last_sequence: int) -> None:
        detail = "a number that another message has"
        super().__init__(409, Code.SEQUENCE_REUSED, detail, last_sequence=last_sequence)
        self.first = first


class Mistake(Exception):
    """What a person asked for cannot be done; the text says why and what to do.

    ``code`` and ``values`` say the same to pages, which have words of their own.
    """

    def __init__(self, text: str, code: str = "", **values: str) -> None:
        super().__init__(text)
        self.code, self.values = code, values
