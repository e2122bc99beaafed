"""The receipt of a consent, with the fields of ISO/IEC TS 27560:2023, and the member's copy."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

import msgspec

from edge.config import PrivacyConfig, StoreConfig
from edge.domain import Consent, Language
from edge.rules.notice import Notice

SCHEMA = "ISO/IEC TS 27560:2023"

_LAWFUL_BASIS = {
    "demo": "demonstration on recorded files",
    "eu": "explicit consent, GDPR Art. 6(1)(a) and 9(2)(a)",
    "uk": "explicit consent, UK GDPR Art. 6(1)(a) and 9(2)(a)",
    "cn": "separate consent, PIPL Art. 13(1) and 29",
    "us": "written release, e.g. 740 ILCS 14/15(b)",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Controller:
    """Who answers for the data."""

    party_name: str
    party_address: str
    party_contact: str
    party_role: Literal["controller"] = "controller"


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivacyNotice:
    """The notice that was read. ``digest`` is the SHA-256 of its text, in hexadecimal."""

    version: str
    language: Language
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonalData:
    """A category of data."""

    pii_type: str
    sensitive_pii_category: bool
    pii_optional: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Purpose:
    """What the data is for, and all that bounds its use."""

    purpose: str
    lawful_basis: str
    pii_information: list[PersonalData]
    collection_method: str
    processing_method: str
    retention_months: int
    retention_from: Literal["last_visit_or_consent"]
    storage_location: str
    processing_location: str
    recipient_third_parties: list[str]
    automated_decision_making: Literal["none: a guide confirms every match"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """The act of consent."""

    event_type: Literal["explicit"]
    event_state: Literal["given"]
    event_time: str
    recorded_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """The consent record, a copy of which the member takes along."""

    schema_version: str
    record_id: str
    pii_principal_id: str
    pii_controllers: list[Controller]
    privacy_notice: PrivacyNotice
    jurisdiction: str
    impact_assessment: str
    purposes: list[Purpose]
    withdrawal_method: str
    privacy_rights: list[str]
    event: Event


def receipt(
    *,
    consent_id: str,
    member_id: str,
    notice: Notice,
    privacy: PrivacyConfig,
    shop: StoreConfig,
    recorded_by: str,
    given_at: datetime,
) -> Receipt:
    """The record of a consent given at ``given_at``. ``privacy.controller`` must be set."""
    assert privacy.controller is not None, "face matching is off without a controller"
    controller = privacy.controller
    return Receipt(
        schema_version=SCHEMA,
        record_id=consent_id,
        pii_principal_id=member_id,
        pii_controllers=[
            Controller(
                party_name=controller.name,
                party_address=controller.address,
                party_contact=controller.contact,
            )
        ],
        privacy_notice=PrivacyNotice(
            version=notice.version, language=notice.language, digest=notice.digest
        ),
        jurisdiction=privacy.profile,
        impact_assessment=privacy.assessment,
        purposes=[_purpose(privacy, shop)],
        withdrawal_method=f"at any till of the shop, or through {controller.contact}",
        privacy_rights=["access", "correction", "erasure", "withdrawal", "complaint"],
        event=Event(
            event_type="explicit",
            event_state="given",
            event_time=given_at.isoformat(),
            recorded_by=recorded_by,
        ),
    )


def _purpose(privacy: PrivacyConfig, shop: StoreConfig) -> Purpose:
    return Purpose(
        purpose="Recognise the member at the door so that a shopping guide can greet them",
        lawful_basis=_LAWFUL_BASIS[privacy.profile],
        pii_information=[
            PersonalData(pii_type="face template (rotated embedding)", sensitive_pii_category=True),
            PersonalData(pii_type="time and place of visits", sensitive_pii_category=False),
        ],
        collection_method="1 to 5 photos, judged at once and not kept",
        processing_method="comparison with faces at the door, on the shop's gateway only",
        retention_months=privacy.retention_months,
        retention_from="last_visit_or_consent",
        storage_location=f"encrypted on the gateway of {shop.name} ({shop.id})",
        processing_location=f"{shop.name} ({shop.id})",
        recipient_third_parties=[],
        automated_decision_making="none: a guide confirms every match",
    )


def canonical(receipt: dict[str, object]) -> bytes:
    """The bytes that are signed: JSON in UTF-8, keys sorted, no blanks (as RFC 8785 has it)."""
    return msgspec.json.encode(receipt, order="sorted")


def read(receipt: dict[str, object]) -> Receipt:
    """A stored receipt as a typed value."""
    return msgspec.convert(receipt, Receipt)


_COPY = {
    Language.ENGLISH: """\
Consent to be recognised by face
{shop}
{controller}, {contact}
Given: {given_at}
What: face template, encrypted, kept in the shop only, passed on to no one
What for: to be greeted at the door
How long: {months} months after the last visit
Withdraw: at any till, or through {contact}
Receipt {receipt_id}
Notice {version}
Signature {signature}""",
    Language.CHINESE: """\
人脸识别同意书
{shop}
{controller}，{contact}
同意时间：{given_at}
内容：人脸模板，加密，仅存于本店，不提供给任何人
目的：到店时认出并问候
期限：最后一次到店后 {months} 个月
撤回：任一收银台，或 {contact}
凭证 {receipt_id}
告知书 {version}
签名 {signature}""",
}
_PART_BYTES = 90


def copy_text(consent: Consent) -> str:
    """The member's copy in the language of the notice: at most 1,000 bytes of UTF-8.

    Fits a QR code; names that are too long for it are cut.
    """
    record = read(consent.receipt)
    controller, purpose = record.pii_controllers[0], record.purposes[0]
    return _COPY[consent.language].format(
        shop=_cut(purpose.processing_location),
        controller=_cut(controller.party_name),
        contact=_cut(controller.party_contact),
        given_at=f"{consent.given_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC",
        months=purpose.retention_months,
        receipt_id=consent.id,
        version=consent.notice_version,
        signature=consent.signature,
    )


def _cut(text: str) -> str:
    """As many whole characters as fit."""
    raw = text.encode()
    if len(raw) <= _PART_BYTES:
        return text
    return raw[: _PART_BYTES - 3].decode(errors="ignore") + "…"
