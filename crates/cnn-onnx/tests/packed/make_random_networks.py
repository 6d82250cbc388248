#!/usr/bin/env python3
"""Makes small random networks and ONNX Runtime's answers for them, in one file: `random_networks.bin`.

    pip install onnx==1.23.2 onnxruntime==1.32.0 numpy
    python make_random_networks.py 200 random_networks.bin

Every network is a chain of one to six blocks of random kinds, attributes and versions of the operators,
with a head. Blocks that ONNX Runtime refuses end the chain. The format is that of `pack_node_tests.py`.
"""
import sys
import numpy as np, onnxruntime as ort
from onnx import TensorProto, helper, numpy_helper
from pack_node_tests import packed

MAX_VALUES = 1_000
ort.set_default_logger_severity(4)


class Network:
    """A network under construction: `x` is its last value, of shape `c`, `h`, `w`."""

    def __init__(self, seed):
        self.random = np.random.default_rng(seed)
        self.opset = self.pick(9, 10, 11, 12, 13, 14, 16, 17, 18, 19, 20, 21)
        self.c, self.h, self.w = self.pick(1, 2, 3, 4, 6), self.int(1, 9), self.int(1, 9)
        self.image = (1, self.c, self.h, self.w)
        self.nodes, self.constants, self.x, self.n = [], [], "image", 0

    def int(self, low, high):
        return int(self.random.integers(low, high + 1))

    def pick(self, *options):
        return options[self.int(0, len(options) - 1)]

    def maybe(self, share=0.5):
        return self.random.random() < share

    def normal(self, *shape):
        return self.random.standard_normal(shape).astype(np.float32)

    def divisor(self):
        return self.pick(*[n for n in range(1, self.c + 1) if self.c % n == 0])

    def const(self, values, dtype=np.float32):
        self.n += 1
        self.constants.append(numpy_helper.from_array(np.asarray(values, dtype), f"c{self.n}"))
        return f"c{self.n}"

    def ints(self, *values):
        return self.const(values, np.int64)

    def node(self, op, *inputs, n_outputs=1, **attributes):
        self.n += 1
        outputs = [f"v{self.n}_{i}" for i in range(n_outputs)]
        self.nodes.append(helper.make_node(op, inputs, outputs, name=f"{op}_{self.n}", **attributes))
        return outputs[0] if n_outputs == 1 else outputs

    def shuffled(self, *values):
        return list(values) if self.maybe() else list(values)[::-1]

    def padding(self, kernel=None):
        rule = self.pick("pads", "pads", "SAME_UPPER", "SAME_LOWER", "VALID")
        limit = lambda i: 3 if kernel is None else kernel[i % 2] - 1
        return {"pads": [self.int(0, limit(i)) for i in range(4)]} if rule == "pads" else {"auto_pad": rule}

    # ---- blocks: the new last value

    def conv(self):
        group, kernel = self.divisor(), [self.int(1, 3), self.int(1, 3)]
        c_out, padding = group * self.int(1, 3), self.padding()
        dilations = [self.int(1, 2), self.int(1, 2)] if "pads" in padding else [1, 1]
        inputs = [self.x, self.const(self.normal(c_out, self.c // group, *kernel))]
        if self.maybe():
            inputs.append(self.const(self.normal(c_out)))
        strides = [self.int(1, 3), self.int(1, 3)]
        return self.node("Conv", *inputs, strides=strides, dilations=dilations, group=group, **padding)

    def pool(self):
        op, kernel = self.pick("MaxPool", "AveragePool"), [self.int(1, 3), self.int(1, 3)]
        a = dict(kernel_shape=kernel, strides=[self.int(1, 3), self.int(1, 3)], **self.padding(kernel))
        if "pads" in a and self.opset >= 10 and self.maybe():
            a["ceil_mode"] = 1
        if op == "AveragePool" and self.maybe():
            a["count_include_pad"] = 1
        if "pads" in a and self.opset >= (11 if op == "MaxPool" else 19) and self.maybe(0.3):
            a["dilations"] = [self.int(1, 2), self.int(1, 2)]
        return self.node(op, self.x, **a)

    def activation(self):
        op = self.pick("Relu", "Sigmoid", "HardSigmoid", "LeakyRelu", "Elu", "Selu", "Tanh", "Softplus", "Softsign",
                       "ThresholdedRelu", "Erf")
        return self.node(op, self.x)

    def bounded(self):
        low, high = -self.int(0, 2), self.int(1, 2)
        if self.opset < 11:
            return self.node("Clip", self.x, min=float(low), max=float(high))
        return self.node("Clip", self.x, self.const(low) if self.maybe() else "", self.const(high))

    def in_pieces(self):
        x, kind = self.x, self.pick("silu", "hard_swish", "gelu", "mish", "prelu")
        if kind == "prelu":
            return self.node("PRelu", x, self.const(self.normal(*self.pick([self.c, 1, 1], [1]))))
        if kind == "gelu":
            gate = self.node("Add", self.node("Erf", self.node("Div", x, self.const(2**0.5))), self.const(1))
            return self.node("Mul", self.node("Mul", x, gate), self.const(self.pick(0.5, 0.7)))
        if kind == "mish":
            gate = self.node("Tanh", self.node("Softplus", x))
        elif kind == "silu":
            gate = self.node("Sigmoid", x)
        else:
            gate = self.node("HardSigmoid", x, **({"alpha": 1 / 6} if self.maybe() else {}))
        return self.node("Mul", *self.shuffled(x, gate))

    def affine(self):
        shape = self.pick([self.c, 1, 1], [1, self.c, 1, 1], [1], [])
        k, op = self.const(self.normal(*shape) + np.float32(2)), self.pick("Add", "Sub", "Mul", "Div")
        return self.node(op, *([self.x, k] if op == "Div" else self.shuffled(self.x, k)))

    def batch_norm(self):
        parameters = [self.const(self.normal(self.c)) for _ in range(3)]
        variance = self.const(np.abs(self.normal(self.c)) + 0.1)
        return self.node("BatchNormalization", self.x, *parameters, variance, epsilon=self.pick(1e-5, 1e-3))

    def norm(self):
        x, c, group = self.x, self.c, self.divisor()
        kind = self.pick("instance", "group", "layer")
        if kind == "instance":
            return self.node("InstanceNormalization", x, self.const(self.normal(c)), self.const(self.normal(c)))
        if kind == "group":
            y = self.node("Reshape", x, self.ints(0, group, -1))
            y = self.node("InstanceNormalization", y, self.const(np.ones(group)), self.const(np.zeros(group)))
            y = self.node("Reshape", y, self.ints(1, c, self.h, self.w))
            y = self.node("Mul", y, self.const(self.normal(c, 1, 1)))
            return self.node("Add", y, self.const(self.normal(c, 1, 1)))
        if self.opset >= 17:
            y = self.node("Transpose", x, perm=[0, 2, 3, 1])
            y = self.node("LayerNormalization", y, self.const(self.normal(c)), self.const(self.normal(c)))
            y = self.node("MatMul", y, self.const(self.normal(c, 3)))
            return self.node("Transpose", y, perm=[0, 3, 1, 2])
        centred = self.node("Sub", x, self.node("ReduceMean", x, axes=[1]))
        variance = self.node("ReduceMean", self.node("Pow", centred, self.const(2)), axes=[1])
        return self.node("Div", centred, self.node("Sqrt", self.node("Add", variance, self.const(1e-3))))

    def pad(self):
        pads, mode = [0, 0, self.int(-1, 2), self.int(-1, 2)] * 2, self.pick("constant", "edge", "reflect")
        if self.opset < 11:
            return self.node("Pad", self.x, pads=pads, mode=mode)
        if self.opset >= 18 and self.maybe():
            swapped = self.ints(pads[3], pads[2], pads[7], pads[6])
            return self.node("Pad", self.x, swapped, "", self.ints(-1, 2), mode=mode)
        return self.node("Pad", self.x, self.ints(*pads), mode=mode)

    def slice(self):
        start, end = self.int(-self.c - 1, self.c), self.int(-self.c - 1, self.c + 1)
        if self.opset < 10:
            return self.node("Slice", self.x, starts=[start], ends=[end], axes=[1])
        axis, step = self.pick(1, -3), self.pick(1, 1, 2, -1, -2)
        return self.node("Slice", self.x, self.ints(start), self.ints(end), self.ints(axis), self.ints(step))

    def split(self):
        first = self.int(1, self.c - 1)
        sizes = (first, self.c - first)
        if self.opset < 13:
            a, b = self.node("Split", self.x, n_outputs=2, axis=1, split=sizes)
        else:
            a, b = self.node("Split", self.x, self.ints(*sizes), n_outputs=2, axis=self.pick(1, -3))
        return self.node("Concat", *self.shuffled(self.node("Relu", a), b), axis=1)

    def resize(self):
        mode = self.pick("nearest", "linear")
        scales = self.const([1, 1, self.pick(0.5, 0.7, 1, 1.5, 2, 2.3), self.pick(0.6, 1, 2, 1.7)])
        if self.opset < 11:
            return self.node("Upsample" if self.opset < 10 else "Resize", self.x, scales, mode=mode)
        how = self.pick("half_pixel", "pytorch_half_pixel", "asymmetric", "align_corners")
        a = dict(mode=mode, coordinate_transformation_mode=how)
        if mode == "nearest":
            a["nearest_mode"] = self.pick("round_prefer_floor", "round_prefer_ceil", "floor", "ceil")
        none = "" if self.opset >= 13 else self.const([])
        if self.maybe():
            return self.node("Resize", self.x, none, scales, **a)
        sizes = self.ints(1, self.c, self.int(1, self.h + 4), self.int(1, self.w + 4))
        return self.node("Resize", self.x, none, none, sizes, **a)

    def transposed(self):
        order = [int(i) for i in self.random.permutation(4)]
        y = self.node("Transpose", self.x, perm=order)
        shape = [1, 1, 1, 1]
        shape[order.index(1)] = self.c
        y = self.node("Mul", y, self.const(self.normal(*shape)))
        return self.node("Transpose", y, perm=[order.index(i) for i in range(4)])

    def reshaped(self):
        kind = self.pick("unit", "positions", "shuffle", "computed")
        shape = self.ints(1, self.c, self.h, self.w)
        if kind == "unit":
            axis = self.int(0, 4)
            a = dict(axes=[axis]) if self.opset < 13 else {}
            inputs = [] if a else [self.ints(axis)]
            return self.node("Squeeze", self.node("Unsqueeze", self.x, *inputs, **a), *inputs, **a)
        if kind == "positions":
            return self.node("Reshape", self.node("Relu", self.node("Reshape", self.x, self.ints(0, 0, -1))), shape)
        if kind == "shuffle":
            group = self.divisor()
            y = self.node("Reshape", self.x, self.ints(1, group, self.c // group, self.h, self.w))
            return self.node("Reshape", self.node("Transpose", y, perm=[0, 2, 1, 3, 4]), shape)
        sizes = self.node("Shape", self.x)
        channels = self.node("Gather", sizes, self.ints(1), axis=0)
        target = self.node("Concat", self.ints(1), channels, self.ints(-1), axis=0)
        return self.node("Reshape", self.node("Reshape", self.x, target), sizes)

    def joined(self):
        y = self.node(self.pick("Relu", "Tanh"), self.x)
        kind = self.pick("concat", "sum", "binary")
        if kind == "concat":
            return self.node("Concat", self.x, y, self.node("Neg", self.x), axis=self.pick(1, -3))
        if kind == "sum":
            return self.node("Sum", self.x, y, self.x)
        return self.node(self.pick("Add", "Sub", "Mul"), *self.shuffled(self.x, y))

    def gate(self):
        if self.maybe():
            mean = self.node("AveragePool", self.x, kernel_shape=[self.h, self.w])
            return self.node(self.pick("Mul", "Sub"), self.x, mean)
        y = self.node(self.pick("GlobalAveragePool", "GlobalMaxPool"), self.x)
        y = self.node("Conv", y, self.const(self.normal(self.c, self.c, 1, 1)), self.const(self.normal(self.c)))
        return self.node(self.pick("Mul", "Add"), *self.shuffled(self.x, self.node("Sigmoid", y)))

    def gather(self):
        indices = [self.int(-self.c, self.c - 1) for _ in range(self.int(1, 4))]
        return self.node("Gather", self.x, self.ints(*indices), axis=1)

    BLOCKS = ["conv", "conv", "pool", "pool", "activation", "bounded", "in_pieces", "affine", "batch_norm", "norm", "pad",
              "slice", "split", "resize", "transposed", "reshaped", "joined", "gate", "gather"]

    def head(self):
        kind, n = self.pick("flat", "mean", "channels_last"), self.c * self.h * self.w
        if kind == "flat":
            y = self.node("Flatten", self.x)
        elif kind == "mean":
            y, n = self.node("Reshape", self.node("GlobalAveragePool", self.x), self.ints(1, -1)), self.c
        else:
            y = self.node("Reshape", self.node("Transpose", self.x, perm=[0, 2, 3, 1]), self.ints(1, -1))
        if self.maybe():
            weights = self.const(self.normal(n, 4)), self.const(self.normal(4))
            y = self.node("Gemm", y, *weights, alpha=self.pick(1.0, 0.5), beta=self.pick(1.0, 2.0))
        end = self.pick("", "Sigmoid", "Softmax")
        return self.node(end, y, **({"axis": 1} if end == "Softmax" else {})) if end else y

    def model(self):
        value = lambda name, shape: helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
        graph = helper.make_graph(self.nodes, "random", [value("image", self.image)], [value(self.x, None)], self.constants)
        operators = [helper.make_opsetid("", self.opset)]
        return helper.make_model(graph, opset_imports=operators, ir_version=8).SerializeToString()

    def run(self, image):
        options = ort.SessionOptions()
        options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
        session = ort.InferenceSession(self.model(), options, providers=["CPUExecutionProvider"])
        return session.run(None, {"image": image})[0]

    def extend(self, block):
        """Adds a block; False, and nothing is added, where ONNX Runtime refuses it."""
        before = list(self.nodes), list(self.constants), self.x
        try:
            self.x = getattr(self, block)()
            shape = self.run(self.normal(*self.image)).shape
        except Exception:  # of a class that ONNX Runtime does not export, or of a draw from nothing
            shape = ()
        if len(shape) != 4 or not 0 < np.prod(shape) <= MAX_VALUES:
            self.nodes, self.constants, self.x = before
            return False
        _, self.c, self.h, self.w = shape
        return True


def main():
    n, path = int(sys.argv[1]), sys.argv[2]
    parts, seed = [], 0
    while len(parts) < n:
        seed += 1
        network = Network(seed)
        blocks = []
        for _ in range(network.int(1, 6)):
            block = network.pick(*Network.BLOCKS)
            if not network.extend(block):
                break
            blocks.append(block)
        network.x = network.head()
        image = network.normal(*network.image)
        try:
            answer = network.run(image).reshape(1, -1)
        except Exception:  # the size of a pool in ceil mode, which ONNX infers wrongly
            continue
        if blocks and np.abs(answer).max() < 1e3:
            parts.append(packed(f"{seed} ({', '.join(blocks)})", network.model(), image, answer))
    with open(path, "wb") as file:
        file.write(b"".join(parts))
    print(f"{n} networks of {seed}, {sum(map(len, parts))} bytes")


if __name__ == "__main__":
    main()
