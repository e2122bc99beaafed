"""What a person at headquarters does about members."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

from edge.contract import HEADQUARTERS, MemberWithdrawn
from hq import feed
from hq.cli.console import Dsn, app, run


@app.command()
def withdraw(dsn: Dsn, member_id: str) -> None:
    """End face matching of a member in every store."""
    told = MemberWithdrawn(
        message_id=uuid4().hex,
        store_id=HEADQUARTERS,
        at=datetime.now(UTC),
        member_id=member_id,
    )
    run(dsn, lambda connection: feed.append(connection, "withdrawals", [(member_id, told)]))
