"""The command line of headquarters.

console     what every command needs: the database, in one transaction
stores      make the authority, admit and revoke stores
members     end face matching of a member
serving     serve stores
"""

from __future__ import annotations

from hq.cli import members, serving, stores
from hq.cli.console import app

__all__ = ["app", "members", "serving", "stores"]
