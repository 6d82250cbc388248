#!/usr/bin/env python3
"""Writes the .npy files beside it.

Set-up:  python3 -m venv VENV && VENV/bin/pip install numpy==2.4.6
Run:     VENV/bin/python crates/ct-io/tests/golden/make_golden.py
"""
from pathlib import Path
import numpy as np

HERE = Path(__file__).parent

# The same 2 x 3 values in every type, byte order and memory order.
values = np.array([[-3024, -1, 0], [40, 80, 3071]])
for kind in ["i2", "u2", "i4", "f4", "f8"]:
    for order in "<>":
        a = np.abs(values) if kind == "u2" else values
        a = a.astype(order + kind)
        tag = kind + ("le" if order == "<" else "be")
        np.save(HERE / f"{tag}.npy", a)
        np.save(HERE / f"{tag}-fortran.npy", np.asfortranarray(a))
