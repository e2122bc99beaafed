"""The answer to a code, whatever it turned out to be."""

from __future__ import annotations

import msgspec

from edge.clienteling_api.wire.catalogue import ProductView
from edge.clienteling_api.wire.visits import VisitView
from edge.clienteling_api.wire.vouchers import Verdict
from edge.domain import CodeFault, Refusal


class _Answer(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind"):
    """``kind`` says which of these it is."""


class MemberScanned(_Answer, frozen=True, kw_only=True, tag="member"):
    """A member's code. Their visit is open now; ``opened`` says that this scan opened it."""

    visit: VisitView
    opened: bool


class VoucherScanned(_Answer, frozen=True, kw_only=True, tag="voucher"):
    """A voucher, judged and not yet redeemed. ``code`` is what redeems it."""

    code: str
    verdict: Verdict


class ProductScanned(_Answer, frozen=True, kw_only=True, tag="product"):
    """A product, with the size of the member who is served."""

    product: ProductView


class NoProductScanned(_Answer, frozen=True, kw_only=True, tag="no_product"):
    """A product's number that the catalogue lacks; null for a label that holds none."""

    number: str | None


class BadCodeScanned(_Answer, frozen=True, kw_only=True, tag="bad_code"):
    """A code that claims to be of a known form and is not; ``ai`` is the field at fault."""

    fault: CodeFault
    ai: str | None


class UnknownScanned(_Answer, frozen=True, kw_only=True, tag="unknown"):
    """Any other code, with its text."""

    text: str


class ScanRefused(_Answer, frozen=True, kw_only=True, tag="refused"):
    """The code was not looked at; ``message`` says why in the guide's words."""

    message: str
    refusal: Refusal


class NothingScanned(_Answer, frozen=True, kw_only=True, tag="nothing"):
    """No code is to be seen in the picture."""


ScanAnswer = (
    MemberScanned
    | VoucherScanned
    | ProductScanned
    | NoProductScanned
    | BadCodeScanned
    | UnknownScanned
    | ScanRefused
    | NothingScanned
)
