"""The configuration file, parsed and checked at the boundary, one slice for each part.

Every key carries its own description; ``docs/configuration.md`` is printed from them.
Whatever is wrong ends as one ``ConfigError`` line that names the key and what to do.
"""

from __future__ import annotations

from edge.config.certificate import CertificateConfig
from edge.config.devices import CameraConfig, ScannerConfig
from edge.config.reading import load, parse, reference
from edge.config.slice import Identifier, Point, Polygon
from edge.config.slices import (
    INSIGHTFACE_LICENCE,
    ApiConfig,
    CodesConfig,
    Config,
    ControllerConfig,
    FootfallConfig,
    HeadquartersConfig,
    PrivacyConfig,
    RecognitionConfig,
    StoreConfig,
    VisitConfig,
    VouchersConfig,
)
from edge.config.upkeep import BackupConfig, UpdatesConfig

__all__ = [
    "INSIGHTFACE_LICENCE",
    "ApiConfig",
    "BackupConfig",
    "CameraConfig",
    "CertificateConfig",
    "CodesConfig",
    "Config",
    "ControllerConfig",
    "FootfallConfig",
    "HeadquartersConfig",
    "Identifier",
    "Point",
    "Polygon",
    "PrivacyConfig",
    "RecognitionConfig",
    "ScannerConfig",
    "StoreConfig",
    "UpdatesConfig",
    "VisitConfig",
    "VouchersConfig",
    "load",
    "parse",
    "reference",
]
