"""Composition root: the one place where the parts meet."""

from __future__ import annotations

from edge.app.checkup import check_up
from edge.app.gateway import Gateway, gateway, utc_now
from edge.app.matching import check_models, thresholds_of
from edge.app.public_name import public_name
from edge.app.service import service, tell
from edge.app.sole_use import sole_use

__all__ = [
    "Gateway",
    "check_models",
    "check_up",
    "gateway",
    "public_name",
    "service",
    "sole_use",
    "tell",
    "thresholds_of",
    "utc_now",
]
