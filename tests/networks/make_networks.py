#!/usr/bin/env python3
"""Makes the small networks of this folder, the slices for them, and what ONNX Runtime says of those (README.md).

    python tests/networks/make_networks.py              # all; ten minutes on one core
    python tests/networks/make_networks.py photographs  # only this one
"""
import json, logging, sys, warnings
from pathlib import Path

warnings.filterwarnings("ignore")
logging.disable(logging.WARNING)
import networks
import keras, numpy as np, onnx, onnxruntime, torch
import nifti, training
from heads import INNER, KINDS, LABELS, Head, network_input

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "studies"))
from ort_hshap import Network, explain_image

IMAGENET = {"mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225]}
DECLARATIONS = {
    "six_labels": {
        "ich_model": 1,
        "input": {"layout": "NCHW", "size": [128, 128], "channels": [{"window": "brain"}, {"window": "subdural"}, {"window": "bone"}], **IMAGENET},
        "output": {"values": "logits", "activation": "sigmoid", "labels": LABELS, "explain": "any", "thresholds": {"subdural": 0.4}},
    },
    "keras_nhwc": {
        "ich_model": 1,
        "input": {"layout": "NHWC", "channels": [{"window": "brain"}], "range": [0, 255]},
        "output": {"values": "probabilities", "labels": ["clear", "hemorrhage"], "explain": "hemorrhage"},
    },
    "three_slices": {
        "ich_model": 1,
        "input": {"channels": [{"window": "brain", "slice": -1}, {"window": "brain"}, {"window": "brain", "slice": 1}], **IMAGENET},
        "output": {"labels": ["hemorrhage"]},
    },
    "embedded": {
        "ich_model": 1,
        "input": {"channels": [{"window": [40, 80]}, {"hounsfield": [-20, 180]}], "mean": [0.4, 40.0], "std": [0.3, 50.0]},
        "output": {"values": "probabilities", "labels": ["hemorrhage"], "thresholds": {"hemorrhage": 0.3}},
    },
}


def export(net, name, shape, dynamic=False):
    """PyTorch's exporter that traces. Batches of any size, and with `dynamic` images of any size."""
    path = HERE / f"{name}.onnx"
    axes = {"image": {0: "batch", **({2: "rows", 3: "cols"} if dynamic else {})}, "output": {0: "batch"}}
    torch.onnx.export(net, torch.zeros(shape), path, opset_version=17, input_names=["image"], output_names=["output"], dynamic_axes=axes, dynamo=False)
    return path


def declare(name):
    (HERE / f"{name}.ich.json").write_text(json.dumps(DECLARATIONS[name], indent=1) + "\n")


def record(name, network, cases):
    """Puts what the network says of named inputs [channels, rows, cols] into expected.json."""
    path = HERE / "expected.json"
    expected = json.loads(path.read_text()) if path.exists() else {}
    expected["onnxruntime"] = onnxruntime.__version__
    expected[name] = {}
    for case, x in cases.items():
        outputs, probabilities = network.outputs(x[None])[0], network.probabilities(x[None])[0]
        expected[name][case] = {"outputs": [float(f"{v:.9g}") for v in outputs], "probabilities": [float(f"{v:.9g}") for v in probabilities]}
        print(name, case, np.round(probabilities, 4))
    path.write_text(json.dumps(expected, indent=1, sort_keys=True) + "\n")


def record_map(name, network, image, background, levels):
    """The h-Shap map of one grid, one value a cell, beside the network."""
    saliency, n_evaluations = explain_image(network, image, background, levels)
    rows, cols = (n >> levels for n in saliency.shape)
    np.save(HERE / f"{name}.map.npy", saliency[::rows, ::cols].astype(np.float32))
    print(name, "map: sum", saliency.sum(), "largest", saliency.max(), "evaluations", n_evaluations)


def two_bleeds(side):
    """A head with a bleed deep in the brain on the left of the image, and a crescent at the skull on its right."""
    rng = np.random.default_rng(12)
    head = Head(rng, side)
    deep = head.ellipse(0.18, -0.46, 0.17, 0.14) < 1
    crescent = (head.radius < INNER) & (head.radius > INNER - 0.13 * (1 - np.clip(np.abs(head.away(-0.3)) / 1.2, 0, 1) ** 4))
    return head, [deep, crescent], rng


def make_slices():
    """Slices of 128 pixels, and those of 64: every second pixel of them."""
    head, bleeds, rng = two_bleeds(128)
    slices = {"two_bleeds": head.slice(bleeds, rng), "clear": head.slice([], rng)}
    for name, hu in slices.items():
        np.save(HERE / f"{name}.npy", hu)
        np.save(HERE / f"{name}_64.npy", hu[::2, ::2].copy())


def load(name):
    return np.load(HERE / f"{name}.npy")


def make_six_labels():
    declared = DECLARATIONS["six_labels"]["input"]
    torch.manual_seed(3)
    net, mean_clear = training.six_labels(networks.six_labels(), declared)
    np.save(HERE / "mean_clear.npy", mean_clear)
    export(net, "six_labels", (1, 3, 128, 128), dynamic=True)
    declare("six_labels")
    inputs = {name: network_input(declared, [load(name)]) for name in ["two_bleeds", "clear", "mean_clear", "two_bleeds_64"]}
    for label in ["any", "subdural", "intraparenchymal"]:
        network = Network(HERE / "six_labels.onnx", label)
        record_map(f"six_labels.{label}", network, inputs["two_bleeds"], inputs["mean_clear"], levels=4)
    record("six_labels", network, inputs)


def make_embedded():
    declared = DECLARATIONS["embedded"]["input"]
    torch.manual_seed(4)
    rng = np.random.default_rng(4)
    net = training.any_bleed(networks.windows_and_hounsfield(), declared, *training.heads_and_masks(1200, 64, rng))
    path = export(net, "embedded", (1, 2, 64, 64))
    model = onnx.load(path)
    onnx.helper.set_model_props(model, {"ich.model": json.dumps(DECLARATIONS["embedded"])})
    onnx.save(model, path)
    network = Network(path, declared=DECLARATIONS["embedded"])
    record("embedded", network, {name: network_input(declared, [load(name)]) for name in ["two_bleeds_64", "clear_64"]})


def make_three_slices():
    declared = DECLARATIONS["three_slices"]["input"]
    torch.manual_seed(5)
    rng = np.random.default_rng(5)
    volumes, labels = training.three_slices_of_heads(1200, 64, rng)
    images = np.stack([network_input(declared, volume, 1) for volume in volumes])
    net = training.fit(networks.three_slices(), images, labels, steps=500)
    with torch.no_grad():  # a third of the logits, so that no probability is 1 in f32
        for parameter in net[-2][-1].parameters():
            parameter /= 3
    export(net, "three_slices", (1, 3, 64, 64))
    declare("three_slices")
    head, bleeds, rng = two_bleeds(64)
    volume = np.array([head.slice(some, rng) for some in [[], [], bleeds, bleeds, bleeds[1:]]])
    # 200 mm of head; slices of 5 mm, from the feet to the head
    nifti.write(HERE / "five_slices.nii.gz", volume, pixel_mm=200 / 64, slice_mm=5.0)
    network = Network(HERE / "three_slices.onnx")
    record("three_slices", network, {f"slice {i}": network_input(declared, volume, i) for i in range(len(volume))})


def make_keras_nhwc():
    declared = DECLARATIONS["keras_nhwc"]["input"]
    keras.utils.set_random_seed(6)
    slices, masks = training.heads_and_masks(1200, 64, np.random.default_rng(6))
    images = np.stack([network_input(declared, [hu])[0] for hu in slices])[..., None]
    model = networks.keras_nhwc(64)
    model.compile(optimizer=keras.optimizers.Adam(3e-3), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(images, masks.any((1, 2, 3)).astype(int), batch_size=64, epochs=12, verbose=2)
    model.export(HERE / "keras_nhwc.onnx", format="onnx", verbose=False)
    declare("keras_nhwc")
    network = Network(HERE / "keras_nhwc.onnx")
    record("keras_nhwc", network, {name: network_input(declared, [load(name)]) for name in ["two_bleeds_64", "clear_64"]})


def draw_photograph():
    """A field under a sky with a sun and two trees: RGB from 0 to 1, [3, 48, 64]."""
    rng = np.random.default_rng(7)
    y, x = np.mgrid[0:48, 0:64] / 48
    rgb = np.stack([0.45 + 0.3 * y, 0.6 + 0.2 * y, 0.95 - 0.1 * y])
    rgb = np.where(y > 0.62, np.stack([0.35 + 0.1 * x, 0.55 - 0.1 * y, 0.2 + 0 * x]), rgb)
    rgb = np.where(np.hypot(y - 0.2, x - 1.05) < 0.12, np.array([1.0, 0.9, 0.5])[:, None, None], rgb)
    for at, size in [(0.3, 0.2), (0.75, 0.13)]:
        rgb = np.where(np.hypot(y - 0.55, x - at) < size, np.array([0.1, 0.35, 0.12])[:, None, None], rgb)
    return np.clip(rgb + rng.normal(0, 0.02, rgb.shape), 0, 1).astype(np.float32)


def make_photographs():
    """Random weights; means and deviations of the normalisations are those of pieces of the photograph, and the last layer is
    scaled so that its outputs differ."""
    torch.manual_seed(10)
    net = networks.Photographs()
    photograph = draw_photograph()
    grey = np.full_like(photograph, 0.5)
    shown = training.shown_cells(64, 64, np.random.default_rng(8))[:, None, :48]
    pieces = torch.from_numpy(np.where(shown, photograph, grey))
    for module in net.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.momentum = None  # means over all that is seen
    with torch.no_grad():
        for _ in range(4):
            net.train()(pieces)
        net.eval()
        last = net.classifier[-1]
        vectors = net.classifier[:-1](net.features((pieces - net.mean) / net.std))
        last.weight *= 0.4 / (vectors @ last.weight.T).std(0, keepdim=True).T
        last.bias -= (vectors @ last.weight.T + last.bias).mean(0)
    path = export(net, "photographs", (1, 3, 48, 64), dynamic=True)
    np.save(HERE / "photograph.npy", photograph)
    network = Network(path, declared={"input": {}, "output": {}})
    record("photographs", network, {"photograph": photograph, "grey": grey})
    network.label = int(network.probabilities(photograph[None])[0].argmax())
    record_map("photographs", network, photograph, grey, levels=3)


MAKERS = {"six_labels": make_six_labels, "keras_nhwc": make_keras_nhwc, "photographs": make_photographs, "three_slices": make_three_slices, "embedded": make_embedded}

if __name__ == "__main__":
    torch.set_num_threads(1)
    make_slices()
    for name in sys.argv[1:] or MAKERS:
        MAKERS[name]()
