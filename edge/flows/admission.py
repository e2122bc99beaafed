"""From a claim file to a store of the chain: look, keep, ask headquarters, write, forget.

A claim that was taken in lies on the disk until headquarters has said yes or no, so a machine that
does not reach it yet goes on after every start. The power may go at any step: the next start begins
with what lies there, and the same key is given the same certificate again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

from edge.config import Config, parse
from edge.config.reading import load, text_of
from edge.config.writing import rewritten
from edge.contract import Admitted, Code, StoreClaim
from edge.domain import Setup
from edge.errors import ClaimRefused, HeadquartersRefused, HeadquartersUnavailable
from edge.flows.kept_claim import KeptClaim
from edge.flows.setting_up import set_up
from edge.rules.setup import tables_of
from edge.rules.store_claim import authority_of, check_certificate, open_claim, settings_of

Ask = Callable[[StoreClaim, Path, str], Awaitable[Admitted]]
"""Asks headquarters with a claim, the file of its admission pair and a signing request."""
_FINAL: dict[str, str] = {
    Code.CLAIM_USED: "another machine has used this claim",
    Code.CLAIM_EXPIRED: "headquarters says that this claim is over",
    Code.CLAIM_REVOKED: "headquarters has taken this claim back",
    Code.CLAIM_UNKNOWN: "headquarters does not know this claim",
}


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
        self._file = file
        self._ask = ask
        self._clock = clock
        self._usable = usable

    def take_in(self, claim_file: bytes, trusted: Callable[[str, StoreClaim], bool]) -> StoreClaim:
        """Keep a claim. ``trusted`` judges the SHA-256 of the authority that signed it.

        Blocks. Raises ``ClaimRefused`` or ``ConfigError``, and then nothing was written.
        """
        config = self._unclaimed()
        claim = open_claim(claim_file, self._clock())
        fingerprint = authority_of(claim)
        if not trusted(fingerprint, claim):
            raise ClaimRefused(
                f"this claim is of the headquarters {fingerprint}, which this machine has no "
                "reason to trust; see `regulars fleet authority` there"
            )
        kept = self._kept(config)
        parse(
            rewritten(text_of(self._file), tables_of(self._settings(claim, kept))),
            origin="the claim",
        )
        kept.keep(claim_file, claim)
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
            # Headquarters judges the time: it may have said yes before the answer was lost.
            claim = open_claim(claim_file, datetime.min.replace(tzinfo=UTC))
            await self._become(claim, kept)
        except ClaimRefused as refused:
            await asyncio.to_thread(kept.erase, refused.message)
            raise
        await asyncio.to_thread(kept.erase)
        return claim

    async def forget(self) -> None:
        """Erase a claim that has served: the power went between its last two steps."""
        kept = self._kept(await asyncio.to_thread(load, self._file))
        if await asyncio.to_thread(kept.folder.exists):
            await asyncio.to_thread(kept.erase)

    async def _become(self, claim: StoreClaim, kept: KeptClaim) -> None:
        key, request = await asyncio.to_thread(kept.request)
        try:
            admitted = await self._ask(claim, kept.admission, request)
        except HeadquartersRefused as refused:
            if refused.refusal in _FINAL:
                said = f"{_FINAL[refused.refusal]}; ask there for a new one"
                raise ClaimRefused(said) from refused
            await self._wait(claim, kept, refused)
        except HeadquartersUnavailable as unavailable:
            await self._wait(claim, kept, unavailable)
        else:
            check_certificate(admitted.certificate, key, claim)
            await asyncio.to_thread(kept.put_credentials, admitted.certificate, claim.authority)
            setup = self._settings(claim, kept)
            await asyncio.to_thread(set_up, self._file, setup, self._usable)

    async def _wait(
        self, claim: StoreClaim, kept: KeptClaim, trouble: HeadquartersUnavailable
    ) -> None:
        if claim.expires_at <= self._clock():
            raise ClaimRefused(
                f"the claim was over before {claim.admissions} answered; ask headquarters for a "
                "new one"
            ) from trouble
        await asyncio.to_thread(kept.note, f"{claim.admissions}: {trouble.message}")
        raise trouble

    def _unclaimed(self) -> Config:
        config = load(self._file)
        if config.headquarters.url is not None:
            raise ClaimRefused(
                f"this machine is {config.store.id} of {config.headquarters.url} already; a claim "
                "is for a machine that belongs to no headquarters"
            )
        return config

    @staticmethod
    def _kept(config: Config) -> KeptClaim:
        return KeptClaim(Path(config.store.state_dir))

    @staticmethod
    def _settings(claim: StoreClaim, kept: KeptClaim) -> Setup:
        return settings_of(claim, str(kept.credentials))
