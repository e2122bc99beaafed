"""How the gateway itself is doing."""

from __future__ import annotations

from edge import __version__
from edge.clienteling_api import mapping, wire
from edge.clienteling_api.parts import Parts
from edge.domain import (
    CameraStatus,
    LineStatus,
    ModelRun,
    ScannerStatus,
    Session,
    VisionState,
)
from edge.errors import StoreUnavailable
from edge.rules import matching_lease


async def get_health(parts: Parts) -> wire.Health:
    """How the gateway is doing. No address, no name, no number of members."""
    model = parts.vision.model if parts.vision else None
    others = await _members_of_other_models(parts, model)
    cameras = _cameras(parts)
    why_off = parts.privacy.why_off()
    line, rests = parts.headquarters.line, parts.headquarters.matching_rests
    state = parts.vision.state if parts.vision else VisionState.OFF
    well = (
        others is not None
        and not rests
        and (line is None or line.status is not LineStatus.DOWN)
        and state in (VisionState.OFF, VisionState.READY)
        and all(c.state.status in (CameraStatus.LIVE, CameraStatus.FINISHED) for c in cameras)
        and all(state.status is not ScannerStatus.OFFLINE for state in parts.scanners.states)
    )
    return wire.Health(
        status="ok" if well else "degraded",
        version=__version__,
        store_id=parts.shop.id,
        face_matching=why_off is None,
        face_matching_off_because=why_off,
        face_matching_rests_because=matching_lease.WHY if rests and why_off is None else None,
        vision=state,
        model=model,
        models=models_of(parts),
        members_of_another_model=others or 0,
        cameras=cameras,
        scanners=mapping.scanner_views(parts.scanners.states, parts.places),
        headquarters=mapping.line_view(line, matching_rests=rests) if line else None,
        database="unavailable" if others is None else "ok",
        phones_connected=parts.feed.listeners,
        uptime_s=round((parts.clock() - parts.started_at).total_seconds(), 1),
    )


async def list_cameras(parts: Parts, guide: Session) -> wire.CameraList:
    """What each camera is doing."""
    return wire.CameraList(cameras=_cameras(parts))


def models_of(parts: Parts) -> list[ModelRun]:
    """How vision runs each model as of now; none while it loads them, or is off."""
    load = parts.vision.load if parts.vision else None
    return list(load.models) if load else []


def _cameras(parts: Parts) -> list[wire.CameraView]:
    return mapping.camera_views(parts.vision.cameras if parts.vision else [], parts.places)


async def _members_of_other_models(parts: Parts, model: str | None) -> int | None:
    """How many members wait to be enrolled anew; None where the database does not answer."""
    try:
        return await parts.store.read(
            lambda reader: reader.templates.members_of_other_models(model) if model else 0
        )
    except StoreUnavailable:
        return None
