"""Cameras: one reader thread each, the newest frame wins, and a lost one is retried for ever."""

from __future__ import annotations

from edge.camera.mailbox import Mailbox
from edge.camera.reader import Camera

__all__ = ["Camera", "Mailbox"]
