"""Changes made to a model file once, so that it runs faster; the result is kept beside it.

A prepared copy is named after its source's hash and ``VERSION``, and its own hash is kept beside
it, so that a copy cut short or altered is made again.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import onnx

from edge.vision.models import ModelFile, digest

VERSION = 1


def prepared(file: ModelFile, source: Path) -> Path:
    """The path of the prepared copy of a verified file, made now if need be."""
    if file.prepare is None:
        return source
    folder = source.parent / "prepared"
    target = folder / f"{source.stem}-{file.sha256[:16]}-v{VERSION}.onnx"
    seal = target.with_suffix(".sha256")
    if target.is_file() and seal.is_file() and seal.read_text() == digest(target):
        return target
    folder.mkdir(parents=True, exist_ok=True)
    model = onnx.load(source)
    if file.prepare == "free_size":
        free_size(model)
    else:
        constant_weights(model)
    write_whole(target, model.SerializeToString())
    write_whole(seal, digest(target).encode())
    return target


def constant_weights(model: onnx.ModelProto) -> None:
    """Take the weights out of the graph's inputs.

    Listed there they may be replaced at each run, so the runtime folds nothing (batch
    normalisation stays a step of its own).
    """
    weights = {tensor.name for tensor in model.graph.initializer}
    inputs = [value for value in model.graph.input if value.name not in weights]
    del model.graph.input[:]
    model.graph.input.extend(inputs)


def free_size(model: onnx.ModelProto) -> None:
    """Let height and width of the only input be anything; what follows is told by the runtime."""
    dimensions = model.graph.input[0].type.tensor_type.shape.dim
    dimensions[2].dim_param, dimensions[3].dim_param = "height", "width"
    del model.graph.value_info[:]
    for output in model.graph.output:
        output.type.tensor_type.shape.dim[1].dim_param = f"cells of {output.name}"


def write_whole(target: Path, data: bytes) -> None:
    """Write a file so that it is there whole or not at all."""
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=".part-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
