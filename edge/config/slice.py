"""What every slice of the configuration is made of."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

Point = Annotated[
    tuple[Annotated[float, Meta(ge=0, le=1)], Annotated[float, Meta(ge=0, le=1)]],
    Meta(description="points `[x, y]`, as fractions of the picture's width and height"),
]
Polygon = Annotated[list[Point], Meta(min_length=3)]
Identifier = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]


class Slice(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of the configuration; unknown keys are refused."""
