"""From a face the gateway learns who it possibly is, and nothing else about the person."""

from __future__ import annotations

import dataclasses
import typing

from edge.domain import Candidate, Probe, Sighting, Template
from edge.vision.models import ModelFile


def test_models_detect_and_embed_and_do_nothing_else() -> None:
    tasks = typing.get_type_hints(ModelFile)["task"]
    assert set(typing.get_args(tasks)) == {
        "detection",
        "embedding",
        "presentation_attack_detection",
    }


def test_what_vision_says_of_a_face_describes_nobody() -> None:
    said = {
        kind: {field.name for field in dataclasses.fields(kind)}
        for kind in (Sighting, Candidate, Probe)
    }
    assert said == {
        Sighting: {
            "camera_id",
            "track_id",
            "first_seen_at",
            "seen_at",
            "shots",
            "quality",
            "bona_fide",
            "candidates",
        },
        Candidate: {"member_id", "score"},
        Probe: {"model", "vector", "quality"},
    }


def test_what_is_stored_of_a_face_describes_nobody() -> None:
    kept = {field.name for field in dataclasses.fields(Template)}
    assert kept == {"id", "member_id", "consent_id", "model", "vector", "quality", "made_at"}
