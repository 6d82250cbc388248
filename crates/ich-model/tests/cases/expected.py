"""Writes expected.json: what ONNX Runtime answers for the networks in this folder.

The values of PyTorch files are read with Python's own zipfile and pickle, every class replaced by a
stand-in, and put into a graph that is built here. Needs numpy, onnx and onnxruntime:

    python crates/ich-model/tests/cases/expected.py
"""

import collections
import json
import pickle
import zipfile
from pathlib import Path

import numpy as np
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

HERE = Path(__file__).parent
ROWS = COLS = 64


class Unpickler(pickle.Unpickler):
    def __init__(self, file, archive, root):
        super().__init__(file)
        self.archive, self.root = archive, root

    def find_class(self, module, name):
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return lambda values, start, shape, strides, *_: np.lib.stride_tricks.as_strided(
                values[start:], shape, [4 * stride for stride in strides]
            ).copy()
        if module == "torch":
            return name
        if module == "collections":
            return getattr(collections, name)
        return {"list": list}[name]

    def persistent_load(self, id):
        _, kind, key, _, _ = id
        dtype = {"FloatStorage": np.float32, "LongStorage": np.int64}[kind]
        return np.frombuffer(self.archive.read(f"{self.root}data/{key}"), dtype)


def state_dict(path):
    archive = zipfile.ZipFile(path)
    name = next(name for name in archive.namelist() if name.endswith("data.pkl"))
    return Unpickler(archive.open(name), archive, name.removesuffix("data.pkl")).load()


def probability_of(model):
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    values = (np.arange(3 * ROWS * COLS) * 37 % 101).astype(np.float32) / np.float32(101) - np.float32(0.5)
    name = session.get_inputs()[0].name
    [answer] = session.run(None, {name: values.reshape(1, 3, ROWS, COLS)})
    return float(answer[0, 0])


def graph_of(tensors):
    """RSNAHemorrhageNet with batch normalisation as it is in the state dict."""
    nodes, initializers = [], []

    def constant(name):
        initializers.append(numpy_helper.from_array(tensors[name].astype(np.float32), name))
        return name

    def node(op, inputs, **attributes):
        output = f"v{len(nodes)}"
        nodes.append(helper.make_node(op, inputs, [output], **attributes))
        return output

    def conv(x, conv, norm, kernel, stride):
        x = node("Conv", [x, constant(f"{conv}.weight")], kernel_shape=[kernel] * 2, strides=[stride] * 2, pads=[kernel // 2] * 4)
        parts = "weight", "bias", "running_mean", "running_var"
        return node("BatchNormalization", [x, *(constant(f"{norm}.{part}") for part in parts)], epsilon=1e-5)

    x = node("Relu", [conv("image", "encoder.conv1", "encoder.bn1", 7, 2)])
    x = node("MaxPool", [x], kernel_shape=[3, 3], strides=[2, 2], pads=[1] * 4)
    for layer in range(1, 5):
        for block in range(2):
            place = f"encoder.layer{layer}.{block}"
            stride = 2 if layer > 1 and block == 0 else 1
            y = node("Relu", [conv(x, f"{place}.conv1", f"{place}.bn1", 3, stride)])
            y = conv(y, f"{place}.conv2", f"{place}.bn2", 3, 1)
            if stride == 2:
                x = conv(x, f"{place}.downsample.0", f"{place}.downsample.1", 1, 2)
            x = node("Relu", [node("Add", [y, x])])
    x = node("Flatten", [node("GlobalAveragePool", [x])])
    for linear in "encoder.fc", "classifier.0":
        x = node("Gemm", [x, constant(f"{linear}.weight"), constant(f"{linear}.bias")], transB=1)
    x = node("Sigmoid", [x])
    image = helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, 3, ROWS, COLS])
    output = helper.make_tensor_value_info(x, TensorProto.FLOAT, [1, 1])
    graph = helper.make_graph(nodes, "net", [image], [output], initializers)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8).SerializeToString()


def main():
    below = lambda tensors, prefix: {
        key.removeprefix(prefix): value for key, value in tensors.items() if key.startswith(prefix)
    }
    networks = {
        "rsna_hemorrhage_model.pt": state_dict(HERE / "rsna_hemorrhage_model.pt"),
        "defaultdict.pt": state_dict(HERE / "defaultdict.pt")["state_dict"],
        "pos_weight.ckpt": below(state_dict(HERE / "pos_weight.ckpt")["state_dict"], "model."),
        "mil_ich.pt": state_dict(HERE / "mil_ich.pt"),
        "ema.pt#model": state_dict(HERE / "ema.pt")["model"],
        "ema.pt#model_ema": below(state_dict(HERE / "ema.pt")["model_ema"], "module."),
    }
    exports = "base.onnx", "gemm-alpha.onnx", "epsilon.onnx"
    answers = {name: probability_of((HERE / name).read_bytes()) for name in exports}
    answers |= {name: probability_of(graph_of(tensors)) for name, tensors in networks.items()}
    (HERE / "expected.json").write_text(json.dumps(answers, indent=1) + "\n")


main()
