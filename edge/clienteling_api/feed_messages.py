"""What phones are told of the gateway's events."""

from __future__ import annotations

from collections.abc import Mapping

from edge import domain
from edge.clienteling_api import mapping, wire
from edge.feed import Numbered


def feed_message(numbered: Numbered, places: Mapping[str, str]) -> wire.FeedMessage:
    """What phones are told of an event."""
    at = numbered.sequence
    match numbered.event:
        case domain.VisitOpened(details=details):
            return wire.VisitOpened(sequence=at, visit=mapping.visit_view(details))
        case domain.VisitChanged(details=details):
            return wire.VisitChanged(sequence=at, visit=mapping.visit_view(details))
        case domain.VisitClosed(visit_id=visit_id):
            return wire.VisitClosed(sequence=at, visit_id=visit_id)
        case domain.MemberChanged(member_id=member_id):
            return wire.MemberChanged(sequence=at, member_id=member_id)
        case domain.RedemptionChanged(redemption=redemption):
            return wire.RedemptionChanged(sequence=at, redemption=redemption)
        case domain.SessionEnded():
            return wire.SessionEnded(sequence=at)
        case seen:
            return _of_devices(at, seen, places)


def _of_devices(
    at: int,
    event: domain.CamerasChanged
    | domain.ScannersChanged
    | domain.ScanHeard
    | domain.VisionChanged
    | domain.LineChanged
    | domain.AttackSeen,
    places: Mapping[str, str],
) -> wire.FeedMessage:
    match event:
        case domain.CamerasChanged(states=states):
            return wire.CamerasChanged(sequence=at, cameras=mapping.camera_views(states, places))
        case domain.ScannersChanged(states=scanners):
            return wire.ScannersChanged(
                sequence=at, scanners=mapping.scanner_views(scanners, places)
            )
        case domain.ScanHeard():
            return wire.ScanHeard(
                sequence=at,
                scan_id=event.scan_id,
                scanner_id=event.scanner_id,
                place=places.get(event.scanner_id, event.scanner_id),
                what=event.kind,
                scanned_at=event.scanned_at,
            )
        case domain.VisionChanged(state=state):
            return wire.VisionChanged(sequence=at, state=state)
        case domain.LineChanged(line=line, matching_rests=rests):
            return wire.LineChanged(sequence=at, line=mapping.line_view(line, matching_rests=rests))
        case domain.AttackSeen(place=place, seen_at=seen_at):
            return wire.AttackSeen(sequence=at, place=place, seen_at=seen_at)
