#!/usr/bin/env python3
"""Writes pydicom's Hounsfield units of every CT image that comes with pydicom, for the test beside it.

Usage: pydicom_hu.py FOLDER. Prints a line a file: the DICOM file, a tab, the .npy with its values (absent pixels: none).
Set-up: pip install -r ../requirements.txt, seen from here.
"""
import sys, warnings
from pathlib import Path
import numpy as np, pydicom
from pydicom.pixels import apply_rescale
from pydicom.uid import ImplicitVRLittleEndian, RLELossless
warnings.filterwarnings("ignore")

out = Path(sys.argv[1])
files = sorted((Path(pydicom.__file__).parent / "data/test_files").rglob("*"))


def is_ct(path):
    try:
        return path.is_file() and pydicom.dcmread(path, stop_before_pixels=True).get("Modality") == "CT"
    except Exception:
        return False


files = [path for path in files if is_ct(path)]
def uncompressed(path):
    data = pydicom.dcmread(path)
    if data.file_meta.TransferSyntaxUID.is_compressed:
        data.decompress()
    return data


for path in [path for path in files if path.name in ("CT_small.dcm", "J2K_pixelrep_mismatch.dcm")]:
    rle = uncompressed(path)
    rle.compress(RLELossless)
    rle.save_as(out / f"rle-{path.name}")
    implicit = uncompressed(path)
    implicit.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian
    implicit.save_as(out / f"implicit-{path.name}", implicit_vr=True, little_endian=True)
    files += [out / f"rle-{path.name}", out / f"implicit-{path.name}"]
for index, path in enumerate(files):
    data = pydicom.dcmread(path)
    values = out / f"{index}.npy"
    if "PixelData" in data:
        np.save(values, apply_rescale(data.pixel_array, data).astype(np.float32))
    print(path, values, sep="\t")
