"""Consent: a receipt that lacks a field, or a retention that runs over, breaks a promise."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.config import ControllerConfig, PrivacyConfig, StoreConfig
from edge.domain import AgeBand, Consent, Language, Member
from edge.rules.consent import expires_at, refusal
from edge.rules.notice import Notice, write_notice
from edge.rules.receipt import canonical, copy_text, read, receipt

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
SHOP = StoreConfig(id="lyon-1", name="Maison Lyon")
PRIVACY = PrivacyConfig(
    profile="eu",
    assessment="DPIA 2026/7",
    sign_confirmed_on=date(2026, 11, 1),
    retention_months=12,
    controller=ControllerConfig(
        name="Maison SARL", address="1 rue Neuve, Lyon", contact="privacy@maison.example"
    ),
)
MEMBER = Member(id="m1", name="Ana", joined_at=NOON, updated_at=NOON)


def a_notice(language: Language = Language.ENGLISH, privacy: PrivacyConfig = PRIVACY) -> Notice:
    return write_notice(language, privacy, SHOP)


def a_consent(
    language: Language = Language.ENGLISH,
    privacy: PrivacyConfig = PRIVACY,
    given_at: datetime = NOON,
) -> Consent:
    notice = a_notice(language, privacy)
    record = receipt(
        consent_id="0" * 32,
        member_id="m1",
        notice=notice,
        privacy=privacy,
        shop=SHOP,
        recorded_by="Ana",
        given_at=given_at,
    )
    return Consent(
        id="0" * 32,
        member_id="m1",
        notice_version=notice.version,
        language=language,
        given_at=given_at,
        receipt=msgspec.to_builtins(record),
        signature="s" * 86,
    )


@pytest.mark.parametrize("language", Language)
def test_the_notice_names_controller_shop_term_and_contact(language: Language) -> None:
    text = "\n".join(a_notice(language).paragraphs)
    for part in ("Maison SARL", "1 rue Neuve", "privacy@maison.example", "Maison Lyon", "12"):
        assert part in text
    assert "{" not in text
    assert len(a_notice(language).version) <= 20


def test_both_languages_say_the_same_number_of_things() -> None:
    english, chinese = a_notice(), a_notice(Language.CHINESE)
    assert len(english.paragraphs) == len(chinese.paragraphs)


def test_another_term_makes_another_version_of_the_notice() -> None:
    longer = msgspec.structs.replace(PRIVACY, retention_months=13)
    assert a_notice().version != a_notice(privacy=longer).version


def test_a_controllers_braces_do_not_break_the_notice() -> None:
    controller = ControllerConfig(name="{shop} & {0}", address="x", contact="y")
    odd = msgspec.structs.replace(PRIVACY, controller=controller)
    assert any("{shop} & {0}" in paragraph for paragraph in a_notice(privacy=odd).paragraphs)


def test_a_minor_cannot_consent_and_everyone_else_can() -> None:
    refused = {band for band in AgeBand if refusal(replace(MEMBER, age_band=band))}
    assert refused == {AgeBand.UNDER_18}
    assert refusal(MEMBER) is None


def test_the_receipt_has_the_fields_of_the_standard() -> None:
    record = read(a_consent().receipt)
    (purpose,) = record.purposes
    assert record.pii_controllers[0].party_name == "Maison SARL"
    assert (record.privacy_notice.version, record.privacy_notice.language) == (
        a_notice().version,
        Language.ENGLISH,
    )
    assert record.record_id == "0" * 32
    assert record.pii_principal_id == "m1"
    assert record.event.event_time == NOON.isoformat()
    assert record.impact_assessment == "DPIA 2026/7"
    assert "till" in record.withdrawal_method
    assert purpose.purpose
    assert purpose.retention_months == 12
    assert purpose.recipient_third_parties == []
    assert any(data.sensitive_pii_category for data in purpose.pii_information)
    assert "lyon-1" in purpose.processing_location


def test_the_signed_bytes_do_not_depend_on_the_order_of_keys() -> None:
    record = a_consent().receipt
    turned = dict(reversed(json.loads(json.dumps(record)).items()))
    assert canonical(turned) == canonical(record)


@pytest.mark.parametrize("language", Language)
@given(name=st.text(min_size=1, max_size=300), contact=st.text(min_size=1, max_size=300))
def test_the_members_copy_always_fits_a_qr_code(
    language: Language, name: str, contact: str
) -> None:
    controller = ControllerConfig(name=name, address="x", contact=contact)
    consent = a_consent(language, msgspec.structs.replace(PRIVACY, controller=controller))
    assert len(copy_text(consent).encode()) <= 1000


@pytest.mark.parametrize("language", Language)
def test_the_members_copy_says_how_to_withdraw_and_what_was_signed(language: Language) -> None:
    text = copy_text(a_consent(language))
    for part in ("0" * 32, "s" * 86, "privacy@maison.example", "Maison Lyon", "2026-11-23 12:00"):
        assert part in text


def test_retention_counts_from_the_last_visit() -> None:
    consent = a_consent(given_at=datetime(2026, 1, 31, 9, tzinfo=UTC))
    assert expires_at(consent, NOON, 12) == datetime(2027, 11, 23, 12, tzinfo=UTC)


def test_a_member_who_never_came_is_kept_from_the_consent_on() -> None:
    consent = a_consent(given_at=datetime(2026, 1, 31, 9, tzinfo=UTC))
    assert expires_at(consent, None, 1) == datetime(2026, 2, 28, 9, tzinfo=UTC)


@given(
    st.integers(1, 36),
    st.integers(1, 36),
    st.none() | st.timedeltas(timedelta(days=-2000), timedelta(days=2000)).map(lambda d: NOON + d),
)
def test_the_shorter_of_promise_and_policy_holds(
    promised: int, policy: int, last_visit_at: datetime | None
) -> None:
    consent = a_consent(privacy=msgspec.structs.replace(PRIVACY, retention_months=promised))
    end = expires_at(consent, last_visit_at, policy)
    assert end == min(
        expires_at(consent, last_visit_at, promised), expires_at(consent, last_visit_at, policy)
    )
    assert end > consent.given_at
