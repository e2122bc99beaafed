"""Which sums may be told, so that nobody can work out one that is small.

A count is small from 1 to ``least`` - 1. Hiding it is not enough: an hour less three of its
quarters is the fourth. So what is hidden is hidden in company (complementary suppression):

- Of a node whose sum is told, the hidden children together leave each of them at least
  ``least`` possible values. What lies below a hidden node is hidden whole.
- A sum that is told may be split into parts (zones, kinds of arrival) where no part is small.
  Among the children of a split node, those that are not split have margins of ``least`` or
  more in both directions, so that every cell between them can take ``least`` values or more:
  the bounds of Fréchet and Bonferroni are tight in two-way tables (Dobra and Fienberg, 2000).

A pattern, once used for a day, is used for its corrections as well, so that the difference of
two revisions is a difference of sums that were told; where it no longer fits, ``coarsest`` tells
the day's sum alone or nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from edge.rules.footfall.day import DAY, BusinessDay

Nodes = frozenset[int]
NONE: Nodes = frozenset()
Sums = Sequence[int]
"""One number for each node of the day."""


def is_small(value: int, least: int) -> bool:
    """Whether a count could point at somebody."""
    return 0 < value < least


# --- one measure ----------------------------------------------------------------------------


def tell_sums(day: BusinessDay, sums: Sums, least: int) -> Nodes:
    """The nodes whose sum may be told."""
    if is_small(sums[DAY], least):
        return NONE
    told = {DAY}
    for node in range(day.first_quarter):
        if node in told:
            told.update(set(day.children[node]) - _hidden(day.children[node], sums, least))
    return frozenset(told)


def sums_fit(day: BusinessDay, sums: Sums, told: Nodes, least: int) -> bool:
    """Whether a pattern that was used hides these sums as well."""
    if any(is_small(sums[node], least) for node in told):
        return False
    for node in told:
        hidden = set(day.children[node]) - told
        if hidden not in (set(), set(day.children[node])) and not _kept_apart(hidden, sums, least):
            return False
    return True


def _hidden(children: Sequence[int], sums: Sums, least: int) -> set[int]:
    """What to hide of the children of a node that is told: the small, and their company."""
    hidden = {child for child in children if is_small(sums[child], least)}
    others = sorted((child for child in children if sums[child] >= least), key=sums.__getitem__)
    while hidden and not (_kept_apart(hidden, sums, least) and _varied(hidden, sums, least)):
        if not others:
            return set(children)  # with the empty ones, each may be any part of the whole
        size = sums[others[0]]  # one of several of a size would say which it was not
        hidden.update(child for child in others if sums[child] == size)
        others = [child for child in others if sums[child] > size]
    return hidden


def _kept_apart(hidden: set[int], sums: Sums, least: int) -> bool:
    """Whether each of these, known to be 1 or more, could be any of ``least`` numbers."""
    return len(hidden) > 1 and sum(sums[child] for child in hidden) - len(hidden) >= least - 1


def _varied(hidden: set[int], sums: Sums, least: int) -> bool:
    """Whether the small ones are not all as large as small can be, which their sum would say."""
    return any(sums[child] != least - 1 for child in hidden)


# --- its parts ---------------------------------------------------------------------------------


def tell_splits(
    day: BusinessDay, told: Nodes, sums: Sums, parts: Sequence[Sums], least: int
) -> Nodes:
    """The nodes at which all parts of a sum may be told. The parts add up to the sum."""
    if DAY not in told or not _all_large(parts, DAY, least):
        return NONE
    split = {DAY}
    for node in range(day.first_quarter):
        if node not in split:
            continue
        may = sorted(
            (c for c in day.children[node] if c in told and _all_large(parts, c, least)),
            key=lambda c: (sums[c] > 0, -sums[c]),
        )
        while not _rest_is_mixed(day.children[node], set(may), told, sums, parts, least):
            may.pop()
        split.update(may)
    return frozenset(split)


def splits_fit(
    day: BusinessDay, told: Nodes, split: Nodes, sums: Sums, parts: Sequence[Sums], least: int
) -> bool:
    """Whether a pattern that was used hides these parts as well."""
    return split <= told and all(
        _all_large(parts, node, least)
        and _rest_is_mixed(day.children[node], set(split), told, sums, parts, least)
        for node in split
    )


def _all_large(parts: Sequence[Sums], node: int, least: int) -> bool:
    return not any(is_small(part[node], least) for part in parts)


def _rest_is_mixed(
    children: Sequence[int],
    split: set[int],
    told: Nodes,
    sums: Sums,
    parts: Sequence[Sums],
    least: int,
) -> bool:
    """Whether the children that are not split make a table whose cells stay open.

    Its rows are those whose sum is told, and the others as one; its columns are the parts.
    """
    rest = [child for child in children if child not in split]
    columns = [sum(part[child] for child in rest) for part in parts]
    if any(is_small(column, least) for column in columns):
        return False
    known = sum(child in told and sums[child] > 0 for child in rest)
    unknown = [child for child in rest if child not in told]
    if not any(columns):
        return True
    if known == 0:
        return len(unknown) > 1
    others = sum(sums[child] for child in unknown) > 0
    return known + others > 1 and sum(column > 0 for column in columns) > 1


# --- a correction that the pattern does not fit ------------------------------------------------


def coarsest(sums: Sums, told: Nodes, least: int) -> Nodes:
    """The day's sum alone if it was told and is not small now, or nothing."""
    return frozenset({DAY}) if DAY in told and not is_small(sums[DAY], least) else NONE
