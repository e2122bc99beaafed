"""From a claim file to a store of the chain: look, keep, ask headquarters, write, forget.

A claim that was taken in lies on the disk until headquarters has said yes or no, so a machine that
does not reach it yet goes on after every start. The power may go at any step: the next start begins
with what lies there, and the same key is given the same certificate again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from edge.config import Config, parse
from edge.config.reading import load, text_of
from edge.config.writing import rewritten
from edge.contract import Admitted, Code, StoreClaim
from edge.domain import ClaimFault, Setup
from edge.errors import (
    ClaimRefused,
    ConfigError,
    HeadquartersRefused,
    HeadquartersUnavailable,
)
from edge.flows.kept_claim import KeptClaim, Paper, Said
from edge.flows.setting_up import set_up
from edge.rules.setup import tables_of
from edge.rules.store_claim import (
    authority_of,
    check_certificate,
    check_shop,
    open_claim,
    settings_of,
)
from edge.store import census

TRUSTED = "authority.sha256"
"""Beside the configuration: the one headquarters whose claims this machine takes unasked."""

Ask = Callable[[StoreClaim, Path, str], Awaitable[Admitted]]
"""Asks headquarters with a claim, the file of its admission pair and a signing request."""
_FINAL: dict[str, tuple[ClaimFault, str]] = {
    Code.CLAIM_USED: (ClaimFault.USED, "another machine has used this claim"),
    Code.CLAIM_EXPIRED: (ClaimFault.EXPIRED, "headquarters says that this claim is over"),
    Code.CLAIM_REVOKED: (ClaimFault.REVOKED, "headquarters has taken this claim back"),
    Code.CLAIM_UNKNOWN: (ClaimFault.UNKNOWN, "headquarters does not know this claim"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Unconfirmed:
    """A sound claim that nobody has vouched for: a person is to compare ``authority``, the SHA-256
    of the headquarters that signed it, with what is known there.
    """

    claim: StoreClaim
    authority: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimState:
    """``claim`` waits for headquarters; ``said`` is the last that was said of it, or why one that
    is gone was refused.
    """

    claim: StoreClaim | None
    said: Said | None


class Admission:
    """One for each machine. ``file`` is its configuration."""

    def __init__(
        self,
        file: Path,
        ask: Ask,
        clock: Callable[[], datetime],
        *,
        usable: Callable[[Config], None],
    ) -> None:
        self.trusted = file.with_name(TRUSTED)
        self._file = file
        self._ask = ask
        self._clock = clock
        self._usable = usable

    def take_in(self, claim_file: bytes, authority: str | None = None) -> StoreClaim | Unconfirmed:
        """Keep a claim of the headquarters that stands on this machine, or else of ``authority``,
        the fingerprint that a person confirmed; without either nothing is kept.

        Blocks. Raises ``ClaimRefused`` or ``ConfigError``, and then nothing was written.
        """
        config = self._unclaimed()
        claim = open_claim(claim_file, self._clock())
        check_shop(claim, config.store.id, _members(config))
        self._check_settings(claim, config)
        anchor, signed_by = self._anchor(), authority_of(claim)
        trusted = authority if anchor is None else anchor
        if trusted is None:
            return Unconfirmed(claim=claim, authority=signed_by)
        if "".join(trusted.split()).replace(":", "").lower() != signed_by:
            raise ClaimRefused(
                f"this claim is of the headquarters {signed_by}, which this machine has no "
                "reason to trust; see `regulars fleet authority` there",
                fault=ClaimFault.FOREIGN,
            )
        self._kept(config).keep(claim_file, claim)
        return claim

    async def pursue(self) -> StoreClaim | None:
        """Ask headquarters to admit this machine by the claim that is kept, and become the store.

        None where none is kept. Raises ``HeadquartersUnavailable`` where it has to be tried again,
        ``ClaimRefused`` for a no, after which the claim is forgotten.
        """
        config = await asyncio.to_thread(load, self._file)
        kept = self._kept(config)
        claim_file = await asyncio.to_thread(kept.file)
        if claim_file is None:
            return None
        try:
            claim = _opened(claim_file)
            members = await asyncio.to_thread(_members, config)
            check_shop(claim, config.store.id, members)  # the shop may have gained some meanwhile
            await self._become(claim, kept)
        except ClaimRefused as refused:
            await asyncio.to_thread(kept.erase, refused)
            raise
        await asyncio.to_thread(kept.erase)
        return claim

    async def settle(self, invite: Callable[[Paper], Awaitable[None]]) -> None:
        """Do what is left once this machine is a store: hand the first manager's page to those who
        pair phones, and erase a claim that has served, where the power went before that.
        """
        kept = self._kept(await asyncio.to_thread(load, self._file))
        paper = await asyncio.to_thread(kept.paper)
        if paper is not None:
            await invite(paper)
            await asyncio.to_thread(kept.drop_paper)
        if await asyncio.to_thread(kept.folder.exists):
            await asyncio.to_thread(kept.erase)

    def waits(self) -> bool:
        """Whether a claim is kept. Blocks. Raises ``ConfigError``."""
        return self._kept(load(self._file)).file() is not None

    def state(self) -> ClaimState:
        """How it stands. Blocks. Raises ``ConfigError``."""
        kept = self._kept(load(self._file))
        claim_file, said = kept.file(), kept.said()
        return ClaimState(claim=None if claim_file is None else _opened(claim_file), said=said)

    async def _become(self, claim: StoreClaim, kept: KeptClaim) -> None:
        key, request = await asyncio.to_thread(kept.request)
        try:
            admitted = await self._ask(claim, kept.admission, request)
        except HeadquartersRefused as refused:
            if refused.refusal in _FINAL:
                fault, said = _FINAL[refused.refusal]
                raise ClaimRefused(f"{said}; ask there for a new one", fault=fault) from refused
            await self._wait(claim, kept, refused)
        except HeadquartersUnavailable as unavailable:
            await self._wait(claim, kept, unavailable)
        else:
            check_certificate(admitted.certificate, key, claim)
            await asyncio.to_thread(kept.put_credentials, admitted.certificate, claim)
            setup = self._settings(claim, kept)
            await asyncio.to_thread(set_up, self._file, setup, self._usable)

    async def _wait(
        self, claim: StoreClaim, kept: KeptClaim, trouble: HeadquartersUnavailable
    ) -> None:
        if claim.expires_at <= self._clock():
            raise ClaimRefused(
                f"the claim was over before {claim.admissions} answered; ask headquarters for a "
                "new one",
                fault=ClaimFault.EXPIRED,
            ) from trouble
        await asyncio.to_thread(kept.note, f"{claim.admissions}: {trouble.message}")
        raise trouble

    def _unclaimed(self) -> Config:
        config = load(self._file)
        if config.headquarters.url is not None:
            raise ClaimRefused(
                f"this machine is {config.store.id} of {config.headquarters.url} already; a claim "
                "is for a machine that belongs to no headquarters",
                fault=ClaimFault.BELONGS,
            )
        return config

    def _anchor(self) -> str | None:
        try:
            return self.trusted.read_text(encoding="ascii") if self.trusted.exists() else None
        except (OSError, ValueError) as error:
            raise ConfigError(
                f"{self.trusted} cannot be read; put the fingerprint there anew"
            ) from error

    def _check_settings(self, claim: StoreClaim, config: Config) -> None:
        tables = tables_of(self._settings(claim, self._kept(config)))
        before = text_of(self._file)
        try:
            parse(rewritten(before, tables), origin="the claim")
        except ConfigError as error:
            raise ClaimRefused(
                f"{error.message}; ask headquarters for another one", fault=ClaimFault.SETTINGS
            ) from error

    @staticmethod
    def _kept(config: Config) -> KeptClaim:
        return KeptClaim(Path(config.store.state_dir))

    @staticmethod
    def _settings(claim: StoreClaim, kept: KeptClaim) -> Setup:
        return settings_of(claim, str(kept.credentials))


def _opened(claim_file: bytes) -> StoreClaim:
    """Whatever the time: headquarters may have said yes before the answer was lost."""
    return open_claim(claim_file, datetime.min.replace(tzinfo=UTC))


def _members(config: Config) -> int:
    path = Path(config.store.state_dir) / "regulars.db"
    return census.rows(path, ["members"])["members"] if path.exists() else 0
