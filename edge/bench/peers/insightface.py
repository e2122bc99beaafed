"""InsightFace's own ``FaceAnalysis`` with the files of ``buffalo_sc``, det size 640.

The package is imported, and its licence asked for, only when this peer is wanted. Its models come
from our verified files, laid out in a temporary folder as the package wants them, so that it
downloads nothing and writes nowhere else.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime

from edge.bench.peers.peer import Face, Picture, Setting
from edge.vision.models import check_licences, read_manifest, verify

PACK = "insightface"
DET_SIZE_PX = (640, 640)


class InsightFace:
    """A ``Peer``: ``FaceAnalysis.get`` and ``normed_embedding``."""

    def __init__(self, analysis: Any, threshold: float) -> None:
        self._analysis = analysis
        self.threshold = threshold

    def faces(self, bgr: Picture) -> list[Face]:
        """See ``Peer``."""
        return [
            Face(np.asarray(face.bbox, np.float32), np.asarray(face.normed_embedding, np.float32))
            for face in self._analysis.get(bgr)
        ]


@contextmanager
def opened(
    setting: Setting, models_dir: Path, accepted_licences: Sequence[str]
) -> Iterator[InsightFace]:
    """Ready to be asked, everything loaded. Raises ``ModelError`` for files or licence."""
    from insightface.app import FaceAnalysis

    manifest = read_manifest()
    check_licences(manifest, PACK, list(accepted_licences))
    with tempfile.TemporaryDirectory(prefix="regulars-") as folder:
        for file in manifest.files_of(PACK):
            (Path(folder) / file.name).symlink_to(verify(file, models_dir).resolve())
        setting.apply_to_opencv()
        analysis = FaceAnalysis(folder, **_session_options(setting))
        analysis.prepare(ctx_id=0, det_size=DET_SIZE_PX)
        # The detector's session for this size is made from its file by the first picture.
        analysis.get(np.zeros((*DET_SIZE_PX, 3), np.uint8))
        yield InsightFace(analysis, manifest.pack(PACK).calibration.threshold)


def _session_options(setting: Setting) -> dict[str, Any]:
    """What the package is given beside its folder: nothing, as it comes."""
    if setting.threads is None and setting.spinning:
        return {}
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = setting.threads or 0
    if not setting.spinning:
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    # A session of its own for each size is made without the word about spinning.
    return {"sess_options": options, "static_shape_sessions": setting.spinning}
