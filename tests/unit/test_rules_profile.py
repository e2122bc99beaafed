"""What members tell about themselves: spelled one way, or refused for a reason."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.domain import Garment, Size, SizeSystem
from edge.rules.profile import Flaw, Profile, normalise_phone, tidy, tidy_text
from edge.rules.sizes import expected, tidy_size

ANA = Profile(name="Ana")
SIZES = st.builds(
    Size,
    garment=st.sampled_from(Garment),
    system=st.sampled_from(SizeSystem),
    value=st.text(max_size=8) | st.from_regex(r"[0-9]{1,3}([.,]5)?", fullmatch=True),
)
PROFILES = st.builds(
    Profile,
    name=st.text(max_size=100),
    card_number=st.none() | st.text(max_size=70),
    phone=st.none() | st.text(alphabet="+0123456789 -()", max_size=24),
    sizes=st.lists(SIZES, max_size=3).map(tuple),
    preferences=st.lists(st.text(max_size=90), max_size=4).map(tuple),
)


@pytest.mark.parametrize(
    ("written", "spelled"),
    [
        ("+86 138 0013 8000", "+8613800138000"),
        ("0086 138-0013-8000", "+8613800138000"),
        ("(04) 78 12.34.56", "0478123456"),
        ("138 0013 8000", "13800138000"),
        ("123", None),
        ("12+34567", None),
        ("call me", None),
        ("1" * 21, None),
    ],
)
def test_a_phone_number_is_digits_with_a_leading_plus(written: str, spelled: str | None) -> None:
    assert normalise_phone(written) == spelled


@pytest.mark.parametrize(
    ("written", "spelled"),
    [
        ("  Ana   Lima ", "Ana Lima"),
        ("王小明", "王小明"),
        ("Ana\x00", None),
        ("Ana\nLima", None),
        ("Ana\u202eamiL", None),
        ("   ", None),
        ("x" * 81, None),
    ],
)
def test_a_name_is_trimmed_and_holds_no_controls(written: str, spelled: str | None) -> None:
    assert tidy_text(written, 80) == spelled


def test_a_note_keeps_its_lines() -> None:
    assert tidy_text("likes tea\r\n  no scarf ", 100, lines=True) == "likes tea\nno scarf"


@pytest.mark.parametrize(
    ("garment", "system", "value", "spelled"),
    [
        (Garment.SHOE, SizeSystem.EU, "42", "42"),
        (Garment.SHOE, SizeSystem.EU, "42,5", "42.5"),
        (Garment.SHOE, SizeSystem.UK, "7½", "7.5"),
        (Garment.SHOE, SizeSystem.EU, "42.0", "42"),
        (Garment.SHOE, SizeSystem.MM, "260", "260"),
        (Garment.SHOE, SizeSystem.US, "42", None),
        (Garment.SHOE, SizeSystem.EU, "M", None),
        (Garment.SHOE, SizeSystem.EU, "42.3", None),
        (Garment.TOP, SizeSystem.EU, "xl", "XL"),
        (Garment.TOP, SizeSystem.CN, "175/92A", "175/92A"),
        (Garment.TOP, SizeSystem.MM, "XL", None),
        (Garment.BOTTOM, SizeSystem.US, "32/34", "32/34"),
        (Garment.BOTTOM, SizeSystem.US, "99/34", None),
        (Garment.BOTTOM, SizeSystem.EU, "-40", None),
    ],
)
def test_a_size_fits_its_garment_and_system(
    garment: Garment, system: SizeSystem, value: str, spelled: str | None
) -> None:
    tidied = tidy_size(Size(garment=garment, system=system, value=value))
    assert (tidied.value if tidied else None) == spelled


def test_the_refusal_of_a_size_says_what_fits() -> None:
    size = Size(garment=Garment.SHOE, system=SizeSystem.US, value="42")
    assert expected(size) == "shoe sizes in US run from 0 to 20"


@pytest.mark.parametrize(
    ("profile", "field"),
    [
        (replace(ANA, name="\t"), "name"),
        (replace(ANA, card_number="a b c d"), "card_number"),
        (replace(ANA, phone="12"), "phone"),
        (replace(ANA, preferences=("tea\x07",)), "preferences"),
        (
            replace(
                ANA,
                sizes=(Size(garment=Garment.SHOE, system=SizeSystem.EU, value="42"),) * 2,
            ),
            "sizes",
        ),
    ],
)
def test_a_flaw_names_its_field(profile: Profile, field: str) -> None:
    flaw = tidy(profile)
    assert isinstance(flaw, Flaw)
    assert flaw.field == field


def test_an_empty_card_or_phone_is_none() -> None:
    tidied = tidy(replace(ANA, card_number="  ", phone=" "))
    assert tidied == ANA


@given(PROFILES)
def test_tidying_twice_changes_nothing_more(profile: Profile) -> None:
    once = tidy(profile)
    if isinstance(once, Profile):
        assert tidy(once) == once
