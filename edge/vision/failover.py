"""How a model is run here, and the next way where that one fails at work.

A way may pass its trial and fail an hour later: a driver, memory, a shape it has not met. Then the
next of those that answered rightly takes over within the same call, so that nothing is lost of
what the process holds; the log says so once, and the choice that is kept says so from then on.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Protocol

import msgspec
import structlog
from numpy import float32
from numpy.typing import NDArray

from edge.domain import ModelRun
from edge.errors import ModelError
from edge.vision.execution import Answers, Execution, Runner, Unusable
from edge.vision.models import ModelFile
from edge.vision.preparation import seal

log = structlog.get_logger()


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """How one way did: processor milliseconds a picture, agreement with the reference at most 1.

    ``refused`` says why it may not be taken, ``failed`` how it failed after it was taken.
    """

    execution: str
    ms: float | None = None
    agreement: float | None = None
    refused: str | None = None
    failed: str | None = None

    @property
    def passed(self) -> bool:
        """Whether it may be taken."""
        return self.refused is None and self.failed is None


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """The way taken for a model file, and how each did."""

    model: str
    taken: str
    trials: list[Trial]

    @property
    def run(self) -> ModelRun:
        """The same for people who look after the gateway."""
        failed = [f"{t.execution} failed: {t.failed}" for t in self.trials if t.failed]
        return ModelRun(file=self.model, execution=self.taken, trouble="; ".join(failed) or None)

    def without(self, execution: str, reason: str) -> Choice | None:
        """The choice once a way has failed: the fastest of the others that passed, or None."""
        trials = [
            msgspec.structs.replace(trial, failed=reason) if trial.execution == execution else trial
            for trial in self.trials
        ]
        left = [trial for trial in trials if trial.passed]
        if not left:
            return None
        fastest = min(left, key=lambda trial: trial.ms or 0.0)
        return Choice(model=self.model, taken=fastest.execution, trials=trials)


class Chosen(Protocol):
    """A model that knows how it is run."""

    @property
    def choice(self) -> Choice:
        """As of now."""


class Failover:
    """A ``Runner`` on the way that was chosen, and on the next one when that fails.

    ``kept`` is where the choice is kept for the next start. Raises ``Unusable`` where the way taken
    does not load.
    """

    def __init__(
        self,
        file: ModelFile,
        source: Path,
        choice: Choice,
        kept: Path,
        executions: Sequence[Execution],
    ) -> None:
        self.choice = choice
        self._file = file
        self._source = source
        self._kept = kept
        self._ways = {way.name: way for way in executions}
        self._changing = threading.Lock()
        self._runner = self._load(choice.taken)

    def run(self, blob: NDArray[float32]) -> Answers:
        """See ``Runner``. Raises ``ModelError`` when no way is left."""
        while True:
            runner = self._runner
            try:
                return runner.run(blob)
            except Unusable as reason:
                self._leave(runner, str(reason))

    def _leave(self, failed: Runner, reason: str) -> None:
        with self._changing:
            if self._runner is not failed:
                return  # another thread met the same and has changed over
            while True:
                before, after = self.choice, self.choice.without(self.choice.taken, reason)
                if after is None:
                    self._kept.unlink(missing_ok=True)
                    raise ModelError(f"nothing here runs {self._file.name} any more: {reason}")
                self.choice = after
                log.warning(
                    "model execution failed",
                    file=self._file.name, execution=before.taken, reason=reason, now=after.taken,
                )  # fmt: skip
                try:
                    self._runner = self._load(after.taken)
                    break
                except Unusable as also:
                    reason = str(also)
            with suppress(OSError):  # a full disk: the next start finds out once more
                seal(self._kept, msgspec.json.format(msgspec.json.encode(self.choice)))

    def _load(self, execution: str) -> Runner:
        return self._ways[execution].load(self._file, self._source)
