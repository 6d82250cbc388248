#!/usr/bin/env python3
"""How close explanations with a tolerance are to the exact ones, and what they save. Prints a Markdown table.

Set-up:  python3 -m venv VENV && VENV/bin/pip install numpy && cargo build --release
Run:     VENV/bin/python tests/studies/tolerance.py [SLICE ...] [--options "--min-size 32"]

Without a slice the phantom is explained. Exact and early explanations take turns, each in a process of its own. `proven` is what
the report certifies, `true` the largest difference from the exact map; both as shares of the maximum of the map.
"""
import argparse
import json
import resource
import shlex
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("slices", nargs="*", type=Path)
    parser.add_argument("--tolerances", default="0.1%,1%,5%,10%", help="[0.1%%,1%%,5%%,10%%]")
    parser.add_argument("--rounds", type=int, default=1, help="turns of each [1]")
    parser.add_argument("--ich", type=Path, default=ROOT / "target/release/ich")
    parser.add_argument("--options", default="", help="more options of ich explain, in one string")
    return parser.parse_args()


def explain(args, file, tolerance):
    """The report, the seconds that the processors worked, and the map."""
    with tempfile.TemporaryDirectory() as folder:
        which = [file] if file else ["--demo"]
        command = [args.ich, "explain", *which, "--tolerance", tolerance, "--out", folder, "--json", "--quiet", *shlex.split(args.options)]
        before = processor_seconds()
        done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=True)
        report = json.loads(done.stdout)
        saliency = next(Path(folder).rglob("*.saliency.npy"))
        return report, processor_seconds() - before, np.load(saliency)


def processor_seconds():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def main():
    args = arguments()
    print("| slice | tolerance | evaluations | of the exact | s | times faster | processor s | times less | proven, % | true, % |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    for file in args.slices or [None]:
        seconds, reports, maps = {}, {}, {}
        tolerances = ["0", *args.tolerances.split(",")]
        for _ in range(args.rounds):
            for tolerance in tolerances:
                report, processors, maps[tolerance] = explain(args, file, tolerance)
                seconds.setdefault(tolerance, []).append((report["seconds"], processors))
                reports[tolerance] = report
        exact, n_exact = maps["0"], reports["0"]["evaluations"]
        medians = {key: [statistics.median(column) for column in zip(*values)] for key, values in seconds.items()}
        for tolerance in tolerances:
            n = reports[tolerance]["evaluations"]
            error = np.abs(exact - maps[tolerance]).max() / exact.max()
            proven = reports[tolerance].get("unexplored", {}).get("relative_bound", 0)
            if error > proven + 1e-5:
                sys.exit(f"{file}: {error} is more than the proven {proven}")
            (wall, busy), (exact_wall, exact_busy) = medians[tolerance], medians["0"]
            print(
                f"| {file.stem if file else 'phantom'} | {tolerance} | {n} | {n / n_exact:.2f} | {wall:.1f} | {exact_wall / wall:.1f} "
                f"| {busy:.1f} | {exact_busy / busy:.1f} | {100 * proven:.2f} | {100 * error:.3f} |",
                flush=True)


main()
