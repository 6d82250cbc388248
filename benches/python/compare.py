#!/usr/bin/env python3
"""Measures this project against h-shap 0.1.6, PyTorch and ONNX Runtime, in one run, and prints a Markdown table.

Set-up:  python3 -m venv VENV && VENV/bin/pip install -r benches/python/requirements.txt
         cargo build --release && cargo build --release --example forward_time
Run:     VENV/bin/python benches/python/compare.py                all 25 shifts of h-shap's tutorial
         VENV/bin/python benches/python/compare.py --shifts 1     one grid, some minutes
         ... --only forward                                       the network alone

All sides have the same weights, slice, background, settings and number of threads; the forwards are of the background.
Every measurement is a process of its own, and the sides take turns. Leave the machine alone meanwhile: PyTorch's threads
wait for each other in busy loops, and a single other process can slow them several times. The last lines say how much
others took. Without --slice the slice is a drawing made here: an ellipse of brain in a ring of bone, with a bright blob.
"""
import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

# No PyTorch in this process: the peak memory of a child counts what its parent held when it was started.
import numpy as np

ROOT = Path(__file__).resolve().parents[2]
RADII, N_ANGLES = [0, 16, 32, 48], 8  # h-shap's tutorial: 25 shifts, radius 0 has no angle
TOLERANCE = "1%"  # of the map's largest value, proven
DISTURBED = 0.1  # cores that other processes may take
REFERENCES = {"torch": "PyTorch", "onnx": "ONNX Runtime"}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=os.cpu_count(), help="of every side [all cores]")
    parser.add_argument("--shifts", type=shifts, default=shifts("25"), metavar="N", help="of the grid [25]")
    parser.add_argument("--min-size", type=int, default=64, metavar="PX", help="h-shap's s [64]")
    parser.add_argument("--rounds", type=int, default=3, help="turns of the forwards [3]")
    parser.add_argument("--repeats", type=int, default=5, help="forwards timed in a turn, after two that are not [5]")
    parser.add_argument("--explain-rounds", type=int, default=1, help="turns of the explanations [1]; ours has one more")
    parser.add_argument("--onnx-explain", action="store_true", help="also h-shap with its model calls sent to ONNX Runtime")
    parser.add_argument("--only", choices=["forward", "explain"], help="half of the comparison")
    parser.add_argument("--slice", type=Path, help="in Hounsfield units, 512 x 512, .npy")
    parser.add_argument("--weights", type=Path, default=ROOT / "weights/ich-demo.safetensors")
    parser.add_argument("--background", type=Path, default=ROOT / "weights/ich-demo-background.safetensors")
    parser.add_argument("--ich", type=Path, default=ROOT / "target/release/ich")
    parser.add_argument("--forward", type=Path, default=ROOT / "target/release/examples/forward_time")
    return parser.parse_args()


def shifts(text):
    """N shifts as (N, radii, number of angles): the first radii of the tutorial, with as many angles as N takes."""
    n = int(text)
    for n_radii in range(len(RADII)):
        if n == 1 or n_radii and (n - 1) % n_radii == 0 and 0 < (n - 1) // n_radii <= N_ANGLES:
            return n, ",".join(map(str, RADII[: n_radii + 1])), (n - 1) // n_radii if n_radii else N_ANGLES
    raise argparse.ArgumentTypeError("expected 1 to 9, or 1 + 2 or 3 times a number up to 8, such as 17 or 25")


def drawn_slice(side=512):
    y, x = np.mgrid[0:side, 0:side] / side - np.array([0.48, 0.52]).reshape(2, 1, 1)
    d = np.hypot(y / 0.42, x / 0.38)
    hu = np.where(d < 1, 950.0, -1000.0)
    hu[d < 0.86] = 32
    hu[np.hypot(y, x + 0.02) < 0.08] = 8
    hu[np.hypot((y + 0.12) / 0.8, (x - 0.14) / 0.6) < 0.1] = 68
    hu += np.random.default_rng(7).normal(0, 4, hu.shape)
    hu[d > 1.45] = -3024
    return np.round(hu).astype(np.int16)


def busy_seconds():
    """Seconds that all cores together have been busy, or taken by the hypervisor, since the machine started."""
    user, nice, system, _idle, _wait, irq, softirq, steal = map(int, Path("/proc/stat").read_text().split()[1:9])
    return (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")


def run(*command):
    """Runs a command; the JSON it prints, with the wall seconds and peak resident memory of the process, and how many
    cores it and all others kept busy."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        busy, start = busy_seconds(), time.perf_counter()
        child = subprocess.Popen([str(part) for part in command], stdout=out, stderr=err)
        _, status, usage = os.wait4(child.pid, 0)
        wall, busy = time.perf_counter() - start, busy_seconds() - busy
        child.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0), err.seek(0)
        if child.returncode != 0:
            sys.exit(f"{' '.join(map(str, command))}: exit status {child.returncode}\n{err.read().decode()}")
        answer = json.loads(out.read() or "{}")
    own = usage.ru_utime + usage.ru_stime
    return answer | dict(wall=wall, mib=usage.ru_maxrss / 1024, cores=own / wall, other_cores=max(0, busy - own) / wall)


class Comparison:
    def __init__(self, args, folder):
        self.args, self.folder = args, folder
        self.onnx = folder / "network.onnx"
        self.slice = args.slice
        if self.slice is None:
            self.slice = folder / "slice.npy"
            np.save(self.slice, drawn_slice())

    def reference(self, command, *options):
        return run(
            sys.executable, ROOT / "benches/python/reference.py", command, "--weights", self.args.weights,
            "--background", self.args.background, "--slice", self.slice, "--onnx", self.onnx,
            "--threads", self.args.threads, *options)

    def explain_theirs(self, engine):
        _, radii, angles = self.args.shifts
        path = self.folder / f"{engine}.npy"
        answer = self.reference(
            "explain", "--engine", engine, "--radii", radii, "--angles", angles,
            "--min-size", self.args.min_size, "--map", path)
        return answer | dict(map=np.load(path))

    def explain_ours(self, threads, tolerance="0"):
        _, radii, angles = self.args.shifts
        answer = run(
            self.args.ich, "explain", self.slice, "--upstream", "--weights", self.args.weights,
            "--background", self.args.background, "--radii", radii, "--angles", angles, "--threshold", 0,
            "--tolerance", tolerance, "--min-size", self.args.min_size, "--threads", threads, "--out", self.folder, "--force", "--json")
        del answer["runs"]
        return answer | dict(map=np.load(self.folder / f"{self.slice.stem}.saliency.npy"))

    def forwards(self):
        """Runs by batch and side."""
        runs = {(batch, side): [] for batch in (1, 16) for side in [*REFERENCES, "ours"]}
        for i in range(self.args.rounds):
            for batch, side in runs:
                options = ["--batch", batch, "--repeats", self.args.repeats]
                if side == "ours":
                    answer = run(self.args.forward, self.args.weights, *options, "--threads", self.args.threads)
                else:
                    answer = self.reference("forward", "--engine", side, *options)
                runs[batch, side].append(answer)
                seconds = statistics.median(answer["seconds_per_image"])
                say(f"forward, round {i + 1}, batch {batch}, {side}: {seconds:.4f} s an image", answer)
        return runs

    def explanations(self):
        """Runs by side; ours stands before and after each of the others'."""
        n = self.args.threads
        ours = {("ours", threads): lambda threads=threads: self.explain_ours(threads) for threads in sorted({1, n})}
        ours["within", n] = lambda: self.explain_ours(n, TOLERANCE)
        engines = list(REFERENCES) if self.args.onnx_explain else ["torch"]
        theirs = {engine: lambda engine=engine: self.explain_theirs(engine) for engine in engines}
        turns = [*ours.items()]
        for _ in range(self.args.explain_rounds):
            turns += [*theirs.items(), *ours.items()]
        runs = {}
        for side, measure in turns:
            answer = measure()
            runs.setdefault(side, []).append(answer)
            seconds, evaluations, mib = answer["seconds"], answer["evaluations"], answer["mib"]
            say(f"explanation, {name_of(side)}: {seconds:.1f} s, {evaluations} evaluations, {mib:.0f} MiB", answer)
        return runs


def say(text, answer):
    cores = f"cores busy: {answer['cores']:.2f}, by others {answer['other_cores']:.2f}"
    print(f"{text}; {cores}", file=sys.stderr, flush=True)


def name_of(side):
    if side in REFERENCES:
        return f"h-shap on {REFERENCES[side]}"
    return f"ours, threads: {side[1]}" + (f", within {TOLERANCE}" if side[0] == "within" else "")


def spread(values, form):
    """The median, and the range if there is one."""
    text = format(statistics.median(values), form)
    return text if min(values) == max(values) else f"{text} ({min(values):{form}} to {max(values):{form}})"


def row(what, name, theirs, ours, form):
    ratio = statistics.median(theirs) / statistics.median(ours)
    print(f"| {what} | {name} | {spread(theirs, form)} | {spread(ours, form)} | {ratio:.2f} |")


def print_forwards(runs):
    def milliseconds(*key):
        return [1000 * seconds for answer in runs[key] for seconds in answer["seconds_per_image"]]

    for batch in (1, 16):
        what = f"dense forward, batch {batch}, ms an image"
        for engine, name in REFERENCES.items():
            row(what, name, milliseconds(batch, engine), milliseconds(batch, "ours"), ".1f")


def print_explanations(runs, args):
    def values(side, key):
        return [answer[key] for answer in runs[side]]

    ours = "ours", args.threads
    what = f"explanation, shifts: {args.shifts[0]}, s: {args.min_size}"
    for engine in [engine for engine in REFERENCES if engine in runs]:
        name = name_of(engine)
        row(f"{what}; seconds, call alone", name, values(engine, "seconds"), values(ours, "seconds"), ".1f")
        row(f"{what}; seconds, whole command", name, values(engine, "wall"), values(ours, "wall"), ".1f")
        row(f"{what}; evaluations", name, values(engine, "evaluations"), values(ours, "evaluations"), ".0f")
        row(f"{what}; peak resident MiB", name, values(engine, "mib"), values(ours, "mib"), ".0f")
    within = "within", args.threads
    for key, unit, form in [("seconds", "seconds, call alone", ".1f"), ("evaluations", "evaluations", ".0f")]:
        what_within = f"{what}; {unit}, ours within {TOLERANCE}"
        for side in [*(engine for engine in REFERENCES if engine in runs), ours]:
            row(what_within, name_of(side), values(side, key), values(within, key), form)
    if args.threads > 1:
        one = "ours", 1
        row(f"{what}; seconds, call alone", name_of(one), values(one, "seconds"), values(ours, "seconds"), ".1f")


def print_notes(forwards, explanations, args):
    others = [answer["other_cores"] for answers in [*forwards.values(), *explanations.values()] for answer in answers]
    print(f"\n- Cores kept busy by other processes during a measurement: {spread(others, '.2f')}.")
    if max(others) > DISTURBED:
        n_disturbed = sum(other > DISTURBED for other in others)
        print(f"- **Disturbed**, more than {DISTURBED} cores: {n_disturbed} of {len(others)} measurements. Do not quote.")
    for side, answers in explanations.items():
        print(f"- Cores kept busy by {name_of(side)}: {spread([answer['cores'] for answer in answers], '.2f')}.")
    exact, close = explanations["ours", args.threads][-1]["map"], explanations["within", args.threads][-1]["map"]
    print(f"- Largest difference of the map within {TOLERANCE} from the exact one: {np.abs(exact - close).max() / exact.max():.1e} of its maximum.")
    for engine in [engine for engine in REFERENCES if engine in explanations]:
        theirs, mine = explanations[engine][-1], explanations["ours", args.threads][-1]
        maximum = np.abs(theirs["map"]).max()
        print(
            f"- Largest difference from the map of {name_of(engine)}: "
            f"{np.abs(theirs['map'] - mine['map']).max() / maximum:.1e} of its maximum, {maximum:.3g}; "
            f"probabilities {theirs['probability']:.6f} and {mine['probability']:.6f}.")
        print(f"- Peak resident memory of {name_of(engine)} before it began to explain: {theirs['before_mib']:.0f} MiB.")


def processor():
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.machine())


def main():
    args = arguments()
    with tempfile.TemporaryDirectory() as folder:
        comparison = Comparison(args, Path(folder))
        if args.only != "explain" or args.onnx_explain:
            comparison.reference("export")
        forwards = comparison.forwards() if args.only != "explain" else {}
        explanations = comparison.explanations() if args.only != "forward" else {}

    versions = ", ".join(f"{package} {version(package)}" for package in ("torch", "onnxruntime", "h-shap"))
    print(f"{processor()}, threads: {args.threads}, cores: {os.cpu_count()}; {versions}.")
    print("Medians (and ranges); ratio: reference over ours.\n")
    print("| what | reference | reference's | ours | ratio |\n| --- | --- | --- | --- | --- |")
    if forwards:
        print_forwards(forwards)
    if explanations:
        print_explanations(explanations, args)
    print_notes(forwards, explanations, args)


main()
