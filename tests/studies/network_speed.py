#!/usr/bin/env python3
"""Times the masked engine against ONNX Runtime on networks of any kind, in turns in one run, and prints Markdown tables.

    python tests/studies/full_size.py FOLDER                                     the networks, once
    cargo build --release -p masked-cnn --example network_time
    python tests/studies/network_speed.py FOLDER resnet50:512 densenet121:224    networks and sides of their images

Forward: one image on one thread and on two, both sides in turns, the median of the ratios and their range. Explanation: the masks of an
h-Shap explanation of one grid, chosen by the engine's own answers as `ort_hshap.py` chooses them. The engine evaluates all of them; ONNX Runtime
evaluates some, evenly spread, as many batches as `--batches` says: it takes the same time for any mask. Its time for all is that of the sample
times masks by sample. `--all` leaves nothing out. The answers to the sample are compared. Every side's time holds the making of its images.
"""
import argparse, json, os, platform, statistics, subprocess, tempfile, time
from pathlib import Path
import numpy as np, onnxruntime

from ort_hshap import Network, explain, masked, network_input

PROGRAM = Path(__file__).parents[2] / "target/release/examples/network_time"


class Engine:
    """The example program with one network, image and background."""

    def __init__(self, program, network, images, threads):
        command = [str(program), str(network), str(images), str(threads)]
        self.child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.instructions = self.answer()["instructions"]

    def answer(self):
        line = self.child.stdout.readline()
        if not line:
            raise SystemExit(f"{self.child.args}: exit status {self.child.wait()}")
        return json.loads(line)

    def __call__(self, request):
        print(request, file=self.child.stdin, flush=True)
        return self.answer()

    def close(self):
        self.child.stdin.close()
        self.child.wait()


def lines(level):
    """The masks of a level as the program reads them."""
    numbers = [[group, *(n for r0, r1, c0, c1 in sorted(mask) for n in (r0, c0, r1 - r0, c1 - c0))] for group, mask in level]
    return "".join(" ".join(map(str, line)) + "\n" for line in numbers)


def ratios(ours, theirs):
    each = sorted(t / o for o, t in zip(ours, theirs))
    return f"{statistics.median(each):.2f} ({each[0]:.2f} to {each[-1]:.2f})"


def forward(a, name, path, images, image):
    cells, difference = [], 0
    for threads in a.threads:
        network, engine = Network(path, threads=threads), Engine(a.program, path, images, threads)
        ours, theirs = [], []
        for turn in range(a.turns + 1):
            answer = engine("forward")
            start = time.perf_counter()
            expected = network(image[None])[0]
            seconds = time.perf_counter() - start
            if turn > 0:
                ours.append(answer["seconds"])
                theirs.append(seconds)
            difference = max(difference, abs(answer["answers"][0] - expected))
        engine.close()
        cells += [f"{statistics.median(theirs) * 1e3:.0f}", f"{statistics.median(ours) * 1e3:.0f}", ratios(ours, theirs)]
    print(f"| {name} | {' | '.join(cells)} | {difference:.1e} |", flush=True)


def explanation(a, name, path, images, image, background, folder):
    engine = Engine(a.program, path, images, a.threads[-1])
    network = Network(path, threads=a.threads[-1])
    levels = []

    def worths(level):
        levels.append(level)
        (folder / "level.txt").write_text(lines(level))
        return engine(f"masks {folder / 'level.txt'}")["answers"]

    _, n = explain(worths, (image != background).any(0), a.levels)
    (folder / "masks.txt").write_text("\n".join(map(lines, levels)))
    masks = [mask for level in levels for _, mask in level]
    ours, theirs, difference = [], [], 0
    for _ in range(a.explanations):
        answer = engine(f"masks {folder / 'masks.txt'}")
        n_sample = n if a.all else min(n, a.batches * a.batch)
        sample = [i * n // n_sample for i in range(n_sample)]
        start = time.perf_counter()
        parts = [sample[i : i + a.batch] for i in range(0, len(sample), a.batch)]
        expected = [p for part in parts for p in network(np.stack([masked(image, background, masks[i]) for i in part]))]
        theirs.append((time.perf_counter() - start) * n / len(sample))
        ours.append(answer["seconds"])
        difference = max(difference, *(abs(answer["answers"][i] - p) for i, p in zip(sample, expected)))
    engine.close()
    of_work = f"{1 / answer['share']:.1f}"
    cells = [n, len(sample), f"{statistics.median(theirs):.1f}", f"{statistics.median(ours):.1f}", ratios(ours, theirs), of_work, f"{difference:.1e}"]
    print(f"| {name} | {' | '.join(map(str, cells))} |", flush=True)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("folder", type=Path)
    p.add_argument("networks", nargs="+", metavar="NETWORK:SIDE")
    p.add_argument("--program", type=Path, default=PROGRAM)
    p.add_argument("--only", choices=["forward", "explanation"])
    p.add_argument("--threads", type=int, nargs="+", default=[1, 2], help="explanations take the last number [1 2]")
    p.add_argument("--turns", type=int, default=7, help="forwards a side, after one that is not timed [7]")
    p.add_argument("--explanations", type=int, default=2)
    p.add_argument("--levels", type=int, default=4, help="how often nodes are split [4]")
    p.add_argument("--batch", type=int, default=8, help="images ONNX Runtime is given at once [8]")
    p.add_argument("--batches", type=int, default=4, help="of ONNX Runtime for each explanation [4]")
    p.add_argument("--all", action="store_true", help="ONNX Runtime evaluates every mask")
    a = p.parse_args()
    model = next(line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name"))
    print(f"{model}, {os.cpu_count()} cores, {platform.system()}, ONNX Runtime {onnxruntime.__version__}", flush=True)
    for only in ["forward", "explanation"]:
        if a.only not in (None, only):
            continue
        each = " | ".join(f"{t} thread{'s' * (t > 1)}: ONNX Runtime, ms | ich | ratio" for t in a.threads)
        columns = {"forward": f"{each} | largest difference", "explanation": "masks | of them by ONNX Runtime | ONNX Runtime, s | ich | ratio | times less work | largest difference"}[only]
        print(f"\n| network, side | {columns} |\n|{' --- |' * (columns.count('|') + 2)}", flush=True)
        for name, side in (item.split(":") for item in a.networks):
            path = a.folder / f"{name}.onnx"
            declared = json.loads(path.with_suffix(".ich.json").read_text())["input"]
            image, background = (network_input(declared, [np.load(a.folder / f"{kind}-{side}.npy")]) for kind in ("slice", "background"))
            with tempfile.TemporaryDirectory() as folder:
                images = Path(folder) / "images.npy"
                np.save(images, np.stack([image, background]).astype(np.float32))
                if only == "forward":
                    forward(a, f"{name}, {side}", path, images, image)
                else:
                    explanation(a, f"{name}, {side}", path, images, image, background, Path(folder))


if __name__ == "__main__":
    main()
