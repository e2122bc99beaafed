"""Headquarters hears which release runs here, and how the last one that was tried ended."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from edge import contract
from edge.domain import new_id
from edge.domain.updates import Phase, Progress
from edge.store import Store, Transaction


async def tell_release(
    store: Store,
    progress: Progress,
    running: str,
    clock: Callable[[], datetime],
    *,
    store_id: str,
) -> None:
    """Put it into the outbox where it is other than what was told last.

    While an update is under way nothing is told: what runs then may be taken back.
    """
    if progress.phase is not Phase.IDLE:
        return
    last = progress.last
    told = contract.ReleaseTold(
        release=running,
        tried=last.version if last else None,
        outcome=last.outcome if last else None,
        message_id=new_id(),
        store_id=store_id,
        at=clock(),
    )
    said = f"{told.release} {told.tried} {told.outcome} {last.ended_at if last else ''}"

    def story(tx: Transaction) -> None:
        if tx.exchange.told_release() != said:
            tx.outbox.put(told)
            tx.exchange.keep_told_release(said)

    await store.write(story)
