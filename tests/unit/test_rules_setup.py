"""Small decisions of setting up: which stream, what the sign says, who may do what for how long."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reportlab.lib.pagesizes import A4

from edge.domain import Language, PairingCode, Role, Session
from edge.rules import pairing
from edge.rules.sign import SIGN, languages
from edge.rules.streams import HEIGHT_PX, READ, WIDTH_PX, recommended
from edge.sheets import sign

NOW = datetime(2026, 11, 28, tzinfo=UTC)
streams = st.lists(
    st.tuples(st.sampled_from([*READ, "MPEG4"]), st.integers(0, 4000), st.integers(0, 4000))
)


@pytest.mark.parametrize(
    ("offered", "best"),
    [
        ([("H264", 1920, 1080), ("H264", 1280, 720), ("H264", 640, 360)], 1),
        ([("H265", 3840, 2160), ("H264", 1920, 1080)], 1),
        ([("MPEG4", 1280, 720), ("JPEG", 640, 480)], 1),
        ([("MPEG4", 1280, 720)], None),
        ([], None),
    ],
)
def test_the_stream_that_is_recommended(offered: list[tuple[str, int, int]], best: int) -> None:
    assert recommended(offered) == best


@given(streams)
def test_a_larger_stream_is_recommended_only_where_none_fits(
    offered: list[tuple[str, int, int]],
) -> None:
    best = recommended(offered)
    readable = [one for one in offered if one[0] in READ]
    assert (best is None) == (not readable)
    if best is None:
        return
    pixels = [width * height for _, width, height in readable]
    chosen = offered[best][1] * offered[best][2]
    fitting = [size for size in pixels if size <= WIDTH_PX * HEIGHT_PX]
    assert chosen == (max(fitting) if fitting else min(pixels))


def test_a_technician_is_let_in_for_hours_and_a_guide_for_weeks() -> None:
    def session(role: Role) -> Session:
        return Session(
            id="s",
            guide_name="A",
            role=role,
            device="phone",
            token_hash="",
            paired_at=NOW,
            last_used_at=NOW + timedelta(hours=5),
        )

    later = NOW + timedelta(hours=5)
    assert pairing.alive(session(Role.GUIDE), later)
    assert not pairing.alive(session(Role.TECHNICIAN), later)
    assert pairing.alive(session(Role.TECHNICIAN), NOW + pairing.SETUP_LIFE - timedelta(seconds=1))


def test_the_consoles_code_lives_half_an_hour_and_others_five_minutes() -> None:
    lives = {role: pairing.code_life(role) for role in Role}
    assert lives == {
        Role.GUIDE: timedelta(minutes=5),
        Role.MANAGER: timedelta(minutes=5),
        Role.TECHNICIAN: timedelta(minutes=30),
    }
    code = PairingCode(
        code_hash="h",
        guide_name="T",
        role=Role.TECHNICIAN,
        created_at=NOW,
        expires_at=NOW + lives[Role.TECHNICIAN],
    )
    assert pairing.expired(code, NOW + timedelta(minutes=30))


def test_the_sign_says_the_same_in_both_languages_and_speaks_of_a_face_no_more_than_it_must() -> (
    None
):
    assert set(SIGN) == set(Language)
    assert len({len(text.points) for text in SIGN.values()}) == 1
    for language in Language:
        assert languages(language)[0].language is language
        assert len(languages(language)) == len(Language)


names = st.text(
    st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=80
)


@given(shop=names, name=names, contact=names)
def test_whatever_the_names_the_sign_is_one_page_of_a4(shop: str, name: str, contact: str) -> None:
    pdf = sign.draw(
        shop=shop,
        language=Language.CHINESE,
        controller=(name, "<b>1 High Street & Co", contact),
        notice_url="https://shop.example/notice",
    )
    assert io.BytesIO(pdf).read(5) == b"%PDF-"
    (box,) = re.findall(rb"/MediaBox \[ 0 0 ([\d.]+) ([\d.]+) \]", pdf)
    assert tuple(map(float, box)) == pytest.approx(A4, abs=0.1)
