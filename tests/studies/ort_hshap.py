#!/usr/bin/env python3
"""h-Shap on ONNX Runtime: explains one slice with one grid, a second implementation to compare maps and times with.

    python tests/studies/ort_hshap.py NETWORK.onnx --slice SLICE.npy --background BACKGROUND.npy --label any --levels 4 --threads 2 --out map.npy

Prints one line of JSON: probability, evaluations, seconds, and the sum and maximum of the map. NETWORK.ich.json says how the input is made
and what the outputs mean. The slice is [rows, cols] in Hounsfield units. The background is either that (integers), or grey values from 0 to 1
for every channel (floating point), or the input itself, [channels, rows, cols]. A node is a rectangle, the root is the whole image; its four
quadrants are the players. In the masked image of a coalition its quadrants show the slice, everything else shows the background. Children
with a score above 0 are split further. The score of a child is that of its parent times its Shapley value (h-shap 0.1.6; Teneggi,
Luster, Sulam, Fast Hierarchical Games for Image Explanations, 2022).
"""
import argparse, itertools, json, math, sys, time
from pathlib import Path
import numpy as np, onnxruntime

sys.path.insert(0, str(Path(__file__).parents[1] / "networks"))
from heads import network_input

# (s! (3 - s)!) / 4! for a coalition of s players that one of four joins
WEIGHTS = [math.factorial(s) * math.factorial(3 - s) / math.factorial(4) for s in range(4)]
COALITIONS = [frozenset(c) for n in range(5) for c in itertools.combinations(range(4), n)]


class Network:
    """An ONNX file with its declaration, as a function of images [n, channels, rows, cols] to one probability each."""

    def __init__(self, path, label=None, threads=1, declared=None):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
        self.session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        self.declared = declared or json.loads(Path(path).with_suffix(".ich.json").read_text())
        output = self.declared["output"]
        label = label or output.get("explain", 0)
        self.label = output["labels"].index(label) if isinstance(label, str) else label
        self.input = self.session.get_inputs()[0]
        self.takes_batches = not isinstance(self.input.shape[0], int)
        self.is_nhwc = self.declared["input"].get("layout") == "NHWC"
        self.activation = output.get("activation", "none") if output.get("values") == "logits" else "none"

    def outputs(self, images):
        """What the file gives, f32 [n, labels]; one run for all images if it takes batches of any size."""
        images = images.transpose(0, 2, 3, 1) if self.is_nhwc else images
        step = len(images) if self.takes_batches else 1
        parts = [images[i : i + step] for i in range(0, len(images), step)]
        return np.concatenate([self.session.run(None, {self.input.name: np.ascontiguousarray(p)})[0].reshape(len(p), -1) for p in parts])

    def probabilities(self, images):
        """f64 [n, labels]."""
        values = self.outputs(images).astype(np.float64)
        if self.activation == "sigmoid":
            return 1 / (1 + np.exp(-values))
        if self.activation == "softmax":
            values = np.exp(values - values.max(1, keepdims=True))
            return values / values.sum(1, keepdims=True)
        return values

    def __call__(self, images):
        return self.probabilities(images)[:, self.label]


def quadrants(node):
    """Top left, top right, bottom left, bottom right of a rectangle (row, end of rows, column, end of columns)."""
    r0, r1, c0, c1 = node
    r, c = (r0 + r1) // 2, (c0 + c1) // 2
    return [(r0, r, c0, c), (r0, r, c, c1), (r, r1, c0, c), (r, r1, c, c1)]


def masked(image, background, rectangles):
    """The image inside the rectangles, the background around them."""
    out = background.copy()
    for r0, r1, c0, c1 in rectangles:
        out[:, r0:r1, c0:c1] = image[:, r0:r1, c0:c1]
    return out


def explain(worths, differs, levels):
    """Map [rows, cols] in f64 and the number of different masked images. `differs` [rows, cols] says where image and background are not equal.
    `worths` gives the probabilities of masks, each a node's number and the rectangles that show the image; it is called once a level."""
    rows, cols = differs.shape
    values = {}

    def rectangles(node, coalition):
        """What the coalition shows; quadrants without a difference are no players, all players together show the node."""
        quads = quadrants(node)
        players = [i for i in range(4) if differs[quads[i][0] : quads[i][1], quads[i][2] : quads[i][3]].any()]
        shown = [quads[i] for i in players if i in coalition]
        return frozenset([node] if len(shown) == len(players) and shown else shown)

    nodes, saliency = [((0, rows, 0, cols), 1.0)], np.zeros((rows, cols))
    for level in range(levels):
        wanted = {}
        for number, (node, _) in enumerate(nodes):
            for mask in (rectangles(node, c) for c in COALITIONS):
                if mask not in values:
                    wanted.setdefault(mask, number)
        values.update(zip(wanted, worths([(number, mask) for mask, number in wanted.items()])))
        children = []
        for node, score in nodes:
            worth = {c: values[rectangles(node, c)] for c in COALITIONS}
            for i, quad in enumerate(quadrants(node)):
                gains = [WEIGHTS[len(c)] * (worth[c | {i}] - worth[c]) for c in COALITIONS if i not in c]
                children.append((quad, score * math.fsum(gains)))
        nodes = [(quad, score) for quad, score in children if score > 0]
    for (r0, r1, c0, c1), score in nodes:
        saliency[r0:r1, c0:c1] = score
    return saliency, len(values)


def explain_image(network, image, background, levels, batch=8):
    """As `explain`, with a network for `image` over `background`, both f32 [channels, rows, cols]."""

    def worths(masks):
        parts = [masks[i : i + batch] for i in range(0, len(masks), batch)]
        return [p for part in parts for p in network(np.stack([masked(image, background, mask) for _, mask in part]))]

    return explain(worths, (image != background).any(0), levels)


def read_background(path, declared):
    values = np.load(path)
    if values.ndim == 3:
        return values.astype(np.float32)
    if values.dtype.kind in "iu":
        return network_input(declared, [values])
    # A window of level 0.5 and width 1 leaves grey values as they are.
    return network_input({**declared, "channels": [{"window": [0.5, 1]} for _ in declared["channels"]]}, [values])


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("network")
    p.add_argument("--slice", required=True)
    p.add_argument("--background", required=True)
    p.add_argument("--label", help="name of an output; that of the declaration without it")
    p.add_argument("--levels", type=int, default=4, help="how often nodes are split; cells are 2^levels times smaller than the image")
    p.add_argument("--threads", type=int, default=1)
    p.add_argument("--batch", type=int, default=8)
    p.add_argument("--out", help="the map as .npy, f32 [rows, cols]")
    a = p.parse_args()
    network = Network(a.network, a.label, a.threads)
    image = network_input(network.declared["input"], [np.load(a.slice)])
    background = read_background(a.background, network.declared["input"])
    probability = network(image[None])[0]
    start = time.perf_counter()
    saliency, n = explain_image(network, image, background, a.levels, a.batch)
    seconds = time.perf_counter() - start
    if a.out:
        np.save(a.out, saliency.astype(np.float32))
    print(json.dumps({"network": a.network, "probability": float(probability), "of_background": float(network(background[None])[0]), "evaluations": n,
                      "seconds": round(seconds, 2), "threads": a.threads, "sum": float(saliency.sum()), "max": float(saliency.max()),
                      "onnxruntime": onnxruntime.__version__}))


if __name__ == "__main__":
    main()
