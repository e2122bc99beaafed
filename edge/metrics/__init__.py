"""What the gateway measures of itself: counts, times and lengths. No member, no face, no track.

``Metrics`` holds what must be seen as it happens, ``Watch`` reads everything else when asked,
and remembers the last minutes for the manager's page.
"""

from edge.metrics.registry import Metrics
from edge.metrics.watch import Watch

__all__ = ["Metrics", "Watch"]
