"""The API as a phone meets it, over real HTTP on loopback and a real store."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import ClientSession
from component.api_door import Door, open_door

from edge.config import PrivacyConfig
from edge.domain import ModelRun, PhotoFault, Probe, Role
from edge.vision.link import Judged
from edge.vision.tally import Tally

ANNA = {
    "name": "Anna Berg",
    "card_number": "R-1001",
    "phone": "+49 171 5550123",
    "sizes": [{"garment": "shoe", "system": "EU", "value": "38"}],
    "preferences": ["linen"],
}


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[Door]:
    async with open_door(tmp_path) as opened:
        yield opened


@pytest.fixture
async def manager(door: Door) -> AsyncIterator[ClientSession]:
    async with door.phone() as phone:
        yield phone


async def enrolled(manager: ClientSession) -> tuple[str, str]:
    """A member with a consent: their ids."""
    async with manager.post("members", json=ANNA) as created:
        member_id = (await created.json())["member"]["id"]
    async with manager.get("notices/en") as notice:
        version = (await notice.json())["version"]
    consent = {"language": "en", "notice_version": version, "agreed": True}
    async with manager.post(f"members/{member_id}/consents", json=consent) as given:
        assert given.status == 201
        return member_id, (await given.json())["id"]


async def problem_of(response: object) -> dict[str, object]:
    assert response.content_type == "application/problem+json"  # type: ignore[attr-defined]
    return await response.json()  # type: ignore[attr-defined, no-any-return]


async def test_a_phone_pairs_with_a_code_and_is_known_by_its_cookie(door: Door) -> None:
    async with door.phone() as manager:
        wish = {"guide_name": "Li", "role": "guide"}
        async with manager.post("pairing-codes", json=wish) as invited:
            assert invited.status == 201
            invitation = await invited.json()
    assert invitation["url"] == f"{door.lan_url}/pair#{invitation['code']}"
    assert invitation["qr_svg"].startswith("<svg")

    async with ClientSession(f"{door.api}/") as phone:
        wish = {"code": invitation["code"], "device": "Li's phone"}
        async with phone.post("pair", json=wish) as paired:
            assert paired.status == 201
            cookie = paired.headers["Set-Cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=Strict" in cookie
        assert "Path=/" in cookie
        assert "Secure" not in cookie, "plain HTTP on loopback would never send it back"
        token = cookie.split("=", 1)[1].split(";")[0]
        async with phone.get("me", headers={"Cookie": f"regulars_session={token}"}) as me:
            assert (await me.json())["guide_name"] == "Li"
        async with phone.post("pair", json=wish) as again:
            assert (await problem_of(again))["code"] == "gone"


async def test_the_cookie_is_secure_on_https(door: Door) -> None:
    invitation = await door.parts.pairing.invite(None, "Li", Role.GUIDE)
    trust = ssl.create_default_context(cadata=ssl.DER_cert_to_PEM_cert(door.parts.ca_certificate))
    async with ClientSession() as phone:
        wish = {"code": invitation.code, "device": "phone"}
        url = f"{door.lan_url}/api/v1/pair"
        async with phone.post(url, json=wish, ssl=trust) as paired:
            assert paired.status == 201
            assert "Secure" in paired.headers["Set-Cookie"]


async def test_a_member_is_created_found_opened_and_the_view_is_on_record(
    manager: ClientSession,
) -> None:
    async with manager.post("members", json=ANNA) as created:
        assert created.status == 201
        member_id = (await created.json())["member"]["id"]
    async with manager.get("members", params={"q": "berg"}) as found:
        (row,) = (await found.json())["members"]
    assert row["phone_ending"] == "0123"
    assert "phone" not in row
    async with manager.get(f"members/{member_id}", params={"reason": "search"}) as opened:
        assert (await opened.json())["member"]["name"] == "Anna Berg"
    async with manager.get(f"members/{member_id}/audit") as audit:
        entries = (await audit.json())["entries"]
    assert any(entry["actor"] == "Mei" and "search" in entry["reason"] for entry in entries)


async def test_an_arrival_by_card_opens_one_visit_however_often_it_is_typed(
    manager: ClientSession,
) -> None:
    async with manager.post("members", json=ANNA):
        pass
    async with manager.post("visits", json={"code": "R-1001"}) as first:
        assert first.status == 201
        visit = await first.json()
    async with manager.post("visits", json={"phone": "+491715550123"}) as second:
        assert second.status == 200
        assert (await second.json())["id"] == visit["id"]
    async with manager.get("visits") as listed:
        assert [v["id"] for v in (await listed.json())["visits"]] == [visit["id"]]
    async with manager.post(f"visits/{visit['id']}/close") as closed:
        assert closed.status == 204
    async with manager.get("visits") as listed:
        assert (await listed.json())["visits"] == []


async def test_what_a_patch_leaves_out_stays(manager: ClientSession) -> None:
    async with manager.post("members", json=ANNA) as created:
        member_id = (await created.json())["member"]["id"]
    async with manager.patch(f"members/{member_id}", json={"phone": None}) as patched:
        member = (await patched.json())["member"]
    assert member["phone"] is None
    assert member["card_number"] == "R-1001"
    async with manager.post(f"members/{member_id}/notes", json={"text": "likes\ntea"}) as noted:
        assert noted.status == 201
        assert [n["text"] for n in (await noted.json())["notes"]] == ["likes\ntea"]


async def test_a_photo_is_refused_with_advice_then_taken_then_withdrawn(
    door: Door, manager: ClientSession
) -> None:
    member_id, consent_id = await enrolled(manager)
    jpeg = {"Content-Type": "image/jpeg"}
    photos = f"consents/{consent_id}/photos"
    door.vision.verdict = Judged(request_id=0, fault=PhotoFault.BLURRED)
    async with manager.post(photos, data=b"\xff\xd8", headers=jpeg) as judged:
        refused = await judged.json()
    assert refused["accepted"] is False
    assert refused["fault"] == "blurred"
    assert "hold still" in refused["message"]

    vector = b"\x00\x00\x80\x3f" + b"\x00" * 508
    probe = Probe(model="sface", vector=vector, quality=0.9)
    door.vision.verdict = Judged(request_id=0, probe=probe)
    async with manager.post(photos, data=b"\xff\xd8", headers=jpeg) as judged:
        assert (await judged.json())["templates"] == 1
    async with manager.post(f"consents/{consent_id}/withdraw") as ended:
        withdrawn = await ended.json()
    assert withdrawn["templates_erased"] == 1
    assert withdrawn["proof"]["signature"]
    async with manager.get(f"members/{member_id}/consents") as listed:
        (consent,) = (await listed.json())["consents"]
    assert consent["withdrawn_at"] is not None
    assert consent["copy_qr_svg"].startswith("<svg")


async def test_health_says_what_each_model_runs_on_and_what_failed(tmp_path: Path) -> None:
    failed = "openvino f32 failed: no memory"
    run = ModelRun(file="sface.onnx", execution="onnxruntime f32", trouble=failed)
    async with open_door(tmp_path) as door:
        door.vision.load = Tally().load(frames_waiting=0, requests_waiting=0, models=(run,))
        async with ClientSession() as anyone, anyone.get(f"{door.api}/health") as health:
            body = await health.json()
        async with door.phone() as phone, phone.get("load") as load:
            shown = await load.json()
    expected = {
        "file": "sface.onnx",
        "execution": "onnxruntime f32",
        "trouble": failed,
    }
    assert body["models"] == shown["models"] == [expected]


async def test_face_matching_that_is_off_says_why(tmp_path: Path) -> None:
    async with open_door(tmp_path, privacy=PrivacyConfig(), with_vision=False) as door:
        async with door.phone() as phone, phone.get("notices/en") as notice:
            assert notice.status == 409
            assert (await problem_of(notice))["code"] == "face_matching_off"
        async with ClientSession() as anyone, anyone.get(f"{door.api}/health") as health:
            body = await health.json()
    assert body["face_matching"] is False
    assert "privacy.profile" in body["face_matching_off_because"]
    assert body["vision"] == "off"
