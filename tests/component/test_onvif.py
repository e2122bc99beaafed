"""Cameras found and asked over ONVIF, against one that is true to the protocol.

What would break: a camera listed twice or not at all, a clock that is wrong taken for a wrong
password, an answer from a stranger that grows without end, a password in an address that is shown.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from component.onvif_camera import BOMB, OnvifCamera, serve
from hypothesis import given
from hypothesis import strategies as st

from edge.errors import BadRequest, CameraUnavailable
from edge.onvif import Credentials, discover, look
from edge.onvif.discovery import matches

MAIN = ("main", "MainStream", "H264", 1920, 1080, 25, "rtsp://127.0.0.1:8554/door")
SUB = ("sub", "SubStream", "H264", 640, 360, 15, "rtsp://10.9.9.9:8554/sub?channel=1&amp;x=2")
WAIT_S = 0.8
PATIENCE_S = 60.0


def camera(**options: Any) -> OnvifCamera:
    return OnvifCamera(streams=[SUB, MAIN], **options)


def right(one: OnvifCamera) -> Credentials:
    return Credentials(user=one.user, password=one.password)


def called(one: OnvifCamera) -> str:
    return f"urn:uuid:{one.id}"


async def search(one: OnvifCamera) -> list[Any]:
    """The first search that this camera answers in time: a busy machine may sleep over one."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            seen = await discover(WAIT_S)
            if any(each.id == called(one) for each in seen):
                return seen


async def found(one: OnvifCamera) -> list[Any]:
    """What discovery says of this camera; others on this network are not the test's."""
    return [each for each in await search(one) if each.id == called(one)]


async def test_a_camera_is_found_once_however_often_it_answers() -> None:
    async with serve(camera(times_answered=2)) as one, serve(camera(name="Back")) as two:
        (seen,) = await found(one)
        assert (seen.name, seen.hardware) == ("Front door", "DM-2")
        assert seen.addresses == (one.address,)
        assert [each.name for each in await found(two)] == ["Back"]


async def test_of_several_networks_the_one_that_answered_stands_first() -> None:
    others = ("http://10.9.9.9/onvif/device_service", "http://[fe80::1]/onvif/device_service")
    async with serve(camera(others=others)) as one:
        (seen,) = await found(one)
        assert seen.addresses == (one.address, others[0])


async def test_what_is_no_answer_is_passed_over() -> None:
    async with serve(camera(garbage=BOMB)) as broken, serve(camera()) as one:
        assert called(broken) not in {each.id for each in await search(one)}


@given(st.binary(max_size=400))
def test_no_datagram_breaks_the_search(data: bytes) -> None:
    assert matches(data, "192.0.2.1") == []


@pytest.mark.parametrize("http_digest", [False, True], ids=["WS-UsernameToken", "HTTP Digest"])
async def test_streams_come_with_the_largest_first_and_reachable(http_digest: bool) -> None:
    async with serve(camera(http_digest=http_digest, named_host="10.9.9.9")) as one:
        device = await look((one.address,), right(one))
    assert (device.maker, device.model) == ("Example", "DM-2")
    main, sub = device.streams
    assert (main.name, main.codec, main.width_px, main.height_px, main.fps) == (
        "MainStream",
        "H264",
        1920,
        1080,
        25.0,
    )
    assert sub.address == "rtsp://127.0.0.1:8554/sub?channel=1&x=2"
    secret = "viewer:p%40ss%3Aword%20%26%20%3Cmore%3E"
    assert main.source == f"rtsp://{secret}@127.0.0.1:8554/door"
    assert "p%40ss" not in main.address


@pytest.mark.parametrize("hours", [-9, 0, 30 * 24 * 365], ids=["behind", "right", "far ahead"])
async def test_a_camera_with_a_wrong_clock_is_asked_in_its_own_time(hours: int) -> None:
    skew = timedelta(hours=min(hours, 60_000))
    async with serve(camera(skew=skew)) as one:
        device = await look((one.address,), right(one))
    assert abs(device.skew - skew) < timedelta(seconds=30)


@pytest.mark.parametrize("http_digest", [False, True], ids=["WS-UsernameToken", "HTTP Digest"])
async def test_a_wrong_password_is_said_and_none_is_asked_for(http_digest: bool) -> None:
    async with serve(camera(http_digest=http_digest)) as one:
        with pytest.raises(BadRequest, match="refuses this user name or password") as wrong:
            await look((one.address,), Credentials(user="viewer", password="other"))
        assert wrong.value.field == "password"
        with pytest.raises(BadRequest, match="asks for a user name and password"):
            await look((one.address,), None)


@pytest.mark.parametrize(
    "garbage",
    ["", "<html><body>camera</body>", "<a/>", BOMB, "x" * (3 << 20)],
    ids=["nothing", "a page", "other XML", "a bomb", "without end"],
)
async def test_what_is_no_camera_is_said(garbage: str) -> None:
    async with serve(camera(garbage=garbage)) as one:
        with pytest.raises(CameraUnavailable):
            await look((one.address,), right(one))


async def test_the_next_address_is_tried_and_silence_is_said() -> None:
    async with serve(camera()) as one:
        device = await look(("http://127.0.0.1:9/onvif/device_service", one.address), right(one))
        assert len(device.streams) == 2
    with pytest.raises(CameraUnavailable, match="does not answer"):
        await look((one.address,), right(one))


def test_a_password_is_in_no_representation() -> None:
    assert "secret" not in repr(Credentials(user="u", password="secret"))
