"""Pulling aggregated visits from the stores.

source      the seam: a page of a store's rows, whatever carries it
https, through_nats
            what carries it
rows        what a page becomes in the tables
rounds      whose turn it is, shared by all instances
pulling     all of it, as an instance runs it
"""

from hq.footfall.rounds import Rounds
from hq.footfall.rows import put_address
from hq.footfall.source import Source, Store, StoreFailed

__all__ = ["Rounds", "Source", "Store", "StoreFailed", "put_address"]
