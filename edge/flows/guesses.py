"""Who enters wrong codes, phone by phone and scanner by scanner. Memory only."""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from datetime import datetime

from edge.rules.guessing import WRONG_TRIES, barred_until

DEVICES = 1024
"""Devices remembered at once; beyond, the one whose last wrong code is oldest is forgotten."""


class Guesses:
    """The latest wrong codes of each device. Asked from the event loop and the store's threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._wrong_at: OrderedDict[str, deque[datetime]] = OrderedDict()

    def wrong(self, device: str, now: datetime) -> None:
        """A device entered a code that is none."""
        with self._lock:
            self._wrong_at.setdefault(device, deque(maxlen=WRONG_TRIES)).append(now)
            self._wrong_at.move_to_end(device)
            if len(self._wrong_at) > DEVICES:
                self._wrong_at.popitem(last=False)

    def barred_until(self, device: str, now: datetime) -> datetime | None:
        """Until when this device's codes are not taken; None where they are."""
        with self._lock:
            return barred_until(self._wrong_at.get(device, ()), now)
