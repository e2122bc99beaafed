"""The secret rotation of a store's embeddings (ISO/IEC 24745: renewable, not linkable).

A rotation changes no angle, so matching is as good as before; without the secret, templates of
two stores say nothing about each other, and a new secret makes stolen ones worthless.
"""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray


def orthogonal(secret: bytes, dim: int) -> NDArray[np.float32]:
    """The orthogonal matrix of a secret, float32 [dim, dim]; rotate with ``matrix @ vector``.

    SHAKE-256 stretches the secret into uniform numbers, Box-Muller makes them normal, and the
    Q of their QR decomposition, signs fixed by R's diagonal, is uniform over all rotations and
    reflections (Haar measure; Mezzadri 2007). Same secret, same matrix, within float32 rounding,
    on every machine.
    """
    count = dim * dim
    stream = hashlib.shake_256(b"regulars rotation v1" + dim.to_bytes(4, "big") + secret)
    numbers = np.frombuffer(stream.digest(16 * count), "<u8").astype(np.float64)
    radius, angle = ((numbers + 0.5) / 2.0**64).reshape(2, count)
    normal = np.sqrt(-2.0 * np.log(radius)) * np.cos(2.0 * np.pi * angle)
    q, r = np.linalg.qr(normal.reshape(dim, dim))
    return np.asarray(q * np.sign(np.diag(r)), np.float32)
