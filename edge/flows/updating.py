"""From one release to the next, and back by itself.

Every step is written down before it begins, and what it does can be done twice. Until the new
release was found healthy everything leads back to the one before: a failed check, a kill, a power
cut, a full disk. The story is ``take``; ``recover`` ends whatever did not come to its own end.
"""

from __future__ import annotations

import msgspec

from edge.domain.updates import Attempt, Outcome, Phase, Progress
from edge.errors import UpdateFailed
from edge.flows import staging
from edge.flows.staging import INSTALLER, Machine
from edge.rules.updates import Recovery, counted, recovery
from edge.update.manifest import Manifest
from edge.update.releases import CURRENT, GOOD
from edge.update.trust import Shelf, Trusted


class Updating:
    """Takes releases on one machine. Whoever makes it holds the machine's lock."""

    def __init__(self, machine: Machine) -> None:
        self._at = machine
        self._releases, self._journal = machine.releases, machine.journal

    def take(self, manifest: Manifest, trusted: Trusted, shelf: Shelf) -> Attempt:
        """Bring the machine to this release, or leave it on the one before; how it ended."""
        before = self._releases.name(CURRENT)
        progress = self._write(
            msgspec.structs.replace(
                self._journal.read(),
                phase=Phase.STAGING,
                before=before,
                after="",
                version=manifest.version,
                held=False,
            )
        )
        try:
            after = staging.build(self._at, manifest, trusted, shelf)
            progress = self._write(msgspec.structs.replace(progress, after=after))
            rehearsed = staging.rehearse(self._at, after)
            staging.wait_for_quiet(self._at, before)
        except (UpdateFailed, OSError) as error:
            self._drop(progress)
            return self._end(progress, Outcome.NOT_STAGED, _words(error))
        well_before = self._at.services.health(self._at.port)
        try:
            if rehearsed.breaks:
                progress = self._hold(progress)
            progress, trouble = self._switch(progress)
            trouble = trouble or staging.look(self._at, manifest.version, well_before)
        except (UpdateFailed, OSError) as error:
            trouble = _words(error)
        if trouble is None:
            return self._commit(progress, previous="" if rehearsed.breaks else before)
        return self._go_back(progress, trouble, live=True)

    def recover(self, *, live: bool) -> Attempt | None:
        """End an update that did not come to its own end. ``live`` where the gateway may run now;
        at boot it starts afterwards.
        """
        progress = self._journal.read()
        match recovery(progress.phase):
            case Recovery.NOTHING:
                return None
            case Recovery.DROP:
                self._drop(progress)
                if live and progress.phase is Phase.HOLDING:
                    self._at.services.start()
                self._write(msgspec.structs.replace(progress, phase=Phase.IDLE))
                return None
            case Recovery.GO_BACK:
                return self._go_back(progress, "it was cut off before it was healthy", live=live)
            case Recovery.GO_ON:
                return self._commit(progress, previous=progress.previous)

    def withdraw(self) -> Attempt:
        """Go back to the release before, at a technician's word. Raises ``UpdateFailed``."""
        progress, present = self._journal.read(), self._releases.name(CURRENT)
        if not self._releases.complete(progress.previous):
            raise UpdateFailed(
                "there is no release to go back to, or it could not read the data as they are "
                "now; put back a backup instead"
            )
        self._write(
            msgspec.structs.replace(
                progress, phase=Phase.ROLLING_BACK, before=progress.previous, after=present
            )
        )
        return self._go_back(self._journal.read(), "", live=True, outcome=Outcome.WITHDRAWN)

    def _hold(self, progress: Progress) -> Progress:
        """Copy the data while nobody writes: without it there would be no way back."""
        progress = self._write(msgspec.structs.replace(progress, phase=Phase.HOLDING))
        self._at.say("copying the data")
        self._at.services.stop()
        self._as_user_of(progress.before, "hold")
        return self._write(msgspec.structs.replace(progress, held=True))

    def _switch(self, progress: Progress) -> tuple[Progress, str | None]:
        self._releases.ready_to_go_back(progress.before)
        progress = self._write(msgspec.structs.replace(progress, phase=Phase.SWITCHING))
        self._at.say("switching")
        self._releases.point(CURRENT, progress.after)
        self._put_files(progress.after)
        self._at.say("restarting")
        return progress, self._at.services.restart()

    def _commit(self, progress: Progress, previous: str) -> Attempt:
        """From here on the new release is the good one."""
        progress = self._write(
            msgspec.structs.replace(progress, phase=Phase.COMMITTING, previous=previous)
        )
        self._at.say("tidying")
        self._releases.point(GOOD, progress.after)
        if progress.held:
            self._as_user_of(progress.after, "let-go")
        self._releases.keep_only(progress.after, progress.before)
        return self._end(progress, Outcome.UPDATED, "")

    def _go_back(
        self,
        progress: Progress,
        because: str,
        *,
        live: bool,
        outcome: Outcome = Outcome.ROLLED_BACK,
    ) -> Attempt:
        """Let the release before run again, with data that it can read."""
        if progress.phase is not Phase.ROLLING_BACK:
            progress = self._write_if_possible(
                msgspec.structs.replace(progress, phase=Phase.ROLLING_BACK)
            )
        self._at.say("going back")
        if live and progress.held:
            self._at.services.stop()
        self._releases.go_back(progress.before)
        if self._releases.name(GOOD) != progress.before:
            self._releases.point(GOOD, progress.before)
        if progress.held:
            because = f"{because}; {self._as_user_of(progress.before, 'put-back')}"
        stuck = self._try_to_put_files(progress.before)
        if live:
            stuck = self._at.services.restart() or stuck
        because = because if stuck is None else f"{because}; {stuck}"
        self._as_user_of(progress.before, "let-go")
        self._releases.keep_only(progress.before, progress.previous)
        return self._end(progress, outcome, because)

    def _put_files(self, release: str) -> None:
        """Units, rules and the command line are those of the release that runs."""
        self._at.services.install(self._releases.place(release) / INSTALLER, "--files")

    def _try_to_put_files(self, release: str) -> str | None:
        """Why not, where that fails: the gateway has to run all the same."""
        try:
            self._put_files(release)
        except UpdateFailed as error:
            return error.message
        return None

    def _as_user_of(self, release: str, word: str) -> str:
        return self._at.services.as_user(self._releases.program(release), "update", word).strip()

    def _drop(self, progress: Progress) -> None:
        """What was begun beside the release that runs goes."""
        self._releases.drop_staging()
        if progress.held or progress.phase is Phase.HOLDING:
            self._as_user_of(progress.before, "let-go")
        self._releases.keep_only(progress.before, progress.previous)

    def _end(self, progress: Progress, outcome: Outcome, because: str) -> Attempt:
        attempt = Attempt(
            version=progress.version, outcome=outcome, ended_at=self._at.clock(), because=because
        )
        previous = progress.previous if progress.previous != self._releases.name(CURRENT) else ""
        self._write(
            msgspec.structs.replace(
                progress,
                phase=Phase.IDLE,
                held=False,
                previous=previous,
                last=attempt,
                failures=counted(progress.failures, attempt),
            )
        )
        return attempt

    def _write(self, progress: Progress) -> Progress:
        self._journal.write(progress)
        return progress

    def _write_if_possible(self, progress: Progress) -> Progress:
        """Going back must not depend on room on the disk: the word before leads back as well."""
        try:
            return self._write(progress)
        except UpdateFailed:
            return progress


def _words(error: UpdateFailed | OSError) -> str:
    if isinstance(error, UpdateFailed):
        return error.message
    return f"{error.filename or 'the disk'}: {error.strerror}; make room on the disk"
