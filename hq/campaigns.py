"""Campaigns of the chain: read from a file, told to every store, shared out as leases."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from edge.contract import CampaignKnown, Terms
from hq import feed, leases
from hq.envelope import envelope
from hq.problems import Mistake
from hq.schema import Connection


def read(file: Path) -> tuple[str, Terms]:
    """The id and terms of a campaign file, the same that a store takes. Raises ``Mistake``."""
    try:
        plain = msgspec.to_builtins(tomllib.loads(file.read_text(encoding="utf-8")))
        campaign_id = str(plain.pop("id", ""))
        terms = msgspec.convert(plain, Terms)
    except OSError as error:
        raise Mistake(f"{file} cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError) as error:
        raise Mistake(f"{file}: {error}") from error
    begins, ends = terms.valid_from, terms.valid_until
    if begins is not None and ends is not None and begins >= ends:
        raise Mistake(f"{file}: valid_until is not after valid_from; change one of them")
    return campaign_id, terms


async def tell(connection: Connection, campaign_id: str, terms: Terms) -> None:
    """Tell every store of a campaign, and share its total out. Raises ``Mistake``."""
    row = await connection.fetchrow(
        "INSERT INTO campaigns (id, terms, created_at) VALUES ($1, $2, $3) "
        "ON CONFLICT (id) DO UPDATE SET terms = excluded.terms RETURNING *",
        *(campaign_id, msgspec.json.encode(terms).decode(), datetime.now(UTC)),
    )
    assert row is not None
    known = CampaignKnown(
        campaign_id=campaign_id,
        terms=terms,
        created_at=row["created_at"],
        ended_at=row["ended_at"],
        **envelope(),
    )
    await _append(connection, known)
    admitted = [row["id"] for row in await connection.fetch("SELECT id FROM stores")]
    stores = list(terms.stores) or admitted
    await leases.grant(connection, leases.shares(campaign_id, terms, stores))


async def end(connection: Connection, campaign_id: str) -> None:
    """End a campaign everywhere, and its leases with it. Raises ``Mistake``."""
    row = await connection.fetchrow(
        "UPDATE campaigns SET ended_at = coalesce(ended_at, now()) WHERE id = $1 RETURNING *",
        campaign_id,
    )
    if row is None:
        raise Mistake(f"there is no campaign {campaign_id}")
    known = CampaignKnown(
        campaign_id=campaign_id,
        terms=msgspec.json.decode(row["terms"], type=Terms),
        created_at=row["created_at"],
        ended_at=row["ended_at"],
        **envelope(),
    )
    await _append(connection, known)


async def _append(connection: Connection, known: CampaignKnown) -> None:
    try:
        msgspec.convert(msgspec.to_builtins(known), CampaignKnown)
    except msgspec.ValidationError as error:
        raise Mistake(f"this is no campaign: {error}") from error
    await feed.append(connection, "changes", [(f"campaign:{known.campaign_id}", known)])
