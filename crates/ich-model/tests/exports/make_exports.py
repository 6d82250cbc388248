#!/usr/bin/env python3
"""Writes the files beside it: one narrow network as every exporter writes it, and exports that must be refused;
and two networks of `../cases` that differ from it in one number.

Set-up:  python3 -m venv VENV && VENV/bin/pip install -r benches/python/requirements.txt
Run:     VENV/bin/python crates/ich-model/tests/exports/make_exports.py
Full:    VENV/bin/python crates/ich-model/tests/exports/make_exports.py --full WEIGHTS.pt FOLDER

The second form exports trained weights of full width to a folder, for a run of the tests with ICH_EXPORTS=FOLDER.
Weights are random with a fixed seed. What each file holds is in the names; `expected.json` has PyTorch's answers.
Two runs write the same bytes but for `legacy-nested.pt`, which holds memory addresses as keys.
"""
import argparse, copy, json, sys, warnings
from pathlib import Path
import numpy as np, onnx, safetensors.torch, torch
from onnx import TensorProto, helper, numpy_helper
HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[3] / "tests/golden"))
from network import Net
warnings.filterwarnings("ignore")

WIDTH = 2
LEGACY = dict(dynamo=False, input_names=["image"], output_names=["probability"])


def formula(rows, cols):
    """The image of the tests: (37 i mod 101) / 101 - 0.5 at index i."""
    i = np.arange(3 * rows * cols, dtype=np.int64)
    values = (i * 37 % 101).astype(np.float32) / np.float32(101) - np.float32(0.5)
    return torch.from_numpy(values.reshape(1, 3, rows, cols))


def network():
    """Its layers are used to the image, or units that are never or always active would hide wrong weights."""
    torch.manual_seed(18)
    net = Net(WIDTH)
    for m in net.modules():
        if isinstance(m, torch.nn.BatchNorm2d):
            m.weight.data.uniform_(0.6, 1.4)
            m.bias.data.uniform_(-0.3, 0.3)
    patches = 2 * torch.rand(32, 1, 8, 8)
    with torch.no_grad():
        for _ in range(40):
            net(formula(64, 64) * patches.repeat_interleave(8, 2).repeat_interleave(8, 3))
        net.eval()
        head = net.classifier[0]
        head.weight *= 5
        head.bias -= torch.cat([head(net.encoder(formula(*size))) for size in ((40, 56), (64, 64))]).mean()
    return net


class Mean(torch.nn.Module):
    """Global average pooling as some write it."""

    def forward(self, x):
        return x.mean((2, 3), keepdim=True)


def export(net, path, image, half=False, **settings):
    net = copy.deepcopy(net)
    if half:
        net, image = net.half(), image.half()
    torch.onnx.export(net, (image,), str(path), **settings)


def exports(net, folder, image, full):
    """ONNX files that must be read."""
    free = {"image": {0: "n", 2: "rows", 3: "cols"}, "probability": {0: "n"}}
    export(net, folder / "legacy-folded.onnx", image, **LEGACY)
    export(net, folder / "legacy-preserved.onnx", image, training=torch.onnx.TrainingMode.PRESERVE,
           do_constant_folding=False, **LEGACY)
    export(net, folder / "legacy-f16.onnx", image, half=True, **LEGACY)
    export(net, folder / "dynamo.onnx", image, dynamo=True, external_data=False)
    export(net, folder / "dynamo-external.onnx", image, dynamo=True, external_data=True)
    if full:
        return
    export(net, folder / "legacy-dynamic.onnx", image, dynamic_axes=free, **LEGACY)
    export(net, folder / "legacy-inputs.onnx", image, keep_initializers_as_inputs=True, opset_version=9, **LEGACY)
    by_mean = copy.deepcopy(net)
    by_mean.encoder.avgpool = Mean()
    export(by_mean, folder / "legacy-mean.onnx", image, **LEGACY)
    export(net, folder / "dynamo-f16.onnx", image, half=True, dynamo=True, external_data=False)
    export(net, folder / "dynamo-unoptimised.onnx", image, dynamo=True, external_data=False, optimize=False)
    dims = {"x": {0: torch.export.Dim("n"), 2: torch.export.Dim("rows", min=33), 3: torch.export.Dim("cols", min=33)}}
    export(net, folder / "dynamo-dynamic.onnx", torch.cat([image, image]), dynamo=True, external_data=False, dynamic_shapes=dims)
    for opset in range(28, 18, -1):
        try:
            export(net, folder / "dynamo-newest.onnx", image, dynamo=True, external_data=False, opset_version=opset)
            break
        except Exception as error:
            print("opset", opset, "is not written:", str(error).splitlines()[0][:100])
    for path in folder.glob("dynamo*.onnx"):
        strip(path)

    model = onnx.load(folder / "legacy-folded.onnx")
    for node in model.graph.node:
        if node.op_type == "Add":
            node.input[:] = reversed(node.input)
    onnx.save(model, folder / "swapped-add.onnx")
    onnx.save(cast_at_both_ends(onnx.load(folder / "legacy-f16.onnx")), folder / "cast-f16.onnx")


def strip(path):
    """Without the traces of the source code, which name folders of the machine."""
    model = onnx.load(path, load_external_data=False)
    del model.metadata_props[:], model.graph.metadata_props[:]
    for node in model.graph.node:
        del node.metadata_props[:]
        node.doc_string = ""
    for value in [*model.graph.value_info, *model.graph.input, *model.graph.output, *model.graph.initializer]:
        if hasattr(value, "metadata_props"):
            del value.metadata_props[:]
    path.write_bytes(model.SerializeToString())


def cast_at_both_ends(model):
    """As converters to half precision leave a model whose input and output stay f32."""
    graph = model.graph
    for value, name, at_start in (graph.input[0], "image-f32", True), (graph.output[0], "probability-f32", False):
        old, value.type.tensor_type.elem_type, value.name = value.name, TensorProto.FLOAT, name
        ends = (name, old) if at_start else (old, name)
        to = TensorProto.FLOAT16 if at_start else TensorProto.FLOAT
        node = helper.make_node("Cast", [ends[0]], [ends[1]], name=f"cast-{name}", to=to)
        graph.node.insert(0 if at_start else len(graph.node), node)
    return model


def refused(net, image):
    """ONNX files that must be refused; each differs from a good one in one thing."""
    export(net, HERE / "bad-training.onnx", image, training=torch.onnx.TrainingMode.TRAINING,
           do_constant_folding=False, **LEGACY)

    def edit(file, change, source="legacy-folded"):
        model = onnx.load(HERE / f"{source}.onnx")
        change(model)
        (HERE / file).write_bytes(model.SerializeToString())

    def nodes(model, op):
        return [node for node in model.graph.node if node.op_type == op]

    def attribute(node, name):
        return next(a for a in node.attribute if a.name == name)

    def stride(model):
        for node in nodes(model, "Conv"):
            if "/layer2.0/" in node.name and list(attribute(node, "strides").ints) == [2, 2]:
                attribute(node, "strides").ints[:] = [1, 1]

    def skip_relu(model):
        relu = nodes(model, "Relu")[2]
        for node in model.graph.node:
            node.input[:] = [relu.input[0] if i == relu.output[0] else i for i in node.input]
        model.graph.node.remove(relu)

    def shortcut(model):
        pool, second = nodes(model, "MaxPool")[0], nodes(model, "Add")[1]
        second.input[1] = pool.output[0]

    def nan(model):
        tensor = next(t for t in model.graph.initializer if len(t.dims) == 4)
        values = numpy_helper.to_array(tensor).copy()
        values.flat[5] = np.nan
        tensor.CopyFrom(numpy_helper.from_array(values, tensor.name))

    def short(model):
        tensor = model.graph.initializer[0]
        tensor.raw_data = tensor.raw_data[:-4]

    def reverse(model):
        reversed_nodes = list(reversed(model.graph.node))
        del model.graph.node[:]
        model.graph.node.extend(reversed_nodes)

    def ceil(model):
        pool = nodes(model, "MaxPool")[0]
        attribute(pool, "ceil_mode").i = 1

    def external(location):
        def change(model):
            tensor = model.graph.initializer[0]
            n_bytes = len(tensor.raw_data)
            tensor.ClearField("raw_data")
            tensor.data_location = TensorProto.EXTERNAL
            for key, value in ("location", location), ("offset", "0"), ("length", str(n_bytes)):
                entry = tensor.external_data.add()
                entry.key, entry.value = key, value
        return change

    def opset(model):
        model.opset_import[0].version = 99

    def alpha(model):
        attribute(nodes(model, "Gemm")[0], "alpha").f = 2.0

    def axes(model):
        pool = nodes(model, "GlobalAveragePool")[0]
        pool.op_type = "ReduceMean"
        pool.input.append("axes")
        model.graph.initializer.append(numpy_helper.from_array(np.array([1, 2]), "axes"))

    def logit(model):
        sigmoid = nodes(model, "Sigmoid")[0]
        sigmoid.op_type = "Tanh"

    def second_output(model):
        model.graph.output.append(helper.make_tensor_value_info(nodes(model, "Gemm")[0].output[0], TensorProto.FLOAT, None))

    def domain(model):
        nodes(model, "Relu")[0].domain = "com.example"

    for change in stride, skip_relu, shortcut, nan, short, reverse, ceil, opset, axes, logit, second_output, domain:
        edit(f"bad-{change.__name__.replace('_', '-')}.onnx", change)
    edit("bad-external-above.onnx", external("../outside.bin"))
    edit("bad-external-absolute.onnx", external("/etc/passwd"))
    edit("bad-external-missing.onnx", external("missing.bin"))
    edit("../cases/gemm-alpha.onnx", alpha)
    edit("../cases/epsilon.onnx", lambda model: setattr(attribute(nodes(model, "BatchNormalization")[3], "epsilon"), "f", 1e-3), "legacy-preserved")

    other = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.ReLU(), torch.nn.Flatten(), torch.nn.Linear(4 * 36, 1))
    export(other.eval(), HERE / "bad-other.onnx", torch.zeros(1, 3, 8, 8), **LEGACY)


def state_dicts(net):
    """PyTorch and safetensors files as training programs leave them."""
    state = net.state_dict()
    prefixed = lambda prefix: {prefix + key: value for key, value in state.items()}
    optimizer = torch.optim.SGD(net.classifier.parameters(), lr=0.1, momentum=0.9)
    net(formula(40, 56)).sum().backward()
    kept = copy.deepcopy(state)
    optimizer.step()
    net.load_state_dict(kept)
    net.zero_grad()

    torch.save(state, HERE / "network.pt")
    torch.save({"state_dict": state, "epoch": 3, "optimizer": optimizer.state_dict()}, HERE / "nested-state_dict.pt")
    torch.save({"model": state}, HERE / "nested-model.pt")
    torch.save({"net": state, "note": "by hand"}, HERE / "nested-net.pt")
    torch.save(prefixed("module."), HERE / "prefix-module.pt")
    lightning = {"state_dict": prefixed("model.net."), "hyper_parameters": {"lr": 0.1}, "pytorch-lightning_version": "2.0"}
    torch.save(lightning, HERE / "prefix-lightning.pt")
    torch.save({"state_dict": prefixed("module.")}, HERE / "legacy-nested.pt", _use_new_zipfile_serialization=False)
    torch.save(net, HERE / "whole-module.pt")
    torch.save({"model": state, "model_ema": state}, HERE / "bad-two-networks.pt")
    torch.save({"state_dict": {**prefixed("module."), "module.extra": torch.zeros(2)}}, HERE / "bad-surplus.pt")
    for name, dtype in ("f16", torch.float16), ("bf16", torch.bfloat16), ("f64", torch.float64):
        cast = {key: value.to(dtype) if value.is_floating_point() else value for key, value in state.items()}
        torch.save(cast, HERE / f"{name}.pt")
        safetensors.torch.save_file({key: value.contiguous() for key, value in cast.items()}, HERE / f"{name}.safetensors")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--full", nargs=2, metavar=("WEIGHTS", "FOLDER"))
    full = parser.parse_args().full
    if full:
        state = torch.load(full[0], weights_only=True)
        net = Net(64).eval()
        net.load_state_dict(state)
        folder, image = Path(full[1]), formula(512, 512)
        folder.mkdir(parents=True, exist_ok=True)
    else:
        net, folder, image = network(), HERE, formula(64, 64)
    for path in folder.glob("*.onnx*"):
        path.unlink()
    exports(net, folder, image, bool(full))
    if not full:
        refused(net, image)
        state_dicts(net)
    sizes = [(512, 512)] if full else [(40, 56), (64, 64)]
    with torch.no_grad():
        answers = {f"{rows}x{cols}": net(formula(rows, cols)).item() for rows, cols in sizes}
    operators = {}
    for path in sorted(folder.glob("*.onnx")):
        model = onnx.load(path, load_external_data=False)
        operators[path.name] = model.opset_import[0].version
    (folder / "expected.json").write_text(json.dumps(dict(probability=answers, opset=operators), indent=1) + "\n")


main()
