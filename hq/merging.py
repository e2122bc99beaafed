"""Two members who are one person: a person decides, every store follows, and it can be undone.

Each keeps what was said of it; the survivor is shown as what all say together. So edits and
merges come to the same in whatever order they arrive, and an unmerge loses nothing. Consent is
never widened: who withdrew as either has withdrawn as both, and where either wishes not to be
disturbed, both do.
"""

from __future__ import annotations

from datetime import UTC, datetime

from edge.contract import Down, MemberChanged, MemberMerged, MemberWithdrawn, Profile
from hq import facts, feed, identity, members
from hq.envelope import envelope
from hq.problems import Mistake
from hq.schema import Connection

_WITHDRAWN = """
SELECT EXISTS (
    SELECT 1 FROM (
        SELECT DISTINCT ON (told_of_or_member) ended_by FROM (
            SELECT coalesce(told_of, member_id) AS told_of_or_member, ended_by,
                coalesce(given_at, withdrawn_at) AS at
            FROM consents WHERE member_id = ANY($1::text[])) AS each
        ORDER BY told_of_or_member, at DESC) AS latest
    WHERE ended_by = 'member')
OR EXISTS (
    SELECT 1 FROM feed WHERE feed = 'withdrawals' AND subject = ANY($1::text[])
    AND NOT EXISTS (
        SELECT 1 FROM consents WHERE member_id = feed.subject AND withdrawn_at IS NULL
        AND given_at > (feed.body::json->>'at')::timestamptz))"""


async def merge(connection: Connection, survivor: str, loser: str) -> None:
    """Let two members be one from now on. The same again changes nothing. Raises ``Mistake``."""
    await identity.alone(connection)
    root = await identity.roots(connection, [survivor, loser])
    survivor, wanted = root[survivor], loser
    if root[wanted] == survivor:
        return
    await _demand_members(connection, survivor, root[wanted])
    loser = root[wanted]
    withdrawn = await connection.fetchval(_WITHDRAWN, [survivor, loser])
    await connection.execute(
        "INSERT INTO merges (loser, survivor) VALUES ($1, $2)", loser, survivor
    )
    await facts.move(connection, loser, survivor)
    await _keep_undisturbed(connection, survivor, loser)
    if withdrawn:
        ended = [MemberWithdrawn(member_id=each, **envelope()) for each in (survivor, loser)]
        await feed.append(connection, "withdrawals", [(each.member_id, each) for each in ended])
    await _tell(connection, [survivor])


async def unmerge(connection: Connection, loser: str) -> None:
    """Let a member be one of their own again, with what was told of them. Raises ``Mistake``."""
    await identity.alone(connection)
    former = (await identity.roots(connection, [loser]))[loser]
    gone = await connection.execute("DELETE FROM merges WHERE loser = $1", loser)
    if gone == "DELETE 0":
        raise Mistake(f"{loser} is not merged into anybody")
    own = await identity.below(connection, [loser])
    for table in facts.OF_MEMBERS:
        await connection.execute(
            f"UPDATE {table} SET member_id = $1, told_of = nullif(told_of, $1) "
            "WHERE member_id = $2 AND told_of = ANY($3::text[])",
            *(loser, former, own),
        )
    await _tell(connection, [former, loser])


async def _demand_members(connection: Connection, *ids: str) -> None:
    rows = await connection.fetch("SELECT id FROM members WHERE id = ANY($1::text[])", [*ids])
    if strange := set(ids) - {row["id"] for row in rows}:
        raise Mistake(f"no member has the id {', '.join(sorted(strange))}")


async def _keep_undisturbed(connection: Connection, survivor: str, loser: str) -> None:
    own = await members.held(connection, [survivor, loser])
    if any(member.profile.do_not_disturb is True for member in own.values()):
        wish = MemberChanged(
            member_id=survivor,
            profile=Profile(do_not_disturb=True),
            joined_at=own[survivor].joined_at,
            **envelope(),
        )
        await members.take(connection, [wish])


async def _tell(connection: Connection, heads: list[str]) -> None:
    """The members as they are now, and who was merged into them: those first where they have to
    give back a phone number or card before another can have it.
    """
    now = datetime.now(UTC)
    changes: list[tuple[str, Down]] = []
    known = await members.known(connection, heads, now)
    for head in heads:
        for each in await identity.below(connection, [head]):
            if each != head:
                merged = MemberMerged(member_id=each, survivor_id=head, **envelope(now))
                changes.append((f"member:{each}", merged))
        changes.append((f"member:{head}", known[head]))
    await feed.append(connection, "changes", changes)
