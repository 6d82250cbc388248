"""Writes a small volume as NIfTI-1 (nifti1.h of the NIfTI Data Format Working Group)."""
import gzip, struct


def write(path, volume, pixel_mm, slice_mm):
    """`volume`: int16 [slices, rows, cols]; rows run to the back, columns to the patient's left, slices to the head.

    In NIfTI x points to the right and y to the front, so that columns run against x and rows against y. The same volume gives the same bytes.
    """
    slices, rows, cols = volume.shape
    header = bytearray(352)
    struct.pack_into("<i", header, 0, 348)
    struct.pack_into("<8h", header, 40, 3, cols, rows, slices, 1, 1, 1, 1)
    struct.pack_into("<2h", header, 70, 4, 16)  # int16, 16 bits
    struct.pack_into("<8f", header, 76, 1, pixel_mm, pixel_mm, slice_mm, 0, 0, 0, 0)
    struct.pack_into("<3f", header, 108, 352, 1, 0)  # where values begin, slope, intercept
    struct.pack_into("<B", header, 123, 2)  # millimetres
    struct.pack_into("<2h", header, 252, 0, 1)  # no qform; sform: scanner
    struct.pack_into("<12f", header, 280, -pixel_mm, 0, 0, 0, 0, -pixel_mm, 0, 0, 0, 0, slice_mm, 0)
    header[344:348] = b"n+1\0"
    path.write_bytes(gzip.compress(bytes(header) + volume.astype("<i2").tobytes(), mtime=0))
