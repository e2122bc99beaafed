"""The screens, and their addresses."""

from __future__ import annotations

from aiohttp import web

from hq.pages.screens import (
    consent,
    overview,
    quarantine,
    regulars,
    releases,
    repurchase,
    sending,
    signing,
    store,
)

ROUTES = [
    web.get("/", overview.show),
    web.get("/stores/{store_id}", store.show),
    web.get("/repurchase", repurchase.show),
    web.get("/regulars", regulars.show),
    web.get("/regulars/{member_id}", regulars.show_line),
    web.get("/consent", consent.show),
    web.get("/quarantine", quarantine.show),
    web.get("/quarantine/{store_id}/{sequence}", quarantine.show_one),
    web.post("/quarantine/{store_id}/{sequence}", quarantine.decide),
    web.get("/releases", releases.show),
    web.post("/releases", releases.decide),
    web.get("/releases/send", sending.ask),
    web.post("/releases/send", sending.send),
    web.get("/sign-in", signing.ask),
    web.post("/sign-in", signing.enter),
    web.post("/sign-out", signing.leave),
    web.get("/language/{language}", signing.choose_language),
]
