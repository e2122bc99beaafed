"""Between the setup page's words and the house's. An address with its password goes in, and never
comes out.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote, urlsplit, urlunsplit

from msgspec import UNSET

from edge.clienteling_api import wire
from edge.clienteling_api.setup_requests import (
    CameraBody,
    CameraSource,
    SettingsRequest,
)
from edge.config import CameraConfig, Config, ControllerConfig, PrivacyConfig, ScannerConfig
from edge.domain import (
    CameraState,
    ScannerState,
    Setup,
    SetupCamera,
    SetupController,
    SetupScanner,
)
from edge.errors import BadRequest, NotFound


def setup_of(body: SettingsRequest) -> Setup:
    """What was decided."""
    plain = (
        "store_id",
        "store_name",
        "time_zone",
        "language",
        "privacy_profile",
        "assessment",
        "sign_confirmed_on",
        "retention_months",
        "notice_url",
    )
    decided = {name: getattr(body, name) for name in plain if getattr(body, name) is not UNSET}
    if body.cameras is not UNSET:
        decided["cameras"] = tuple(map(_camera, body.cameras))
    if body.scanners is not UNSET:
        decided["scanners"] = tuple(
            SetupScanner(id=one.scanner_id, kind=one.kind, source=one.source, place=one.place)
            for one in body.scanners
        )
    if body.controller is not UNSET:
        controller = body.controller
        decided["controller"] = SetupController(
            name=controller.name, address=controller.address, contact=controller.contact
        )
    return Setup(**decided)


def _camera(body: CameraBody) -> SetupCamera:
    return SetupCamera(
        id=body.camera_id,
        source=None if body.address is None else source_of(body),
        place=body.place,
        zone=None if body.zone is None else tuple(body.zone),
        masks=tuple(map(tuple, body.masks)),
        counts=body.counts,
    )


def source_of(body: CameraSource) -> str:
    """An address with its user and password. Raises ``BadRequest`` without an address."""
    if body.address is None:
        raise BadRequest("Give the camera's address", field="address")
    if not body.user or body.address.startswith("/"):
        return body.address
    try:
        parts = urlsplit(body.address)
    except ValueError as error:
        raise BadRequest("This address does not parse", field="address") from error
    who = f"{quote(body.user, safe='')}:{quote(body.password, safe='')}"
    return urlunsplit(parts._replace(netloc=f"{who}@{parts.netloc.rpartition('@')[2]}"))


def looked_at(body: CameraSource, config: Config) -> CameraConfig:
    """The camera to look through. Raises ``NotFound``, ``BadRequest``."""
    if body.address is not None:
        return CameraConfig(id="preview", source=source_of(body))
    for camera in config.cameras:
        if camera.id == body.camera_id:
            return camera
    raise NotFound("there is no such camera; load the page again")


def without_user(source: str) -> str:
    """An address as it may be shown."""
    if "://" not in source:
        return source
    parts = urlsplit(source)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def store_settings(config: Config, *, id_is_settled: bool) -> wire.StoreSettings:
    store = config.store
    return wire.StoreSettings(
        id=store.id,
        id_is_settled=id_is_settled,
        name=store.name,
        time_zone=store.timezone,
        language=store.language,
    )


def privacy_settings(privacy: PrivacyConfig) -> wire.PrivacySettings:
    controller = privacy.controller
    return wire.PrivacySettings(
        profile=privacy.profile,
        assessment=privacy.assessment,
        sign_confirmed_on=privacy.sign_confirmed_on,
        retention_months=privacy.retention_months,
        notice_url=privacy.notice_url,
        controller=None if controller is None else _controller(controller),
        why_off=privacy.why_off(),
    )


def _controller(controller: ControllerConfig) -> wire.ControllerSettings:
    return wire.ControllerSettings(
        name=controller.name, address=controller.address, contact=controller.contact
    )


def camera_settings(
    cameras: Sequence[CameraConfig], states: Sequence[CameraState]
) -> list[wire.CameraSettings]:
    known = {state.camera_id: state for state in states}
    return [
        wire.CameraSettings(
            id=camera.id,
            place=camera.place,
            address=without_user(camera.source),
            zone=camera.zone,
            masks=camera.masks,
            counts=camera.counts,
            state=known.get(camera.id),
        )
        for camera in cameras
    ]


def scanner_settings(
    scanners: Sequence[ScannerConfig], states: Sequence[ScannerState]
) -> list[wire.ScannerSettings]:
    known = {state.scanner_id: state for state in states}
    return [
        wire.ScannerSettings(
            id=scanner.id,
            kind=scanner.kind,
            source=without_user(scanner.source),
            place=scanner.place,
            state=known.get(scanner.id),
        )
        for scanner in scanners
    ]
