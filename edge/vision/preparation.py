"""Changes made to a model file once, so that it runs faster; the result is kept beside it.

A prepared copy is named after its source's hash and ``VERSION``, and its own hash is kept beside
it, so that a copy cut short or altered is made again.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

from edge.vision.models import ModelFile, digest

VERSION = 3


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
        blocked_prelu(model)
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


def blocked_prelu(model: onnx.ModelProto) -> None:
    """Write each PReLU as ``(1 - slope) * relu(x) + slope * x``, in convolutions of one pixel.

    The runtime keeps pictures in blocks of channels as the processor's vectors want them, and
    has convolution, ReLU and addition for that layout, but no PReLU: it would unpack and pack
    around every one of them. Halves the time of an embedding; answers change by 1e-6.
    """
    slopes = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    nodes = []
    for node in model.graph.node:
        if node.op_type == "PRelu":
            x, slope = node.input
            nodes += _prelu_parts(
                model.graph, x, slopes[slope].reshape(-1, 1, 1, 1), node.output[0]
            )
        else:
            nodes.append(node)
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    used = {name for node in nodes for name in node.input}
    weights = [tensor for tensor in model.graph.initializer if tensor.name in used]
    del model.graph.initializer[:]
    model.graph.initializer.extend(weights)


def _prelu_parts(
    graph: onnx.GraphProto, x: str, slope: NDArray[np.float32], y: str
) -> list[onnx.NodeProto]:
    for name, weights in ((f"{y}_slope", slope), (f"{y}_rest", 1.0 - slope)):
        graph.initializer.append(numpy_helper.from_array(weights.astype(np.float32), name))
    one_pixel = {"group": len(slope), "kernel_shape": [1, 1]}
    return [
        helper.make_node("Relu", [x], [f"{y}_relu"]),
        helper.make_node("Conv", [f"{y}_relu", f"{y}_rest"], [f"{y}_positive"], **one_pixel),
        helper.make_node("Conv", [x, f"{y}_slope"], [f"{y}_all"], **one_pixel),
        helper.make_node("Add", [f"{y}_positive", f"{y}_all"], [y]),
    ]


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
