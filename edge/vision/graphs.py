"""Changes to a model's graph that make it run faster and answer the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper


def changed(prepare: str, source: Path) -> bytes:
    """The model at ``source`` as the manifest's word ``prepare`` wants it."""
    model = onnx.load(source)
    if prepare == "free_size":
        free_size(model)
        merged_heads(model)
    else:
        constant_weights(model)
        blocked_prelu(model)
    data: bytes = model.SerializeToString()
    return data


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
    _rebuild(model.graph, nodes)


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


def merged_heads(model: onnx.ModelProto) -> None:
    """Compute YuNet's four heads of each stride (16 channels in all) as one, and split the answer.

    A head is a convolution of one pixel, then one of each channel by itself. Alone, each is
    padded to the 16 channels of a vector, so that four cost four times as much as one.
    """
    weights = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    nodes = list(model.graph.node)
    users = {node.input[0]: node for node in nodes if node.op_type == "Conv"}
    heads: dict[str, list[onnx.NodeProto]] = {}
    for node in nodes:
        if node.op_type == "Conv" and len(weights[node.input[1]]) < 16:
            heads.setdefault(node.input[0], []).append(node)
    trunks = {x: firsts for x, firsts in heads.items() if len(firsts) > 1}
    gone = [node for firsts in trunks.values() for node in firsts]
    gone += [users[node.output[0]] for node in gone]
    at = nodes.index(gone[0])
    nodes = [node for node in nodes if node not in gone]
    for x, firsts in trunks.items():
        seconds = [users[node.output[0]] for node in firsts]
        merged = _merged(model.graph, weights, x, firsts, seconds)
        nodes[at:at] = merged
        at += len(merged)
    _rebuild(model.graph, nodes)


def _rebuild(graph: onnx.GraphProto, nodes: list[onnx.NodeProto]) -> None:
    """Give a graph these nodes, and only the weights that they use."""
    del graph.node[:]
    graph.node.extend(nodes)
    used = {name for node in nodes for name in node.input}
    weights = [tensor for tensor in graph.initializer if tensor.name in used]
    del graph.initializer[:]
    graph.initializer.extend(weights)


def _merged(
    graph: onnx.GraphProto,
    weights: dict[str, NDArray[np.float32]],
    x: str,
    firsts: list[onnx.NodeProto],
    seconds: list[onnx.NodeProto],
) -> list[onnx.NodeProto]:
    name = f"heads_{x}"
    for part, convolutions in (("first", firsts), ("second", seconds)):
        for index, kind in ((1, "weight"), (2, "bias")):
            together = np.concatenate([weights[node.input[index]] for node in convolutions])
            graph.initializer.append(numpy_helper.from_array(together, f"{name}_{part}_{kind}"))
    channels = [len(weights[node.input[1]]) for node in seconds]
    inputs = [[x, f"{name}_first_weight", f"{name}_first_bias"]]
    inputs += [[f"{name}_first", f"{name}_second_weight", f"{name}_second_bias"]]
    spread = {"group": sum(channels), "kernel_shape": [3, 3], "pads": [1, 1, 1, 1]}
    return [
        helper.make_node("Conv", inputs[0], [f"{name}_first"], kernel_shape=[1, 1]),
        helper.make_node("Conv", inputs[1], [f"{name}_second"], **spread),
        helper.make_node(
            "Split", [f"{name}_second"], [node.output[0] for node in seconds],
            axis=1, split=channels,
        ),
    ]  # fmt: skip
