"""Writes the oracle values beside this file: thresholds, largest magnitudes drawn and colours.

    pip install numpy==2.4.6 scikit-image==0.26.0 matplotlib==3.11.2
    python crates/ct-figure/tests/golden/make_golden.py
"""

import json
from pathlib import Path

import numpy as np
from matplotlib import colormaps
from skimage.filters import threshold_otsu

HERE = Path(__file__).parent
ROWS, COLS = 12, 20


def blocky(rng, levels, size):
    """A sum of rolled maps of cells, as hierarchical Shapley values give."""
    total = np.zeros((ROWS, COLS), np.float32)
    for _ in range(levels):
        cells = rng.random((ROWS // size, COLS // size), np.float32)
        cells[cells < 0.7] = 0
        cells = np.kron(cells, np.ones((size, size), np.float32))
        total += np.roll(cells, rng.integers(0, size, 2), (0, 1))
    return total / np.float32(levels)


def maps():
    rng = np.random.default_rng(20)
    normal = rng.normal(size=(ROWS, COLS)).astype(np.float32)
    bright = np.where(rng.random((ROWS, COLS)) < 0.2, 5, 0).astype(np.float32)
    yield "normal", normal
    yield "two clusters", normal * np.float32(0.3) + bright
    yield "skewed", np.exp(normal)
    yield "small", np.exp(normal) * np.float32(1e-5)
    yield "negative", normal - np.float32(8)
    yield "far from zero", normal + np.float32(1000)
    yield "two values", bright
    yield "cells", blocky(rng, 1, 4)
    yield "cells rolled twice", blocky(rng, 2, 4)
    yield "cells rolled nine times", blocky(rng, 9, 4)
    yield "one cell", np.pad(np.full((2, 2), 0.125, np.float32), ((3, 7), (5, 13)))


def write(name, content):
    (HERE / name).write_text(json.dumps(content, indent=None).replace("}, {", "},\n{") + "\n")


def main():
    cases = []
    for name, values in maps():
        assert values.dtype == np.float32 and values.shape == (ROWS, COLS)
        threshold = threshold_otsu(values)
        cases.append(
            {
                "name": name,
                "dims": [ROWS, COLS],
                "values": [float(value) for value in values.ravel()],
                "otsu": float(threshold),
                "largest_drawn": float(np.abs(values[values > threshold]).max()),
            }
        )
    write("maps.json", cases)

    # Every level of the map at its middle, then values between and beyond the limits -1 and 1.
    values = np.concatenate([(np.arange(256) + 0.5) / 128 - 1, [-3, -1, -0.3, 0, 0.7, 1, 3]])
    colors = colormaps["bwr"](np.clip((values + 1) / 2, 0, 1), bytes=True)
    write(
        "bwr.json",
        [{"value": float(v), "rgb": [int(c) for c in rgba[:3]]} for v, rgba in zip(values, colors)],
    )


if __name__ == "__main__":
    main()
