"""What is decided about a shop, as tables and keys of its configuration."""

from __future__ import annotations

from edge.config.writing import Settings, Tables, Value
from edge.domain import Corners, Setup, SetupCamera, SetupController, SetupScanner


def tables_of(setup: Setup) -> Tables:
    """Only what was decided; a table in which nothing was is not named."""
    plain: dict[str, dict[str, Value | None]] = {
        "store": {
            "id": setup.store_id,
            "name": setup.store_name,
            "timezone": setup.time_zone,
            "language": setup.language and setup.language.value,
        },
        "privacy": {
            "profile": setup.privacy_profile,
            "assessment": setup.assessment,
            "sign_confirmed_on": setup.sign_confirmed_on,
            "retention_months": setup.retention_months,
            "notice_url": setup.notice_url,
            "controller": None if setup.controller is None else _controller(setup.controller),
        },
        "headquarters": {
            "url": setup.headquarters_url,
            "credentials": setup.headquarters_credentials,
        },
    }
    tables: dict[str, Settings | list[Settings]] = {}
    for name, settings in plain.items():
        decided = {key: value for key, value in settings.items() if value is not None}
        if decided:
            tables[name] = decided
    if setup.cameras is not None:
        tables["cameras"] = [_camera(camera) for camera in setup.cameras]
    if setup.scanners is not None:
        tables["scanners"] = [_scanner(scanner) for scanner in setup.scanners]
    return tables


def _controller(controller: SetupController) -> dict[str, Value]:
    return {
        "name": controller.name,
        "address": controller.address,
        "contact": controller.contact,
    }


def _camera(camera: SetupCamera) -> Settings:
    settings: dict[str, Value | None] = {"id": camera.id, "place": camera.place or None}
    if camera.source is not None:
        settings["source"] = camera.source
    settings["zone"] = None if camera.zone is None else _points(camera.zone)
    settings["masks"] = [_points(mask) for mask in camera.masks] or None
    settings["counts"] = camera.counts
    return settings


def _scanner(scanner: SetupScanner) -> Settings:
    settings: dict[str, Value | None] = {
        "id": scanner.id,
        "place": scanner.place or None,
        "kind": scanner.kind.value,
    }
    return settings if scanner.source is None else settings | {"source": scanner.source}


def _points(corners: Corners) -> list[list[float]]:
    return [[x, y] for x, y in corners]
