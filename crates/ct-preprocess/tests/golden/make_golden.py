#!/usr/bin/env python3
"""Writes the goldens beside it: windows by pydicom, the network's input by numpy and torchvision.

Set-up:  python3 -m venv VENV && VENV/bin/pip install numpy==2.4.6 torch==2.15.0 torchvision==0.29.2 pydicom==3.0.2
Run:     VENV/bin/python crates/ct-preprocess/tests/golden/make_golden.py
"""
import json
from pathlib import Path
import numpy as np, torch
from pydicom.dataset import Dataset
from pydicom.pixels.processing import apply_windowing
from torchvision.transforms import Normalize

HERE = Path(__file__).parent
hu = np.arange(-120, 240, 7, dtype=np.float64)
hu = np.concatenate([hu, [-3024, -1024, 0, 39, 40, 41, 80, 3071]])


def dicom_window(level, width, function):
    ds = Dataset()
    ds.PhotometricInterpretation, ds.PixelRepresentation, ds.BitsStored = "MONOCHROME2", 1, 16
    ds.RescaleSlope, ds.RescaleIntercept = 1, 0
    ds.WindowCenter, ds.WindowWidth, ds.VOILUTFunction = level, width, function
    y = apply_windowing(hu, ds)
    # pydicom scales to the range of the stored values; ours is 0 to 1.
    return ((y - -32768) / 65535).tolist()


cases = []
for level, width in [(40, 80), (80, 200), (32, 8), (600, 2800), (75, 215), (40, 1)]:
    for function in ["LINEAR", "LINEAR_EXACT", "SIGMOID"]:
        cases.append(dict(level=level, width=width, function=function, grey=dicom_window(level, width, function)))

# The notebook's own arithmetic, in f32: every whole HU from below to above the brain window.
x = np.arange(-20, 101, dtype=np.int16).reshape(11, 11).astype(np.float32)
lo, hi = 40 - 80 // 2, 40 + 80 // 2
grey = (np.clip(x, lo, hi) - lo) / (hi - lo)
tensor = Normalize((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))(torch.from_numpy(grey)[None].repeat(3, 1, 1)).numpy()
odd = (np.clip(x, 41 - 17 // 2, 41 + 17 // 2) - (41 - 17 // 2)) / np.float32(16)
bits = lambda a: a.astype(np.float32).view(np.uint32).ravel().tolist()
(HERE / "golden.json").write_text(json.dumps(dict(
    hu=hu.tolist(), dicom=cases, brain_grey_bits=bits(grey), brain_tensor_bits=bits(tensor), odd_window_grey_bits=bits(odd))) + "\n")
