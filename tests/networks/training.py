"""Trains the small networks for a minute or two each, on synthetic heads, on one thread."""
import numpy as np, torch
from heads import KINDS, Head, network_input


def some_bleeds(head, rng):
    """One mask of pixels for each kind, empty where the head has none of it. A third of the heads is clear."""
    nothing = np.zeros((head.side, head.side), bool)
    clear = rng.random() < 0.3
    return [nothing if clear or rng.random() > 0.3 else head.bleed(kind, rng) for kind in KINDS]


def heads_and_masks(n, side, rng):
    """Slices (HU) and where each kind of bleed is in them: [n, side, side] and [n, kinds, side, side]."""
    slices, masks = [], []
    for _ in range(n):
        head = Head(rng, side)
        bleeds = some_bleeds(head, rng)
        slices.append(head.slice(bleeds, rng))
        masks.append(bleeds)
    return np.array(slices), np.array(masks)


def shown_cells(n, side, rng):
    """Which pixels of n images are shown, in cells of 8 to 64 pixels; half of the images are shown whole."""
    shown = np.ones((n, side, side), bool)
    for i in range(0, n, 2):
        cell = int(rng.choice([8, 16, 32, 64]))
        some = rng.random((-(-side // cell),) * 2) < rng.uniform(0.2, 1)
        shown[i] = some.repeat(cell, 0).repeat(cell, 1)[:side, :side]
    return shown


def fit(net, images, labels, steps, batch=64, rate=4e-3, masked=None, seed=0):
    """Adam on binary cross-entropy of logits; the last layer of `net` may be a sigmoid, which is left out.

    `masked(images, chosen, rng)` gives other images, their labels and weights of the labels; without it all weights are 1.
    """
    logits = net[:-1] if isinstance(net[-1], torch.nn.Sigmoid) else net
    rng = np.random.default_rng(seed)
    optimizer = torch.optim.Adam(net.parameters(), rate)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, steps)
    net.train()
    for step in range(steps):
        chosen = rng.integers(len(images), size=batch)
        x, y, weight = images[chosen], labels[chosen], np.ones_like(labels[chosen])
        if masked is not None:
            x, y, weight = masked(x, chosen, rng)
        if rng.random() < 0.5:
            x = x[..., ::-1].copy()
        answer = logits(torch.from_numpy(x))
        loss = torch.nn.functional.binary_cross_entropy_with_logits(answer, torch.from_numpy(y), torch.from_numpy(weight))
        optimizer.zero_grad(); loss.backward(); optimizer.step(); schedule.step()
        if step % 200 == 0 or step == steps - 1:
            print(f"  step {step}: loss {loss.item():.3f}", flush=True)
    return net.eval()


def hide_bleeds(masks, background):
    """For `fit`: shows cells of an image over the background; a label is 1 if the shown part of its bleed is large, unknown if small."""

    def masked(x, chosen, rng):
        shown = shown_cells(len(x), x.shape[-1], rng)
        size = masks[chosen].sum((2, 3))
        share = (masks[chosen] & shown[:, None]).sum((2, 3)) / np.maximum(size, 1)
        y = (share > 0.4).astype(np.float32)
        known = ((share > 0.4) | (share < 0.05)).astype(np.float32)
        any_known = np.maximum(y.max(1), known.min(1))
        y = np.concatenate([y, y.max(1, keepdims=True)], 1)
        return np.where(shown[:, None], x, background), y, np.concatenate([known, any_known[:, None]], 1)

    return masked


def six_labels(net, declared, n=3500, steps=2200):
    """Trains on whole and on partly hidden slices; returns the net and the mean of clear slices (HU)."""
    rng = np.random.default_rng(1)
    slices, masks = heads_and_masks(n, 128, rng)
    mean_clear = np.mean([head.slice([], rng) for head in (Head(rng) for _ in range(200))], 0).round().astype(np.int16)
    images = np.stack([network_input(declared, [hu]) for hu in slices])
    present = masks.any((2, 3)).astype(np.float32)
    labels = np.concatenate([present, present.max(1, keepdims=True)], 1)
    fit(net, images, labels, steps, masked=hide_bleeds(masks, network_input(declared, [mean_clear])))
    return net, mean_clear


def any_bleed(net, declared, slices, masks, steps=500):
    """Trains one output: is there a bleed?"""
    images = np.stack([network_input(declared, [hu]) for hu in slices])
    return fit(net, images, masks.any((1, 2, 3)).astype(np.float32)[:, None], steps)


def three_slices_of_heads(n, side, rng):
    """[n, 3, side, side] HU of three neighbouring slices, and whether the middle one shows a bleed; it is on one of its sides, too."""
    volumes, labels = [], []
    for _ in range(n):
        head = Head(rng, side)
        bleeds = some_bleeds(head, rng)
        nothing = [np.zeros_like(bleeds[0])]
        below = rng.random() < 0.5
        volumes.append([head.slice(bleeds if below else nothing, rng), head.slice(bleeds, rng), head.slice(nothing if below else bleeds, rng)])
        labels.append(np.any(bleeds))
    return np.array(volumes), np.array(labels, np.float32)[:, None]
