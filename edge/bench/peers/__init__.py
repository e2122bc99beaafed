"""What people would use instead of Regulars, behind one seam, to be measured on the same frames.

A peer takes a picture and gives its faces with their embeddings; every face of every picture is
compared with every template, and the nearest names it. That is what the peers' own examples do.
"""

from __future__ import annotations

from edge.bench.peers.peer import AS_IT_COMES, BEST_OF, Face, Peer, Setting
from edge.bench.peers.registry import PEERS, opened, pack_of
from edge.bench.peers.templates import Match, Templates, enroll, middle_face

__all__ = [
    "AS_IT_COMES",
    "BEST_OF",
    "PEERS",
    "Face",
    "Match",
    "Peer",
    "Setting",
    "Templates",
    "enroll",
    "middle_face",
    "opened",
    "pack_of",
]
