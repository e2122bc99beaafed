"""Setting the shop up, for whoever came with the console's code, or a manager."""

from __future__ import annotations

import asyncio

from msgspec import UnsetType

from edge import __version__
from edge.clienteling_api import claims, mapping, qr, setup_mapping, wire
from edge.clienteling_api.parts import Parts
from edge.clienteling_api.setup_requests import (
    SettingsRequest,
    SignQuery,
    StillRequest,
    StreamsRequest,
)
from edge.config import CameraConfig, ControllerConfig, ScannerConfig
from edge.config.devices import check_camera
from edge.domain import Language, ScannerKind, Session
from edge.errors import BadRequest, CameraUnavailable, ConfigError, Conflict
from edge.onvif import Credentials, discover, look
from edge.rules.streams import recommended
from edge.scanner.plugged import plugged


async def get_setup(parts: Parts, guide: Session) -> wire.Settings:
    """What is settled about this shop, and what is still to do. No password is in it."""
    config = await parts.first_run.config()
    line, rests = parts.headquarters.line, parts.headquarters.matching_rests
    return wire.Settings(
        started_at=parts.started_at,
        version=__version__,
        role=guide.role,
        address=parts.address(),
        store=setup_mapping.store_settings(
            config, id_is_settled=await parts.first_run.id_is_settled()
        ),
        privacy=setup_mapping.privacy_settings(config.privacy),
        cameras=setup_mapping.camera_settings(
            config.cameras, parts.vision.cameras if parts.vision else []
        ),
        scanners=setup_mapping.scanner_settings(config.scanners, parts.scanners.states),
        headquarters_url=config.headquarters.url,
        headquarters=mapping.line_view(line, matching_rests=rests) if line else None,
        claim=claims.view(await parts.first_run.claiming.state()),
        managers=await parts.first_run.managers(),
    )


async def change_setup(parts: Parts, guide: Session, body: SettingsRequest) -> wire.Changed:
    """Write settings into the shop's configuration.

    All of them or none: what cannot be used is refused with the key and what to do. The gateway
    then opens anew with them, within seconds; phones connect again by themselves.
    """
    changed = await parts.first_run.change(guide, setup_mapping.setup_of(body))
    return wire.Changed(opens_anew=changed)


async def find_cameras(parts: Parts, guide: Session) -> wire.FoundCameras:
    """Look for cameras on the network and on this machine; takes two seconds."""
    await parts.first_run.config()
    found, devices = await asyncio.gather(discover(), asyncio.to_thread(plugged))
    network = [
        wire.FoundCamera(
            id=camera.id,
            name=camera.name,
            hardware=camera.hardware,
            addresses=list(camera.addresses),
            address=None,
        )
        for camera in found
    ]
    usb = [
        wire.FoundCamera(
            id=device.source, name=device.name, hardware="", addresses=[], address=device.source
        )
        for device in devices
        if device.kind is ScannerKind.CAMERA
    ]
    return wire.FoundCameras(cameras=network + usb)


async def list_streams(parts: Parts, guide: Session, body: StreamsRequest) -> wire.Streams:
    """Ask a network camera what streams it has. Its addresses come without a password."""
    await parts.first_run.config()
    credentials = Credentials(user=body.user, password=body.password) if body.user else None
    device = await look(tuple(body.addresses), credentials)
    best = recommended([(s.codec, s.width_px, s.height_px) for s in device.streams])
    return wire.Streams(
        maker=device.maker,
        model=device.model,
        clock_off_s=round(device.skew.total_seconds(), 1),
        streams=[
            wire.StreamView(
                name=stream.name,
                codec=stream.codec,
                width_px=stream.width_px,
                height_px=stream.height_px,
                fps=stream.fps,
                address=stream.address,
                recommended=at == best,
            )
            for at, stream in enumerate(device.streams)
        ],
    )


async def get_still(parts: Parts, guide: Session, body: StillRequest) -> wire.Still:
    """What a camera sees just now, black where the masks are. Kept nowhere."""
    camera = setup_mapping.looked_at(body, await parts.first_run.config())
    try:
        check_camera(camera, "camera", demo=False)
    except ConfigError as error:
        raise BadRequest(error.message, field="address") from error
    await _free(camera, parts)
    still = await parts.previews.still(camera, body.masks)
    return wire.Still(jpeg=still.jpeg, width_px=still.width_px, height_px=still.height_px)


async def _free(camera: CameraConfig, parts: Parts) -> None:
    """A USB camera shows itself to one program at a time: while somebody looks at it here, vision
    does not. Frames cross no line for that.
    """
    if camera.kind != "usb":
        return
    if any(isinstance(d, ScannerConfig) and d.source == camera.source for d in parts.devices):
        raise CameraUnavailable(
            "codes are read through this camera at the counter; take it out of the scanners to see "
            "its picture here"
        )
    for own in parts.cameras:
        if parts.vision is not None and own.source == camera.source:
            await parts.vision.lend(own.id)


async def find_scanners(parts: Parts, guide: Session) -> wire.FoundScanners:
    """Look for scanners that are plugged in."""
    await parts.first_run.config()
    devices = await asyncio.to_thread(plugged)
    return wire.FoundScanners(
        scanners=[
            wire.FoundScanner(kind=device.kind, source=device.source, name=device.name)
            for device in devices
            if device.kind is not ScannerKind.CAMERA
        ]
    )


async def get_sign(parts: Parts, guide: Session, query: SignQuery) -> wire.Sign:
    """The sign for the door, to print."""
    config = await parts.first_run.config()
    privacy, own = config.privacy, config.store.language
    if privacy.controller is None:
        raise Conflict("Say first who answers for the data: it stands on the sign")
    language = own if isinstance(query.language, UnsetType) else query.language
    notice_url = privacy.notice_url or f"{parts.address()}/notice"
    pdf = await asyncio.to_thread(
        _drawn, config.store.name, language, privacy.controller, notice_url
    )
    return wire.Sign(pdf=pdf, file_name=f"sign-{config.store.id}.pdf")


def _drawn(shop: str, language: Language, who: ControllerConfig, notice_url: str) -> bytes:
    # What draws PDFs takes as long to import as the store; only this page pays for it.
    from edge.sheets import sign

    controller = (who.name, who.address, who.contact)
    return sign.draw(shop=shop, language=language, controller=controller, notice_url=notice_url)


async def invite_manager(parts: Parts, guide: Session) -> wire.PairingCodeView:
    """Invite the first manager's phone, with a code that works once and for five minutes."""
    code, pairing = await parts.first_run.invite_manager(guide)
    url = qr.pairing_url(parts.address(), code)
    return wire.PairingCodeView(
        code=code, url=url, qr_svg=qr.svg(url), expires_at=pairing.expires_at
    )


async def finish_setup(parts: Parts, guide: Session) -> None:
    """End the setup: the technician's phone is let in no more."""
    await parts.first_run.finish(guide)
