"""The keys of a store's configuration that headquarters may set, and their bounds: a closed list.

Privacy can only become stricter from afar: where a key has ``stricter``, the store keeps its own
value if that is the stricter one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from edge.contract.terms import Setting


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What a key takes, both ends in; ``whole`` takes no fraction."""

    least: float
    most: float
    whole: bool = True
    stricter: Literal["lower", "higher"] | None = None

    def settle(self, own: float, told: float) -> float:
        """The value that holds in a store that has ``own`` in its file."""
        if self.stricter is None:
            return told
        return min(own, told) if self.stricter == "lower" else max(own, told)


SETTINGS: dict[str, Bounds] = {
    "visit.absence_s": Bounds(least=60, most=14_400),
    "vouchers.offline_cap": Bounds(least=0, most=10_000),
    "vouchers.hold_s": Bounds(least=60, most=3_600),
    "recognition.target_fpir": Bounds(least=1e-5, most=0.01, whole=False, stricter="lower"),
    "privacy.retention_months": Bounds(least=1, most=36, stricter="lower"),
    "footfall.min_cell": Bounds(least=3, most=1_000, stricter="higher"),
}


def value_of(setting: Setting) -> float:
    """The number that a setting says. Raises ``ValueError`` that says what to do."""
    bounds = SETTINGS.get(setting.key)
    if bounds is None:
        raise ValueError(f"{setting.key} is not set from afar; one of {', '.join(SETTINGS)}")
    kind = int if bounds.whole else float
    try:
        value = kind(setting.value)
    except ValueError as error:
        raise ValueError(f"{setting.key}: {setting.value!r} is no number") from error
    if not bounds.least <= value <= bounds.most:
        raise ValueError(f"{setting.key} is from {bounds.least:g} to {bounds.most:g}")
    return value
