"""What a model pack says of photographs that installed packages carry; ``*.json`` pin it.

After a deliberate change of a pack:
``python tests/golden/observe.py PACK > tests/golden/PACK.json``.
"""

from __future__ import annotations

import json
import sys
from importlib.resources import files
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.config import INSIGHTFACE_LICENCE
from edge.vision.packs import Pack, load

SAMPLES = {
    "astronaut": ("skimage", "data/astronaut.png"),
    "group": ("insightface", "data/images/t1.jpg"),
}


def sample(name: str) -> NDArray[np.uint8]:
    """A sample photograph, uint8 [h, w, 3], blue first."""
    package, path = SAMPLES[name]
    data = np.frombuffer(files(package).joinpath(path).read_bytes(), np.uint8)
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)


def observe(pack: Pack, name: str) -> list[dict[str, list[float]]]:
    """Box, landmarks and embedding of each face, left to right."""
    picture = sample(name)
    found = pack.detect(picture)
    found = found.where(np.argsort(found.boxes[:, 0]))
    embeddings = pack.embed(picture, list(found.landmarks))
    return [
        {
            "box": [round(float(x), 1) for x in box],
            "landmarks": [round(float(x), 1) for x in landmarks.reshape(-1)],
            "embedding": [round(float(x), 4) for x in embedding],
        }
        for box, landmarks, embedding in zip(found.boxes, found.landmarks, embeddings, strict=True)
    ]


if __name__ == "__main__":
    wanted = load(sys.argv[1], Path(".cache/models"), [INSIGHTFACE_LICENCE])
    lines = [f'"{name}": {json.dumps(observe(wanted, name))}' for name in SAMPLES]
    sys.stdout.write("{\n" + ",\n".join(lines) + "\n}\n")
