#!/usr/bin/env python3
"""Writes pydicom's Hounsfield units of CT images, for the test beside it: of those that come with pydicom, of some of them
written anew in other ways, and of those in FOLDER.

Usage: pydicom_hu.py OUT FOLDER. Prints a line a file: the DICOM file, a tab, the .npy with its values, frame below frame (absent
pixels: none).
Set-up: pip install -r ../requirements.txt, seen from here.
"""
import copy, sys, warnings
from pathlib import Path
import numpy as np, pydicom
from pydicom.encaps import encapsulate, encapsulate_extended, generate_frames
from pydicom.pixels import apply_rescale
from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian, JPEG2000Lossless, RLELossless
warnings.filterwarnings("ignore")

out = Path(sys.argv[1])
folders = [Path(pydicom.__file__).parent / "data/test_files", Path(sys.argv[2])]


def is_ct(path):
    try:
        return path.is_file() and pydicom.dcmread(path, stop_before_pixels=True, force=True).get("Modality") == "CT"
    except Exception:
        return False


def uncompressed(path):
    data = pydicom.dcmread(path)
    if data.file_meta.TransferSyntaxUID.is_compressed:
        data.decompress()
    return data


def save(data, name, **how):
    data.save_as(out / name, **how)
    files.append(out / name)


def save_frames(data, syntax):
    """Three frames, in fragments and with tables of several kinds."""
    array = data.pixel_array
    many = copy.deepcopy(data)
    many.NumberOfFrames = 3
    many.compress(syntax, np.stack([array, array // 2, array[::-1]]), generate_instance_uid=False)
    frames = list(generate_frames(many.PixelData, number_of_frames=3))
    name = f"{syntax.name.split()[0]}-frames"
    for n_fragments in (1, 2, 5):
        for has_bot in (True, False):
            # Only a JPEG 2000 stream says where it begins.
            if has_bot or n_fragments == 1 or syntax == JPEG2000Lossless:
                many.PixelData = encapsulate(frames, fragments_per_frame=n_fragments, has_bot=has_bot)
                save(many, f"{name}-{n_fragments}-{has_bot}.dcm")
    many.PixelData, many.ExtendedOffsetTable, many.ExtendedOffsetTableLengths = encapsulate_extended(frames)
    save(many, f"{name}-extended.dcm")


files = sorted(path for folder in folders for path in folder.rglob("*") if is_ct(path))
for path in [path for path in files if path.name in ("CT_small.dcm", "J2K_pixelrep_mismatch.dcm")]:
    rle = uncompressed(path)
    rle.compress(RLELossless)
    save(rle, f"rle-{path.name}")
    for name, syntax in (("implicit", ImplicitVRLittleEndian), ("deflated", DeflatedExplicitVRLittleEndian)):
        data = uncompressed(path)
        data.file_meta.TransferSyntaxUID = syntax
        save(data, f"{name}-{path.name}", implicit_vr=syntax.is_implicit_VR, little_endian=True)
for syntax in (RLELossless, JPEG2000Lossless):
    save_frames(uncompressed(next(path for path in files if path.name == "CT_small.dcm")), syntax)

for index, path in enumerate(files):
    data = pydicom.dcmread(path, force=True)
    values = out / f"{index}.npy"
    if "PixelData" in data:
        # Of a file without group 2.
        if "TransferSyntaxUID" not in data.file_meta:
            data.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian if data.original_encoding[0] else ExplicitVRLittleEndian
        array = data.pixel_array
        array = array.reshape(-1, array.shape[-1])
        np.save(values, apply_rescale(array, data).astype(np.float32))
    print(path, values, sep="\t")
