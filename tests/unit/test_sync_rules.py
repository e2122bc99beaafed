"""The rule for a profile edited in two places, and how messages are put into batches."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from unit.contract_values import messages

from edge.contract import BATCH_MESSAGES, Batch, Merged, Profile, merge
from edge.store.outbox import Outgoing
from edge.sync.batching import LONGEST_PAUSE_S, encoded, fitting, pause_s

START = datetime(2026, 3, 1, tzinfo=UTC)
EDITS = st.lists(
    st.tuples(messages(Profile), st.integers(0, 5).map(lambda s: START + timedelta(seconds=s))),
    min_size=1,
    max_size=6,
)


def all_of(edits: list[tuple[Profile, datetime, str]]) -> tuple[Merged, int]:
    merged = Merged(profile=Profile(), stamps=(), lost=())
    lost = 0
    for edit, at, by in edits:
        merged = merge(merged.profile, merged.stamps, edit, at=at, by=by)
        lost += len(merged.lost)
    return merged, lost


@given(edits=EDITS, seed=st.integers())
def test_edits_give_the_same_profile_in_whatever_order_they_arrive(
    edits: list[tuple[Profile, datetime]], seed: int
) -> None:
    named = [(edit, at, f"store-{number}") for number, (edit, at) in enumerate(edits)]
    mixed = random.Random(seed).sample(named, len(named))
    one, other = all_of(named)[0], all_of(mixed)[0]
    assert (one.profile, one.stamps) == (other.profile, other.stamps)


@given(edits=EDITS)
def test_an_edit_that_comes_again_changes_nothing(edits: list[tuple[Profile, datetime]]) -> None:
    named = [(edit, at, f"store-{number}") for number, (edit, at) in enumerate(edits)]
    once, _ = all_of(named)
    edit, at, by = named[-1]
    again = merge(once.profile, once.stamps, edit, at=at, by=by)
    assert (again.profile, again.stamps) == (once.profile, once.stamps)


def test_the_later_edit_wins_field_by_field_and_the_loser_is_kept() -> None:
    early = (Profile(name="Ana", phone="1"), START, "b")
    late = (Profile(name="Anna"), START + timedelta(seconds=1), "a")
    for edits in ([early, late], [late, early]):
        merged, lost = all_of(edits)
        assert merged.profile == Profile(name="Anna", phone="1")
        assert lost == 1
        ((field, value, by),) = [(x.field, x.value, x.by) for x in merged.lost]
        assert (field, value, by) == ("name", "Ana", "b")


def test_of_two_edits_by_one_store_at_one_moment_the_one_that_came_last_counts() -> None:
    """So it is with all that a store tells at once whose clock is ahead: each counts as of now."""
    merged, lost = all_of([(Profile(name="Ana"), START, "a"), (Profile(name="Anna"), START, "a")])
    assert merged.profile == Profile(name="Anna")
    assert lost == 1


@given(sizes=st.lists(st.integers(2, 400), min_size=1, max_size=60), most=st.integers(1, 4000))
def test_batches_hold_every_message_once_in_order_and_none_is_too_large(
    sizes: list[int], most: int
) -> None:
    waiting = [Outgoing(id=n, body='"' + "x" * (size - 2) + '"') for n, size in enumerate(sizes)]
    sent: list[int] = []
    while waiting:
        batch = fitting(waiting, most)
        packed = encoded("s", batch)
        assert len(batch) == 1 or len(packed) <= most + 64
        read = msgspec.json.decode(packed, type=Batch)
        sent += [numbered.sequence for numbered in read.messages]
        waiting = waiting[len(batch) :]
    assert sent == list(range(len(sizes)))


def test_a_batch_never_has_more_messages_than_headquarters_takes() -> None:
    waiting = [Outgoing(id=n, body="{}") for n in range(BATCH_MESSAGES + 1)]
    assert len(fitting(waiting)) == BATCH_MESSAGES


@given(failures=st.integers(1, 10_000))
def test_a_pause_after_trouble_has_an_end(failures: int) -> None:
    assert 0 <= pause_s(failures) <= LONGEST_PAUSE_S
