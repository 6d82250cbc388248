#!/usr/bin/env python3
"""Packs those of ONNX's node tests that are about our operators into one file, `node_tests.bin`.

    pip install onnx==1.23.2
    python pack_node_tests.py

`node_tests.txt` lists the tests. Each becomes a model of one image: the first input is the image (of rank 4),
a vector (of rank 2), or is embedded as [1, ., ., .] (functions of one value, of rank 0, 1, 3). The other
inputs become initializers; equal inputs of Add, Sub, Mul and Sum are channels of one image. Every output
is flattened. Left out are tests whose output joins the images of a batch, and large ones.

The file: for each test its name, the model, channels, rows, columns and number of images, the images,
the number of values of an answer, and the answers; whole numbers are little-endian u32, values f32,
name and model have their length before them.
"""
import os, struct, warnings
warnings.filterwarnings("ignore")
import numpy as np, onnx
from onnx import TensorProto, helper, numpy_helper
from onnx.backend.test.case.node import collect_testcases

HERE = os.path.dirname(os.path.abspath(__file__))
MAX_BYTES = 100_000


def array(value):
    return numpy_helper.to_array(value) if isinstance(value, TensorProto) else np.asarray(value)


def of_rank_4(a):
    return a.reshape((1,) * (4 - a.ndim) + a.shape)


def as_model(model, inputs):
    """The model of one image, and the images."""
    graph = model.graph
    names = [i.name for i in graph.input]
    op = graph.node[-1].op_type
    x = inputs[0]
    nodes, constants = [], []
    is_packed = op in ("Add", "Sub", "Mul", "Sum") and len(inputs) > 1 and all(a.shape == x.shape for a in inputs)
    images = [of_rank_4(a) if a.ndim != 2 else a[:, :, None, None] for a in (inputs if is_packed else inputs[:1])]
    c = images[0].shape[1]
    images = np.concatenate(images, 1).astype(np.float32)
    source = "image"
    if x.ndim == 2:
        nodes.append(helper.make_node("Flatten", ["image"], ["vector"]))
        source = "vector"
    if is_packed:
        for k, name in enumerate(names):
            constants.append(numpy_helper.from_array(np.arange(k * c, k * c + c), f"channels_{k}"))
            nodes.append(helper.make_node("Gather", [source, f"channels_{k}"], [name], axis=1))
    else:
        nodes.append(helper.make_node("Identity", [source], [names[0]]))
        constants += [numpy_helper.from_array(a, name) for name, a in zip(names[1:], inputs[1:])]
    nodes += list(graph.node)
    nodes.append(helper.make_node("Flatten", [graph.output[0].name], ["flat"]))
    image = helper.make_tensor_value_info("image", TensorProto.FLOAT, ["n", *images.shape[1:]])
    flat = helper.make_tensor_value_info("flat", TensorProto.FLOAT, None)
    new = helper.make_graph(nodes, "test", [image], [flat], constants)
    return helper.make_model(new, opset_imports=model.opset_import, ir_version=8).SerializeToString(), images


def packed(name, model, images, answers):
    text = name.encode()
    n, c, h, w = images.shape
    return b"".join([
        struct.pack("<I", len(text)), text, struct.pack("<I", len(model)), model,
        struct.pack("<4I", c, h, w, n), images.astype("<f4").tobytes(),
        struct.pack("<I", answers.shape[1]), answers.astype("<f4").tobytes()])


def main():
    names = set(open(f"{HERE}/node_tests.txt").read().split())
    cases = {case.name.removeprefix("test_"): case for case in collect_testcases(None)}
    parts, joined, large = [], [], []
    for name in sorted(names):
        inputs, outputs = cases[name].data_sets[0]
        inputs, answer = [array(v) for v in inputs], array(outputs[0])
        model, images = as_model(cases[name].model, inputs)
        n = len(images)
        if n > 1 and (answer.ndim == 0 or answer.shape[0] != n):
            joined.append(name)
            continue
        part = packed(name, model, images, answer.reshape(n, -1))
        if len(part) > MAX_BYTES:
            large.append(name)
            continue
        parts.append(part)
    with open(f"{HERE}/node_tests.bin", "wb") as file:
        file.write(b"".join(parts))
    print(f"{len(parts)} packed, {sum(map(len, parts))} bytes")
    print(len(joined), "join the images of a batch:", *joined)
    print(len(large), "are large:", *large)


if __name__ == "__main__":
    main()
