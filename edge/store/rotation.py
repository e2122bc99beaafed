"""A new rotation secret for templates that are already stored, safe against a crash.

Secret and templates lie in two files. The new secret is kept beside the old one first; then
all templates turn in one transaction, each naming the secret it was rotated by; then the new
secret takes the old one's place. Whoever opens the store in between finds by the names which
of the two the templates carry.
"""

from __future__ import annotations

import secrets
from functools import cache

import numpy as np
from numpy.typing import NDArray

from edge.rules.rotation import orthogonal
from edge.store.connection import Connection
from edge.store.gateway_key import KEY_BYTES
from edge.store.keyring import NEXT_ROTATION, ROTATION, Keyring
from edge.store.templates import Templates, WritableTemplates, rotation_name


def renew(connection: Connection, keyring: Keyring) -> int:
    """Rotate every template by R2 R1^T under a new secret; returns how many."""
    templates = WritableTemplates(connection, keyring)
    new = secrets.token_bytes(KEY_BYTES)
    with connection.transaction("IMMEDIATE"):
        settle(templates, keyring)
        turn = _Turn(keyring.secret(ROTATION), new)
        keyring.keep_secret(NEXT_ROTATION, new)
        turned = templates.rotate(turn, new)
    with connection.transaction("IMMEDIATE"):
        settle(templates, keyring)
    # The log still holds the templates as they were before.
    connection.empty_log()
    return turned


def settle(templates: Templates, keyring: Keyring) -> None:
    """End a renewal that was begun: keep the secret that the stored templates carry."""
    if not keyring.has_secret(NEXT_ROTATION):
        return
    new = keyring.secret(NEXT_ROTATION)
    if templates.rotations() <= {rotation_name(new)}:
        keyring.keep_secret(ROTATION, new)
    keyring.drop_secret(NEXT_ROTATION)


class _Turn:
    """Takes a vector out of the old rotation and into the new one."""

    def __init__(self, old: bytes, new: bytes) -> None:
        self._old = old
        self._new = new
        self._matrix = cache(self._make)

    def __call__(self, vector: bytes) -> bytes:
        rotated = np.frombuffer(vector, "<f4").astype(np.float64)
        turned = self._matrix(rotated.size) @ rotated
        return (turned / np.linalg.norm(turned)).astype("<f4").tobytes()

    def _make(self, dim: int) -> NDArray[np.float64]:
        old = orthogonal(self._old, dim).astype(np.float64)
        return orthogonal(self._new, dim).astype(np.float64) @ old.T
