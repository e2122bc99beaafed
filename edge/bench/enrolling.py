"""Brings the benchmark's members in as a guide does: profile, notice, consent, photos."""

from __future__ import annotations

from collections.abc import Callable

from edge.bench.cast import ENROLLED_PHOTOS, Person
from edge.demo.gateway import Phone


async def enroll(
    phone: Phone, people: list[Person], progress: Callable[[str, int, int], None]
) -> dict[str, str]:
    """The ids of those who came in, by name. Who has no usable photo stays out."""
    what = f"Enrolling {len(people)} members"
    notice = await phone.get("/notices/en")
    member_ids = {}
    for index, person in enumerate(people):
        progress(what, index, len(people))
        card = await phone.post("/members", {"name": person.name})
        member_id = str(card["member"]["id"])
        agreed = {"language": "en", "notice_version": notice["version"], "agreed": True}
        consent = await phone.post(f"/members/{member_id}/consents", agreed)
        if await _photos(phone, str(consent["id"]), person):
            member_ids[person.name] = member_id
    progress(what, len(people), len(people))
    return member_ids


async def _photos(phone: Phone, consent_id: str, person: Person) -> int:
    """Send photos until enough are taken; returns how many were."""
    taken = 0
    for photo in person.photos:
        judged = await phone.post_photo(f"/consents/{consent_id}/photos", photo)
        taken += bool(judged["accepted"])
        if taken == ENROLLED_PHOTOS:
            break
    return taken
