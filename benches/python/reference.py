"""The side of the comparison that is not ours: the network on PyTorch and ONNX Runtime, explained by h-shap 0.1.6.

compare.py calls this file; each command prints one JSON object, `export` nothing.
"""
import argparse
import json
import logging
import math
import resource
import time
import warnings
from pathlib import Path

import numpy as np
import safetensors.torch
import torch
import torchvision

np.math = math  # h-shap 0.1.6 needs it, NumPy 2 lacks it
from hshap.src import Explainer  # noqa: E402

MEAN = torch.tensor([0.485, 0.456, 0.406]).view(3, 1, 1)
STD = torch.tensor([0.229, 0.224, 0.225]).view(3, 1, 1)


class RSNAHemorrhageNet(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = torchvision.models.resnet18(weights=None)
        self.encoder.fc = torch.nn.Linear(512, 128)
        self.classifier = torch.nn.Sequential(torch.nn.Linear(128, 1), torch.nn.Sigmoid())

    def forward(self, images):
        return self.classifier(self.encoder(images))


def network(path):
    """The network with the weights of a safetensors file, in f32. Counters of training steps may be missing."""
    state = {key: tensor.float() for key, tensor in safetensors.torch.load_file(path).items()}
    net = RSNAHemorrhageNet()
    missing, unexpected = net.load_state_dict(state, strict=False)
    wrong = unexpected + [key for key in missing if not key.endswith("num_batches_tracked")]
    if wrong:
        raise SystemExit(f"{path}: missing or unexpected: {', '.join(wrong)}")
    return net.eval()


def normalise(grey):
    """A grey image from 0 to 1 on three channels, as the network takes it."""
    return (grey[None].repeat(3, 1, 1) - MEAN) / STD


def read_slice(path, level=40, width=80):
    """A slice in Hounsfield units as the network takes it, [3, rows, cols]."""
    lo, hi = level - width // 2, level + width // 2
    return normalise(torch.from_numpy((np.clip(np.load(path).astype(np.float32), lo, hi) - lo) / (hi - lo)))


def read_background(path):
    """A grey background from 0 to 1, or one of three channels that is normalised already."""
    if path.suffix == ".npy":
        tensor = torch.from_numpy(np.load(path))
    elif path.suffix == ".pt":
        tensor = torch.load(path, map_location="cpu")
    else:
        (tensor,) = safetensors.torch.load_file(path).values()
    return tensor.float() if tensor.ndim == 3 else normalise(tensor.float())


def export(args):
    warnings.filterwarnings("ignore")
    logging.disable(logging.WARNING)
    images = read_slice(args.slice)[None].repeat(2, 1, 1, 1)
    torch.onnx.export(
        network(args.weights), (images,), args.onnx, input_names=["images"], output_names=["probabilities"],
        dynamic_shapes=({0: torch.export.Dim("n")},), external_data=False, dynamo=True, verbose=False)


def onnx_model(path, threads):
    import onnxruntime  # here, so that it does not count as PyTorch's memory

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    return lambda images: torch.from_numpy(session.run(None, {"images": images.numpy()})[0])


def model(args):
    return network(args.weights) if args.engine == "torch" else onnx_model(args.onnx, args.threads)


def forward(args):
    net = model(args)
    images = read_background(args.background)[None].repeat(args.batch, 1, 1, 1)
    seconds = []
    for _ in range(2 + args.repeats):
        start = time.perf_counter()
        net(images)
        seconds.append((time.perf_counter() - start) / args.batch)
    return dict(seconds_per_image=seconds[2:])


def explain(args):
    net, image, background = model(args), read_slice(args.slice), read_background(args.background)
    evaluations = 0

    def counted(images):
        nonlocal evaluations
        evaluations += len(images)
        return net(images)

    probability = net(image[None]).item()
    before_mib = peak_mib()
    start = time.perf_counter()
    saliency = Explainer(counted, background).cycle_explain(
        image, label=0, s=args.min_size, R=args.radii,
        A=np.linspace(0, 2 * np.pi, args.angles, endpoint=False),
        threshold_mode="absolute", threshold=0, softmax_activation=False, batch_size=2)
    seconds = time.perf_counter() - start
    np.save(args.map, saliency.numpy()[0])
    return dict(seconds=seconds, evaluations=evaluations, probability=probability, before_mib=before_mib)


def peak_mib():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("command", choices=["export", "forward", "explain"])
    parser.add_argument("--engine", choices=["torch", "onnx"], default="torch")
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--slice", type=Path, required=True)
    parser.add_argument("--onnx", type=Path)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--batch", type=int, default=1)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--background", type=Path)
    parser.add_argument("--radii", type=lambda text: [float(radius) for radius in text.split(",")])
    parser.add_argument("--angles", type=int)
    parser.add_argument("--min-size", type=int)
    parser.add_argument("--map", type=Path)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.set_num_interop_threads(1)
    if args.command == "export":
        export(args)
    else:
        with torch.inference_mode():
            print(json.dumps(dict(forward=forward, explain=explain)[args.command](args)))


main()
