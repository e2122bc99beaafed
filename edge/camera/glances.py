"""When a door at which nothing happens is looked at: now and then, and not just before a key frame.

What comes before a key frame is decoded for its own sake only, for the key frame needs nothing of
it. So a stream that nobody looks at in that last moment need not be decoded there at all.
"""

from __future__ import annotations

import math

EVERY_S = 0.115
"""A quiet door is looked at this often: every second picture of 15 a second, every third of 25."""
NAP_S = 0.3
"""So long before a key frame is due nobody looks.

With key frames two seconds apart it saves an eighth of the decoding, and somebody who comes just
then is seen up to 0.4 s later.
"""


class Glances:
    """Decides for one stream, picture by picture as they come."""

    def __init__(self) -> None:
        self._looked_s = -math.inf
        self._key_s = -math.inf
        self._key_every_s = 0.0

    def due(self, at_s: float, *, key: bool) -> bool:
        """Whether to look at the picture of this time; ``key`` if it needs none before it.

        A time that is not a number, or that goes back, is no reason to wait.
        """
        if key:
            self._key_every_s, self._key_s = at_s - self._key_s, at_s
        if 0 <= at_s - self._looked_s < EVERY_S or self._naps(at_s):
            return False
        self._looked_s = at_s
        return True

    def _naps(self, at_s: float) -> bool:
        """Whether a key frame is about to come, where they are far enough apart to tell."""
        until_key_s = self._key_s + self._key_every_s - at_s
        return self._key_every_s > 2 * NAP_S and 0 < until_key_s < NAP_S
