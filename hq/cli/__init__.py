"""The command line of headquarters.

console     what every command needs: the database, in one transaction
stores      make the authority, admit and revoke stores
fleet       claims for stores that nobody sets up at a screen
members     end face matching of a member, merge duplicates, erase
assortment  catalogue, campaigns, keys, leases and configuration for the stores
releases    releases on their way to the stores
export      take everything along
people      invite people to the pages, and dismiss them
serving     serve stores and people
demo        an invented past
"""

from __future__ import annotations

from hq.cli import (
    assortment,
    demo,
    export,
    fleet,
    members,
    people,
    releases,
    serving,
    stores,
)
from hq.cli.console import app

__all__ = [
    "app",
    "assortment",
    "demo",
    "export",
    "fleet",
    "members",
    "people",
    "releases",
    "serving",
    "stores",
]
