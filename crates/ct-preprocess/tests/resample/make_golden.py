#!/usr/bin/env python3
"""What torch.nn.functional.interpolate makes of images, in f64.

Usage: make_golden.py writes golden.json beside itself; make_golden.py FOLDER writes larger images there, and prints a line
for each, separated by tabs: mode, the .npy of the image, of its f64 result, of its f32 result. Exit code 3: no torch.
Set-up: pip install torch numpy
"""
import json, sys
from pathlib import Path
import numpy as np
try:
    import torch
except ImportError:
    sys.exit(3)

SMALL = [((7, 5), (4, 9)), ((16, 12), (5, 5)), ((3, 4), (8, 8)), ((1, 1), (4, 3)), ((9, 2), (1, 1)), ((6, 6), (6, 11))]
# Not to one column: torch 2.15 then repeats the first row.
LARGE = [((511, 512), (512, 512)), ((700, 5), (512, 512)), ((202, 233), (512, 512)), ((1024, 768), (512, 512)),
         ((512, 512), (37, 2)), ((64, 48), (777, 512))]
rng = np.random.default_rng(1)


def image(shape):
    """Hounsfield units with a tenth, air to metal."""
    values = rng.choice([-1000.0, -50.0, 40.0, 900.0, 3000.0], shape) + rng.integers(-300, 300, shape) / 10
    return values.astype(np.float32)


def resampled(values, shape, mode, dtype):
    out = torch.nn.functional.interpolate(torch.tensor(values, dtype=dtype)[None, None], size=shape, mode=mode,
                                          antialias=True, align_corners=False)
    return out[0, 0].numpy()


if len(sys.argv) > 1:
    folder = Path(sys.argv[1])
    for n, (before, after) in enumerate(LARGE):
        values = image(before)
        np.save(folder / f"{n}.npy", values)
        for mode in ("bilinear", "bicubic"):
            paths = []
            for dtype in (torch.float64, torch.float32):
                paths.append(folder / f"{n}-{mode}-{dtype}.npy")
                np.save(paths[-1], resampled(values, after, mode, dtype).astype(np.float32))
            print(mode, folder / f"{n}.npy", *paths, sep="\t")
else:
    cases = []
    for before, after in SMALL:
        values = image(before)
        results = {mode: resampled(values, after, mode, torch.float64).astype(np.float32) for mode in ("bilinear", "bicubic")}
        cases.append({"rows": before[0], "cols": before[1], "values": values.ravel().tolist(), "to_rows": after[0],
                      "to_cols": after[1], **{mode: result.ravel().tolist() for mode, result in results.items()}})
    text = ",\n".join(json.dumps(case) for case in cases)
    Path(__file__).with_name("golden.json").write_text(f"[\n{text}\n]\n")
