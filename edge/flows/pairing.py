"""Pairing phones: an invitation that lives five minutes, a token that the store never holds.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from edge.domain import PairingCode, Role, Session
from edge.feed import Feed
from edge.store import Store


class Invitation(NamedTuple):
    """``code`` is shown once; the store holds its hash."""

    code: str
    pairing: PairingCode


class Paired(NamedTuple):
    """``token`` is given once; the store holds its hash."""

    token: str
    session: Session


class Pairing:
    def __init__(self, store: Store, feed: Feed, clock: Callable[[], datetime]) -> None: ...

    async def invite(self, by: Session | None, guide_name: str, role: Role) -> Invitation:
        """Invite one phone; ``by`` is None for the command line on the gateway itself.

        Raises ``NotAllowed`` unless a manager asks, ``BadRequest`` for a name.
        """
        ...

    async def pair(self, code: str, device: str) -> Paired:
        """Turn a code into a session. Raises ``Gone``, ``TooManyTries``, ``BadRequest``."""
        ...

    async def session(self, token: str) -> Session:
        """The session of a bearer token. Raises ``NotPaired``."""
        ...

    async def sessions(self) -> list[Session]:
        """The sessions that are alive, the last used first."""
        ...

    async def revoke(self, by: Session | None, session_id: str) -> None:
        """End a session; a guide may end only his own. Raises ``NotAllowed``, ``NotFound``."""
        ...
