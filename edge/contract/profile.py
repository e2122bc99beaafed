"""A member's profile on the wire, and the rule for one that was edited in two places.

Each field is judged by itself: the later edit wins, of two at the same moment the one whose
editor sorts last, and of two by the same editor at the same moment the one that came last (one
editor's edits come in their order). So the order in which the edits of several arrive changes
nothing. What lost is handed back, so that the receiver can keep it in the history.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from edge.contract.fields import Identifier, Moment, Text
from edge.domain import AgeBand, Garment, Language, SizeSystem

Field = Literal[
    "name",
    "card_number",
    "phone",
    "language",
    "age_band",
    "sizes",
    "preferences",
    "do_not_disturb",
]


class Size(msgspec.Struct, frozen=True, kw_only=True):
    """One size of a member, e.g. shoe 42 EU."""

    garment: Garment
    system: SizeSystem
    value: Annotated[str, Meta(max_length=16)]


class Profile(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The fields that an edit sets; one that is left out was not touched."""

    name: Text | UnsetType = UNSET
    card_number: Text | UnsetType | None = UNSET
    phone: Text | UnsetType | None = UNSET
    language: Language | UnsetType = UNSET
    age_band: AgeBand | UnsetType | None = UNSET
    sizes: Annotated[tuple[Size, ...], Meta(max_length=12)] | UnsetType = UNSET
    preferences: Annotated[tuple[Text, ...], Meta(max_length=24)] | UnsetType = UNSET
    do_not_disturb: bool | UnsetType = UNSET

    def fields(self) -> dict[Field, object]:
        """What is set, by name."""
        held = {name: getattr(self, name) for name in Profile.__struct_fields__}
        return {name: value for name, value in held.items() if value is not UNSET}  # type: ignore[misc]


class Stamp(msgspec.Struct, frozen=True, kw_only=True):
    """When a field was last set, and by whom: a store's id or ``headquarters``."""

    field: Field
    at: Moment
    by: Identifier


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """A value that gave way to a later one, or came too late to count."""

    field: Field
    value: object
    at: datetime
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """The profile after an edit, each field with its stamp, and what lost."""

    profile: Profile
    stamps: tuple[Stamp, ...]
    lost: tuple[Lost, ...]


def merge(
    profile: Profile, stamps: tuple[Stamp, ...], edit: Profile, *, at: datetime, by: str
) -> Merged:
    """Let an edit count, field by field."""
    values, held = profile.fields(), {stamp.field: stamp for stamp in stamps}
    lost: list[Lost] = []
    for field, value in edit.fields().items():
        before = held.get(field)
        if before is not None and (before.at, before.by) > (at, by):
            if values[field] != value:
                lost.append(Lost(field=field, value=value, at=at, by=by))
            continue
        if before is not None and values[field] != value:
            lost.append(Lost(field=field, value=values[field], at=before.at, by=before.by))
        values[field], held[field] = value, Stamp(field=field, at=at, by=by)
    return Merged(
        profile=msgspec.structs.replace(profile, **values),
        stamps=tuple(held[field] for field in sorted(held)),
        lost=tuple(lost),
    )


def together(
    parts: Sequence[tuple[Profile, tuple[Stamp, ...]]],
) -> tuple[Profile, tuple[Stamp, ...]]:
    """What several profiles of one person say together, in whatever order they are named.

    Of each field the value that was set last, as in ``merge``; but one that is empty, as it is
    in a profile that was just begun, gives way to any that is not.
    """
    best: dict[Field, tuple[tuple[bool, datetime, str], object, Stamp]] = {}
    for profile, stamps in parts:
        values = profile.fields()
        for stamp in stamps:
            value = values[stamp.field]
            rank = (value not in (None, "", ()), stamp.at, stamp.by)
            if stamp.field not in best or rank > best[stamp.field][0]:
                best[stamp.field] = (rank, value, stamp)
    chosen = {field: best[field] for field in sorted(best)}
    profile = Profile(**{field: value for field, (_, value, _) in chosen.items()})  # type: ignore[arg-type]
    return profile, tuple(stamp for _, _, stamp in chosen.values())
