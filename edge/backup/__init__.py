"""Copies kept elsewhere, by restic: encrypted before they leave, only what changed travels."""

from edge.backup.restic import Kept, Repository

__all__ = ["Kept", "Repository"]
