"""Full-precision rows of a large gallery: out of memory, sealed, and gone with the process.

They lie in a file without a name, each under AES-256-GCM with a key that only this process
holds: what is left on the disk when it ends, however it ends, opens for nobody. Only the few
rows that a search compares exactly are read.
"""

from __future__ import annotations

import os
import secrets
import tempfile
import weakref

import numpy as np
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from numpy.typing import NDArray

_NONCE_BYTES = 12
_TAG_BYTES = 16


class SealedRows:
    """Rows of float32 [dim] by number. Raises ``OSError`` where the disk is full."""

    def __init__(self, dim: int) -> None:
        self._dim = dim
        self._slot_bytes = _NONCE_BYTES + 4 * dim + _TAG_BYTES
        self._cipher = AESGCM(secrets.token_bytes(32))
        # In $TMPDIR. Read by position rather than mapped: mapped pages count as memory.
        self._file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 - lives as long as we do
        weakref.finalize(self, self._file.close)

    def write(self, row: int, vectors: NDArray[np.float32]) -> None:
        """Put vectors, float32 [n, dim], into the rows from ``row`` on."""
        slots = bytearray()
        for vector in np.ascontiguousarray(vectors, np.float32):
            nonce = secrets.token_bytes(_NONCE_BYTES)
            slots += nonce + self._cipher.encrypt(nonce, vector.tobytes(), None)
        self._put(row, slots)

    def read(self, rows: NDArray[np.intp]) -> NDArray[np.float32]:
        """The vectors in these rows, float32 [n, dim]."""
        opened = b"".join(self._open(int(row)) for row in rows)
        return np.frombuffer(opened, np.float32).reshape(len(rows), self._dim)

    def move(self, source: int, target: int) -> None:
        """Let a row take the place of another; nothing of that one, or at the source, stays."""
        if source != target:
            self._put(target, self._slot(source))
        self._put(source, bytes(self._slot_bytes))

    def _open(self, row: int) -> bytes:
        slot = self._slot(row)
        return self._cipher.decrypt(slot[:_NONCE_BYTES], slot[_NONCE_BYTES:], None)

    def _slot(self, row: int) -> bytes:
        return os.pread(self._file.fileno(), self._slot_bytes, row * self._slot_bytes)

    def _put(self, row: int, slots: bytes | bytearray) -> None:
        written = os.pwrite(self._file.fileno(), slots, row * self._slot_bytes)
        if written != len(slots):
            raise OSError(f"the disk took {written} of {len(slots)} bytes of the gallery")
