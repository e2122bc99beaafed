"""Pairing phones: an invitation that lives five minutes, a token that the store never holds."""

from __future__ import annotations

import hmac
import secrets
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

import structlog

from edge.domain import PairingCode, Role, Session, SessionEnded, new_id
from edge.errors import (
    BadRequest,
    Gone,
    NotAllowed,
    NotFound,
    NotPaired,
    StoreUnavailable,
    TooManyTries,
)
from edge.feed import Feed
from edge.flows.cards import GATEWAY
from edge.rules import pairing as rules
from edge.rules.guessing import WRONG_TRIES, barred_until
from edge.rules.profile import NAME_MAX, tidy_text
from edge.store import Store, Transaction

log = structlog.get_logger(__name__)

USE_WRITTEN_EVERY = timedelta(minutes=15)
TOKEN_BYTES = 32


class Invitation(NamedTuple):
    """``code`` is shown once; the store holds its hash."""

    code: str
    pairing: PairingCode


class Paired(NamedTuple):
    """``token`` is given once; the store holds its hash."""

    token: str
    session: Session


class Pairing:
    """Invitations and the sessions that come of them."""

    def __init__(self, store: Store, feed: Feed, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._feed = feed
        self._clock = clock
        self._wrong_at: deque[datetime] = deque(maxlen=WRONG_TRIES)

    async def invite(self, by: Session | None, guide_name: str, role: Role) -> Invitation:
        """Invite one phone; ``by`` is None for the command line on the gateway itself.

        Raises ``NotAllowed`` unless a manager asks, ``BadRequest`` for a name.
        """
        _demand_manager(by)
        name = _name(guide_name, "guide_name")
        code = "".join(secrets.choice(rules.ALPHABET) for _ in range(rules.CODE_LENGTH))
        now = self._clock()
        invitation = PairingCode(
            code_hash=rules.digest(code),
            guide_name=name,
            role=role,
            created_at=now,
            expires_at=now + rules.code_life(role),
        )

        def story(tx: Transaction) -> None:
            tx.pairing.purge(now)
            tx.pairing.put(invitation)
            _audit(tx, by, "phone_invited", subject=role, reason=f"for {name}")

        await self._store.write(story)
        return Invitation(code, invitation)

    async def invite_on_paper(self, code_hash: str, guide_name: str, expires_at: datetime) -> None:
        """Let the code with this SHA-256 pair the first manager's phone, until it expires.

        Nothing where a manager's phone is paired already: it invites all others.
        """
        now = self._clock()
        invitation = PairingCode(
            code_hash=code_hash,
            guide_name=guide_name,
            role=Role.MANAGER,
            created_at=now,
            expires_at=expires_at,
        )

        def story(tx: Transaction) -> None:
            active = tx.sessions.all_active()
            if any(s.role is Role.MANAGER and rules.alive(s, now) for s in active):
                return
            tx.pairing.put(invitation)
            _audit(tx, None, "phone_invited", subject=Role.MANAGER, reason="on paper, by a claim")

        await self._store.write(story)

    async def pair(self, code: str, device: str) -> Paired:
        """Turn a code into a session; the code is used up, whatever follows.

        Raises ``Gone`` for a code that is wrong, used or too old (which of them is nobody's
        business), ``TooManyTries`` when somebody is guessing, ``BadRequest`` for a name.
        """
        now = self._clock()
        if barred_until(self._wrong_at, now):
            raise TooManyTries("too many wrong codes; wait five minutes and ask for a new code")
        token = secrets.token_urlsafe(TOKEN_BYTES)
        phone, token_hash = _name(device, "device"), rules.digest(token)
        code_hash = rules.digest(rules.normalise_code(code))

        def story(tx: Transaction) -> Session | None:
            invitation = tx.pairing.take(code_hash)
            if invitation is None or rules.expired(invitation, now):
                return None
            session = _session(invitation, phone, token_hash, now)
            if session.role is Role.TECHNICIAN:
                _end_technicians(tx, session, now)
            if session.role is Role.MANAGER:
                _end_paper(tx)
            tx.sessions.put(session)
            _audit(tx, session, "phone_paired", subject=session.id, reason=f"as {session.role}")
            return session

        session = await self._store.write(story)
        if session is None:
            self._wrong_at.append(now)
            raise Gone("this code was used, is too old or is wrong; ask for a new one")
        return Paired(token, session)

    async def session(self, token: str) -> Session:
        """The session of a bearer token. Raises ``NotPaired``."""
        token_hash, now = rules.digest(token), self._clock()
        session = await self._store.read(lambda reader: reader.sessions.by_token_hash(token_hash))
        if (
            session is None
            or not hmac.compare_digest(session.token_hash, token_hash)
            or not rules.alive(session, now)
        ):
            raise NotPaired("this phone is not paired; scan a pairing code")
        if now - session.last_used_at < USE_WRITTEN_EVERY:
            return session
        return await self._note_use(session, now)

    async def sessions(self) -> list[Session]:
        """The sessions that are alive, the last used first."""
        now = self._clock()
        active = await self._store.read(lambda reader: reader.sessions.all_active())
        alive = [session for session in active if rules.alive(session, now)]
        return sorted(alive, key=lambda session: session.last_used_at, reverse=True)

    async def revoke(self, by: Session | None, session_id: str) -> None:
        """End a session. A guide may end only their own; a manager any, their own included:
        the command line on the gateway makes a new manager's code.

        Raises ``NotAllowed`` and ``NotFound``. A session that has ended stays ended.
        """
        if by is None or by.id != session_id:
            _demand_manager(by)
        now = self._clock()

        def story(tx: Transaction) -> bool:
            session = tx.sessions.get(session_id)
            if session is None:
                raise NotFound("there is no such phone; load the list again")
            if session.revoked_at is None:
                tx.sessions.put(replace(session, revoked_at=now))
                _audit(tx, by, "phone_revoked", subject=session_id, reason="by hand")
            return session.revoked_at is None

        if await self._store.write(story):
            self._feed.publish(SessionEnded(session_id=session_id))

    async def end_setup(self, by: Session) -> None:
        """End every technician's session and invitation, the caller's own included."""
        now = self._clock()

        def story(tx: Transaction) -> None:
            tx.pairing.drop(Role.TECHNICIAN)
            _end_technicians(tx, by, now)

        await self._store.write(story)

    async def _note_use(self, session: Session, now: datetime) -> Session:
        """Write the time of use; a full disk does not lock a paired phone out."""

        def story(tx: Transaction) -> Session:
            current = tx.sessions.get(session.id)
            if current is None or not rules.alive(current, now):
                raise NotPaired("this phone is not paired; scan a pairing code")
            used = replace(current, last_used_at=max(now, current.last_used_at))
            tx.sessions.put(used)
            return used

        try:
            return await self._store.write(story)
        except StoreUnavailable:
            log.warning("session_use_not_written", session_id=session.id)
            return session


def _session(invitation: PairingCode, device: str, token_hash: str, now: datetime) -> Session:
    return Session(
        id=new_id(),
        guide_name=invitation.guide_name,
        role=invitation.role,
        device=device,
        token_hash=token_hash,
        paired_at=now,
        last_used_at=now,
    )


def _end_technicians(tx: Transaction, by: Session, now: datetime) -> None:
    """One technician at a time: a new one, or the end of the work, ends who was there."""
    for session in tx.sessions.all_active():
        if session.role is Role.TECHNICIAN:
            tx.sessions.put(replace(session, revoked_at=now))
            _audit(tx, by, "phone_revoked", subject=session.id, reason="the setup went on or ended")


def _end_paper(tx: Transaction) -> None:
    """There is a first manager now, whoever invited them."""
    for invitation in tx.pairing.of(Role.MANAGER):
        if rules.on_paper(invitation):
            tx.pairing.take(invitation.code_hash)


def _demand_manager(by: Session | None) -> None:
    if by is not None and by.role is not Role.MANAGER:
        raise NotAllowed("this is for managers; ask one")


def _name(text: str, field: str) -> str:
    name = tidy_text(text, NAME_MAX)
    if name is None:
        raise BadRequest(f"a name has 1 to {NAME_MAX} visible characters", field=field)
    return name


def _audit(tx: Transaction, by: Session | None, action: str, *, subject: str, reason: str) -> None:
    actor = GATEWAY if by is None else by.guide_name
    tx.audit.append(actor=actor, action=action, subject=subject, reason=reason)
