"""The command line of headquarters.

console     what every command needs: the database, in one transaction
stores      make the authority, admit and revoke stores
members     end face matching of a member
assortment  catalogue, campaigns, keys, leases and configuration for the stores
serving     serve stores
"""

from __future__ import annotations

from hq.cli import assortment, members, serving, stores
from hq.cli.console import app

__all__ = ["app", "assortment", "members", "serving", "stores"]
