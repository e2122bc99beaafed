"""Consent to face matching: who may give it, the receipt for it, and when it ends.

The receipt carries the fields of ISO/IEC TS 27560:2023 (consent record and receipt).
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import msgspec

from edge.config import PrivacyConfig, StoreConfig
from edge.domain import AgeBand, Consent, Language, Member
from edge.rules.notice import Notice

SCHEMA = "ISO/IEC TS 27560:2023"
TEMPLATES_MAX = 5

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


def refusal(member: Member) -> str | None:
    """Why this member cannot give consent, for the guide to read; None where they can."""
    if member.age_band is AgeBand.UNDER_18:
        return (
            "members under 18 cannot agree to face recognition; "
            "welcome them by card, code or phone number"
        )
    return None


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


def expires_at(consent: Consent, last_visit_at: datetime | None, retention_months: int) -> datetime:
    """When the templates of a consent must be erased.

    That is the shorter of what the receipt promised and what the shop's policy says now,
    counted from the last visit, or from the consent if there was none since. Configuration
    allows 36 months at most, the shortest term set by law known to us (740 ILCS 14/15(a)).
    """
    promised = [p.retention_months for p in read(consent.receipt).purposes]
    start = max(consent.given_at, last_visit_at or consent.given_at)
    return _months_after(start, min([retention_months, *promised]))


def read(receipt: dict[str, object]) -> Receipt:
    """A stored receipt as a typed value."""
    return msgspec.convert(receipt, Receipt)


def _months_after(moment: datetime, months: int) -> datetime:
    """The same day of a later month, or that month's last day."""
    years, month = divmod(moment.month - 1 + months, 12)
    year, month = moment.year + years, month + 1
    day = min(moment.day, calendar.monthrange(year, month)[1])
    return moment.replace(year=year, month=month, day=day)
