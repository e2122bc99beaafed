"""What phones send about codes that they or the shop's scanners read."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from edge.clienteling_api.requests import Id, Request
from edge.clienteling_api.voucher_requests import BasketRequest
from edge.domain import Language, Symbology

ScanText = Annotated[str, Meta(min_length=1, max_length=8192)]
AimId = Annotated[str, Meta(pattern=r"^(\][A-Za-z][0-9A-Za-z])?\Z")]


class ScanContext(Request, frozen=True, kw_only=True):
    """Whose visit the guide serves, what is bought, and the guide's language."""

    visit_id: Id | msgspec.UnsetType = msgspec.UNSET
    basket: BasketRequest | msgspec.UnsetType = msgspec.UNSET
    language: Language | msgspec.UnsetType = msgspec.UNSET


class ScanRequest(ScanContext, frozen=True, kw_only=True):
    """A code as it was read or typed. ``aim_id`` is its AIM identifier, e.g. ``]d2``."""

    text: ScanText
    symbology: Symbology = Symbology.UNKNOWN
    aim_id: AimId = ""


class PictureQuery(Request, frozen=True, kw_only=True):
    """Whose visit the guide serves, and the guide's language."""

    visit_id: Id | msgspec.UnsetType = msgspec.UNSET
    language: Language | msgspec.UnsetType = msgspec.UNSET
