#!/usr/bin/env python3
"""Writes the small goldens beside it: a narrow network, two slices, and what PyTorch and h-shap 0.1.6 say of them.

Set-up:  python3 -m venv VENV && VENV/bin/pip install torch==2.15.0 torchvision==0.29.2 numpy==2.4.6 safetensors h-shap==0.1.6
Run:     VENV/bin/python tests/golden/make_golden.py

Everything is random with fixed seeds and owes nothing to real images. h-shap 0.1.6 uses np.math, which NumPy 2
lacks: it is put back below.
"""
import json, math
from pathlib import Path
import numpy as np, safetensors.torch, torch
from torch import nn
from network import Net
np.math = math
from hshap.src import Explainer

HERE = Path(__file__).parent
WIDTH = 4
MEAN = torch.tensor([0.485, 0.456, 0.406]).view(3, 1, 1)
STD = torch.tensor([0.229, 0.224, 0.225]).view(3, 1, 1)


def slice_hu(rng, rows, cols):
    """An ellipse of brain in a ring of bone, with a bright blob; air outside, padding in the corners."""
    y, x = np.mgrid[0:rows, 0:cols]
    y, x = (y - 0.48 * rows) / rows, (x - 0.52 * cols) / cols
    d = np.hypot(y / 0.42, x / 0.38)
    hu = np.where(d < 1, 950.0, -1000.0)
    hu[d < 0.86] = 32
    hu[np.hypot(y, x + 0.02) < 0.08] = 8
    hu[np.hypot((y + 0.12) / 0.8, (x - 0.14) / 0.6) < 0.1] = 68
    hu += rng.normal(0, 4, hu.shape)
    hu[d > 1.45] = -3024
    return np.round(hu).astype(np.int16)


def window(hu, level=40, width=80):
    lo, hi = level - width // 2, level + width // 2
    return (np.clip(hu.astype(np.float32), lo, hi) - lo) / (hi - lo)


def normalise(grey):
    return (torch.from_numpy(grey)[None].repeat(3, 1, 1) - MEAN) / STD


def network(rng):
    torch.manual_seed(20260)
    net = Net(WIDTH)
    warm_up = torch.stack([normalise(window(slice_hu(rng, 64, 64))) for _ in range(16)])
    warm_up *= (torch.rand(16, 1, 8, 8) < 0.7).float().repeat_interleave(8, 2).repeat_interleave(8, 3)
    with torch.no_grad():
        for m in net.modules():
            if isinstance(m, nn.BatchNorm2d):
                m.weight.uniform_(0.6, 1.4)
                m.bias.uniform_(-0.3, 0.3)
        net.train()
        for _ in range(40):
            net(warm_up)
        net.eval()
    return net


def calibrate(net, inputs):
    """Puts the slices' logits near +3 and their backgrounds' near -3, so that parts of a slice matter."""
    with torch.no_grad():
        logits = lambda: torch.stack([net.classifier[0](net.encoder(t[None])) for pair in inputs for t in pair]).view(-1, 2)
        net.classifier[0].weight *= 6 / (logits()[:, 0] - logits()[:, 1]).mean()
        net.classifier[0].bias -= logits().mean()


def main():
    rng = np.random.default_rng(7)
    net = network(rng)
    torch.set_grad_enabled(False)
    inputs, probabilities = {}, {}
    for name, (rows, cols) in {"square": (64, 64), "wide": (48, 80)}.items():
        hu = slice_hu(rng, rows, cols)
        mean = np.mean([window(slice_hu(rng, rows, cols)) for _ in range(6)], axis=0, dtype=np.float32)
        np.save(HERE / f"{name}.npy", hu)
        np.save(HERE / f"{name}-background.npy", mean)
        inputs[name] = normalise(window(hu)), normalise(mean)
        torch.save(inputs[name][1], HERE / f"{name}-background.pt")
    calibrate(net, inputs.values())
    for name in inputs:
        for key, tensor in (name, inputs[name][0]), (f"{name}-background", inputs[name][1]):
            logit = net.classifier[0](net.encoder(tensor[None])).item()
            probabilities[key] = dict(logit=logit, probability=net(tensor[None]).item())

    state = net.state_dict()
    torch.save(state, HERE / "small.pt")
    torch.save(state, HERE / "small-legacy.pt", _use_new_zipfile_serialization=False)
    safetensors.torch.save_file({k: v.contiguous() for k, v in state.items()}, HERE / "small.safetensors")
    half = {k: v.half() if v.is_floating_point() else v for k, v in state.items()}
    safetensors.torch.save_file(half, HERE / "small-f16.safetensors")


    quarter = [0.0, 0.5 * math.pi, math.pi, 1.5 * math.pi]
    cases = [
        dict(name="square-plain", slice="square", s=16),
        dict(name="square-rolled", slice="square", s=32, roll=[5, -9]),
        dict(name="square-cycle", slice="square", s=16, percentile=70.0, radii=[0.0, 5.0, 13.0], angles=quarter),
        dict(name="square-relative", slice="square", s=16, percentile=70.0),
        dict(name="wide-plain", slice="wide", s=12),
        dict(name="wide-rolled", slice="wide", s=24, roll=[-7, 31]),
        dict(name="wide-cycle", slice="wide", s=24, radii=[0.0, 9.5], angles=[0.0, 1.0, 2.0, 3.5]),
        dict(name="wide-relative", slice="wide", s=12, percentile=60.0),
    ]
    for case in cases:
        x, background = inputs[case["slice"]]
        case["evaluations"] = explain(case, net, x, background)

    # Three outputs under softmax, by a formula that needs no network: tanh of a weighted sum.
    rows, cols = 12, 20
    image, background = rng.normal(size=(2, rows, cols)), rng.normal(size=(2, rows, cols)) * 0.1
    image[:, :5, 12:] = background[:, :5, 12:]
    arrays = dict(image=image, background=background, filters=rng.normal(size=(3, 2, rows, cols)) * 0.25)
    arrays = {k: v.astype(np.float32) for k, v in arrays.items()}
    for key, array in arrays.items():
        np.save(HERE / f"formula-{key}.npy", array.reshape(-1, cols))
    filters = torch.from_numpy(arrays["filters"])
    formula = lambda images: 3 * torch.tanh(torch.einsum("nchw,kchw->nk", images, filters))
    case = dict(name="formula-softmax", s=3, label=2, softmax=True, percentile=60.0)
    case["evaluations"] = explain(case, formula, *(torch.from_numpy(arrays[k]) for k in ("image", "background")))
    cases.append(case)

    # The network that is shipped, at full width, on an image small enough for any device.
    shipped = Net(64)
    weights = safetensors.torch.load_file(HERE.parent.parent / "weights" / "ich-demo.safetensors")
    shipped.load_state_dict({k: v.float() if v.is_floating_point() else v for k, v in weights.items()}, strict=False)
    shipped.eval()
    # 64 x 64 pixels of a synthetic slice, a piece of its bleed, and what the shipped background shows there.
    x, background = (torch.from_numpy(np.load(HERE / f"crop{part}.npy")) for part in ("", "-background"))
    x, background = normalise(window(x.numpy())), normalise(background.numpy())
    probabilities["crop"], probabilities["crop-background"] = (
        dict(logit=shipped.classifier[0](shipped.encoder(t[None])).item(), probability=shipped(t[None]).item()) for t in (x, background))
    for case in (
        dict(name="crop-plain", slice="crop", s=32),
        dict(name="crop-cycle", slice="crop", s=64, radii=[0.0, 7.0], angles=quarter[:2]),
    ):
        case["evaluations"] = explain(case, shipped, x, background)
        cases.append(case)

    (HERE / "cases.json").write_text(json.dumps(dict(width=WIDTH, predictions=probabilities, cases=cases), indent=1) + "\n")


def explain(case, model, x, background):
    n = 0

    def counted(images):
        nonlocal n
        n += images.shape[0]
        return model(images)

    percentile = case.get("percentile")
    settings = dict(
        label=case.get("label", 0), s=case["s"], softmax_activation=case.get("softmax", False), batch_size=2,
        threshold_mode="absolute" if percentile is None else "relative", threshold=0.0 if percentile is None else percentile)
    explainer = Explainer(model=counted, background=background)
    if "radii" in case:
        m = explainer.cycle_explain(x.clone(), R=case["radii"], A=case["angles"], **settings)
    else:
        row, column = case.get("roll", [0, 0])
        m = explainer.explain(x.clone(), roll_row=row, roll_column=column, **settings)
    m = m.numpy()[0].astype(np.float32)
    np.save(HERE / f"{case['name']}.npy", m)
    print(case["name"], "evaluations", n, "max", m.max(), "cells", len(np.unique(m)))
    return n


main()
