#!/usr/bin/env python3
"""Writes pydicom's Hounsfield units of every CT image that comes with pydicom, for the test beside it.

Usage: pydicom_hu.py FOLDER. Prints a line a frame: the DICOM file, the .npy with its values (absent pixels: none), the frame, with tabs between.
Two of the images are written anew in other transfer syntaxes and as careless writers hand them on.
Set-up: pip install -r ../requirements.txt, seen from here.
"""
import copy, sys, warnings
from io import BytesIO
from pathlib import Path
import numpy as np, pydicom
from pydicom.pixels import apply_rescale
from pydicom.dataset import FileMetaDataset
from pydicom.encaps import encapsulate, encapsulate_extended, generate_frames
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian, RLELossless
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


def fragmented(data, n_frames, fragments_per_frame, extended):
    """The frames of a compressed file, repeated, in pieces that an offset table puts together."""
    data = copy.deepcopy(data)
    frames = list(generate_frames(data.PixelData, number_of_frames=1)) * n_frames
    if extended:
        data.PixelData, data.ExtendedOffsetTable, data.ExtendedOffsetTableLengths = encapsulate_extended(frames)
    else:
        data.PixelData = encapsulate(frames, fragments_per_frame=fragments_per_frame)
    data["PixelData"].is_undefined_length = True
    data.NumberOfFrames = n_frames
    return data


def variants(path):
    """One image as other writers hand it on: what the file is called, and its bytes."""
    plain = uncompressed(path)
    rle = uncompressed(path)
    rle.compress(RLELossless)
    implicit = uncompressed(path)
    implicit.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian
    files = {"rle": rle, "implicit": implicit}
    files["rle-pieces"] = fragmented(rle, 3, 2, False)
    files["rle-extended"] = fragmented(rle, 2, 1, True)
    if path.name.startswith("J2K"):
        stored = pydicom.dcmread(path)
        files["j2k-piece"] = fragmented(stored, 1, 3, False)
        files["j2k-pieces"] = fragmented(stored, 3, 4, False)
        files["j2k-extended"] = fragmented(stored, 2, 1, True)
    surplus = copy.deepcopy(plain)
    surplus.PixelData += bytes(512)
    files["surplus"] = surplus
    for name, data in files.items():
        buffer = BytesIO()
        data.save_as(buffer, enforce_file_format=True)
        yield name, buffer.getvalue()
    buffer = BytesIO()
    plain.save_as(buffer, enforce_file_format=True)
    whole = buffer.getvalue()
    yield "trailing", whole + bytes(1000)
    del plain.file_meta
    for name, is_implicit in [("bare", False), ("bare-implicit", True)]:
        buffer = BytesIO()
        plain.save_as(buffer, implicit_vr=is_implicit, little_endian=True, enforce_file_format=False)
        yield name, buffer.getvalue().removeprefix(whole[:132])
    unknown = uncompressed(path)
    for element in list(unknown):
        if element.tag.group in (0x0008, 0x0028) and element.VR in ("CS", "DS", "IS", "LO", "UI"):
            value = "\\".join(map(str, element.value)) if element.VM > 1 else str(element.value)
            unknown[element.tag] = pydicom.DataElement(element.tag, "UN", value.encode() + b" " * (len(value) % 2))
    buffer = BytesIO()
    unknown.save_as(buffer, enforce_file_format=True)
    yield "unknown", buffer.getvalue()


for path in [path for path in files if path.name in ("CT_small.dcm", "J2K_pixelrep_mismatch.dcm")]:
    for name, content in variants(path):
        files.append(out / f"{name}-{path.name}")
        files[-1].write_bytes(content)
for index, path in enumerate(files):
    data = pydicom.dcmread(path, force=True)
    if "PixelData" not in data:
        print(path, out / f"{index}.npy", 0, sep="\t")
        continue
    data.file_meta = getattr(data, "file_meta", None) or FileMetaDataset()
    if "TransferSyntaxUID" not in data.file_meta:
        data.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian if data.original_encoding[0] else ExplicitVRLittleEndian
    frames = apply_rescale(data.pixel_array, data).astype(np.float32)
    for frame, values in enumerate(frames if frames.ndim == 3 else [frames]):
        np.save(out / f"{index}-{frame}.npy", values)
        print(path, out / f"{index}-{frame}.npy", frame, sep="\t")
