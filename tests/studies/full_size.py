#!/usr/bin/env python3
"""Exports full-size classifiers with random weights, to try and time programs on the networks that people use.

    python tests/studies/full_size.py FOLDER                  # all; ten minutes on one core, 1 GB
    python tests/studies/full_size.py FOLDER resnet50 vgg16_bn

For each network FOLDER gets NAME.onnx and NAME.ich.json for 512 x 512 pixels. It takes images of any size; the declaration's `size` can be
changed. VGG's own last layers read 7 x 7 positions and fix the size: they are in vgg16_bn-224.onnx, and vgg16_bn.onnx pools to one value a
channel before a single linear map. `slice-512.npy` and
`background-512.npy` (and 224, 299) are a synthetic head with two bleeds and the mean of clear heads in Hounsfield units, int16; expected.json
says what ONNX Runtime makes of them. Needs the packages of tests/networks/README.md and timm.

Weights are random with a fixed seed. Batch normalisations hold means and variances of synthetic slices, as if trained, and the last layer
is chosen so that its logit is -1.5 for the background and 1.5 for the slice.
"""
import argparse, json, logging, sys, warnings
from pathlib import Path

warnings.filterwarnings("ignore")
logging.disable(logging.WARNING)
import numpy as np, onnx, onnxruntime, timm, torch, torchvision
from torch import nn

sys.path.insert(0, str(Path(__file__).parents[1] / "networks"))
from heads import INNER, Head, network_input
from ort_hshap import Network

INPUT = {"channels": [{"window": "brain"}] * 3, "mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225]}
TORCHVISION = ["resnet50", "densenet121", "efficientnet_b0", "vgg16_bn", "mobilenet_v2", "mobilenet_v3_large", "convnext_tiny", "inception_v3"]
TIMM = ["seresnext50_32x4d"]
# Files by network, with the sizes to try; the first is that of the declaration.
FILES = {name: {name: [512, 224]} for name in TORCHVISION + TIMM}
FILES["inception_v3"] = {"inception_v3": [512, 299]}
FILES["vgg16_bn"] = {"vgg16_bn": [512, 224], "vgg16_bn-224": [224]}


def classifier(name):
    """The network of a file, with one output."""
    if name == "vgg16_bn":
        net = torchvision.models.vgg16_bn()
        net.avgpool, net.classifier = nn.AdaptiveAvgPool2d(1), nn.Linear(512, 1)
        return net
    name = name.removesuffix("-224")
    if name in TIMM:
        return timm.create_model(name, num_classes=1)
    return getattr(torchvision.models, name)(num_classes=1, **({"aux_logits": False} if name == "inception_v3" else {}))


def slice_and_background(folder, side):
    """Saves and returns both, HU."""
    rng = np.random.default_rng(21)
    head = Head(rng, side)
    deep = head.ellipse(0.15, -0.45, 0.18, 0.15) < 1
    crescent = (head.radius < INNER) & (head.radius > INNER - 0.12 * (1 - np.clip(np.abs(head.away(-0.2)) / 1.2, 0, 1) ** 4))
    hu = head.slice([deep, crescent], rng)
    background = np.mean([h.slice([], rng) for h in (Head(rng, side) for _ in range(8))], 0).round().astype(np.int16)
    np.save(folder / f"slice-{side}.npy", hu)
    np.save(folder / f"background-{side}.npy", background)
    return hu, background


def calibrate(net, hu, background):
    """Normalisations and the last layer, as the text above says."""
    norms = [m for m in net.modules() if isinstance(m, nn.BatchNorm2d)]
    images = [network_input(INPUT, [s[::2, ::2] if len(s) > 300 else s]) for s in (hu, background, hu[:, ::-1], hu[::-1])]
    net.eval()
    for m in norms:
        m.momentum = None  # the mean over all that is seen
        m.train()
    net(torch.from_numpy(np.stack(images)))
    net.eval()
    last = [m for m in net.modules() if isinstance(m, nn.Linear)][-1]
    vectors = []
    hook = last.register_forward_pre_hook(lambda _, inputs: vectors.append(inputs[0].double()))
    for s in (background, hu):
        net(torch.from_numpy(network_input(INPUT, [s])[None]))
    hook.remove()
    of_background, of_slice = (v[0] for v in vectors)
    direction = of_slice - of_background
    weight = 3 * direction / direction.square().sum()
    last.weight.copy_(weight[None])
    last.bias.fill_(float(-1.5 - weight @ of_background))
    return float(direction.norm() / of_background.norm())


def export(net, path, side, any_size):
    axes = {"image": {0: "batch", **({2: "rows", 3: "cols"} if any_size else {})}, "output": {0: "batch"}}
    net = nn.Sequential(net, nn.Sigmoid()).eval()
    torch.onnx.export(net, torch.zeros(1, 3, side, side), path, opset_version=17, input_names=["image"], output_names=["output"], dynamic_axes=axes, dynamo=False)
    declared = {"ich_model": 1, "input": {"layout": "NCHW", "size": [side, side], **INPUT}, "output": {"values": "probabilities", "labels": ["hemorrhage"]}}
    path.with_suffix(".ich.json").write_text(json.dumps(declared, indent=1) + "\n")
    return net


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("folder", type=Path)
    p.add_argument("networks", nargs="*", default=TORCHVISION + TIMM)
    a = p.parse_args()
    a.folder.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    torch.set_grad_enabled(False)
    record = a.folder / "expected.json"
    expected = json.loads(record.read_text()) if record.exists() else {}
    slices = {side: slice_and_background(a.folder, side) for side in (512, 299, 224)}
    for file, sides in [item for name in a.networks for item in FILES[name].items()]:
        torch.manual_seed(30)
        net = classifier(file)
        apart = calibrate(net, *slices[sides[0]])
        path = a.folder / f"{file}.onnx"
        whole = export(net, path, sides[0], any_size=not file.endswith("-224"))
        network = Network(path)
        expected[file] = {"opset": onnx.load(path).opset_import[0].version, "features apart": round(apart, 5)}
        for side in sides:
            images = np.stack([network_input(INPUT, [hu]) for hu in slices[side]])
            of_torch = whole(torch.from_numpy(images))[:, 0].double().numpy()
            of_ort = np.array([network(image[None])[0] for image in images])
            expected[file][str(side)] = {"slice": float(of_ort[0]), "background": float(of_ort[1]), "from PyTorch": float(np.abs(of_ort - of_torch).max())}
        print(file, expected[file], flush=True)
        expected["versions"] = {m.__name__: m.__version__ for m in (torch, torchvision, timm, onnx, onnxruntime)}
        record.write_text(json.dumps(expected, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
