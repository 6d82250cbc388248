#!/usr/bin/env python3
"""Writes NIfTI volumes with nibabel's slices of them, and checks the maps written on their grids, for the test beside it.

Usage: nibabel_volumes.py write FOLDER, then nibabel_volumes.py check FOLDER.
"write" prints a line a volume, separated by tabs: the file, the .npy with its slices (a slice a row), where the map is to
go, the codes of its axes, the indices of the slices.
Set-up: pip install nibabel numpy; for the real volume also pip install --no-deps totalsegmentator==2.18.0
"""
import gzip, importlib.util, itertools, json, sys
from pathlib import Path
import nibabel as nib, numpy as np

step, folder = sys.argv[1], Path(sys.argv[2])
listing = folder / "list.json"
rng = np.random.default_rng(1)


def slices(image, chosen):
    """Axial slices as radiologists see them: rows from the front to the back, columns from right to left."""
    data = canonical(image).get_fdata()
    # Beside what was scanned there is air.
    data[np.isnan(data)] = -1000
    return [data[::-1, ::-1, k].T.astype(np.float32) for k in chosen]


def canonical(image):
    """Three axes, closest to the patient's."""
    if image.ndim != 3:
        image = nib.Nifti1Image(image.get_fdata().reshape(image.shape[:3] + (1,) * (3 - image.ndim)), image.affine)
    return nib.as_closest_canonical(image)


def describe(path, compress, chosen=None):
    image = nib.load(path)
    n_slices = canonical(image).shape[2]
    chosen = list(range(n_slices)) if chosen is None else chosen
    values = folder / f"{path.name}.npy"
    np.save(values, np.stack([s.ravel() for s in slices(image, chosen)]))
    out = folder / f"map-{path.name.split('.')[0]}.nii{'.gz' if compress else ''}"
    print(path, values, out, "".join(nib.aff2axcodes(image.affine)), ",".join(map(str, chosen)), sep="\t")
    return [str(path), str(values), str(out), chosen]


def volumes():
    shape, spacing = (7, 5, 4), np.array([0.45, 0.5, 2.5])
    dtypes = [np.int16, np.uint8, np.float32, np.int8, np.uint16, np.int32, np.uint32, np.float64]
    numbers = itertools.count()

    def image(rotation, name, form="both", header=None):
        n = next(numbers)
        affine = np.eye(4)
        affine[:3, :3] = rotation * spacing
        affine[:3, 3] = rng.uniform(-100, 100, 3)
        dtype = dtypes[n % len(dtypes)]
        data = rng.integers(-100 if np.dtype(dtype).kind != "u" else 0, 100, shape).astype(dtype)
        if np.dtype(dtype).kind == "f":
            data += rng.standard_normal(shape).astype(dtype)
        made = nib.Nifti1Image(data, affine, nib.Nifti1Header(endianness="<>"[n // 3 % 2]))
        made.header.set_data_dtype(dtype)
        made.set_sform(affine, 0 if form == "q" else 2)
        if form != "s":
            made.set_qform(affine, 1)
        if n % 4 == 1 and np.dtype(dtype).kind != "f":
            made.header.set_slope_inter(0.37, -1024.25)
        path = folder / f"{name}.nii{'.gz' if n % 2 else ''}"
        made.to_filename(path)
        return path

    for axes in itertools.permutations(range(3)):
        for signs in itertools.product([1, -1], repeat=3):
            rotation = np.zeros((3, 3))
            rotation[list(axes), range(3)] = signs
            name = "".join(map(str, axes)) + "".join("+-"[s < 0] for s in signs)
            yield image(rotation, f"s{name}", "s")
            yield image(rotation, f"q{name}", "q")
    for n in range(60):
        rotation = np.linalg.qr(rng.standard_normal((3, 3)))[0]
        yield image(rotation, f"oblique{n}", "sq"[n % 2])
    for n in range(20):
        shear = np.eye(3)
        shear[1, 2] = rng.uniform(-0.6, 0.6)
        directions = np.linalg.qr(rng.standard_normal((3, 3)))[0] @ shear
        yield image(directions / np.linalg.norm(directions, axis=0), f"sheared{n}", "s")


def unspecified():
    """Neither sform nor qform: only the sizes of voxels."""
    header = nib.Nifti1Header()
    header.set_data_dtype(np.int16)
    header.set_data_shape((6, 5, 4))
    header.set_zooms((0.5, 0.6, 3.0))
    header["magic"], header["vox_offset"], header["scl_slope"], header["scl_inter"] = b"n+1", 352, 1, 0
    path = folder / "unspecified.nii"
    data = np.arange(120, dtype=np.int16).tobytes()
    path.write_bytes(header.binaryblock + bytes(4) + data)
    return path


def patched(path, name, at, value):
    """A copy whose header has other bytes."""
    data = bytearray(path.read_bytes())
    data[at : at + len(value)] = value
    copy = folder / f"{name}.nii"
    copy.write_bytes(data)
    return copy


def unusual():
    """What nibabel reads though the header says more, or less, than it might."""

    def image(data, name, affine=np.diag([-0.45, 0.5, 2.5, 1])):
        path = folder / f"{name}.nii"
        made = nib.Nifti1Image(data, affine, dtype=data.dtype)
        made.to_filename(path)
        return path

    shape = (7, 5, 4)
    whole = rng.integers(-1000, 2000, shape)
    plain = image(whole.astype(np.int16), "plain")
    for name, scale in {"nan": (np.nan, np.nan), "nan-inter": (np.nan, 7), "inf": (np.inf, 7), "minus-inf": (-np.inf, np.nan),
                        "zero": (0, 7), "scaled": (0.5, -1024)}.items():
        yield patched(plain, f"slope-{name}", 112, np.array(scale, "<f4").tobytes())
    for dtype in (np.int64, np.uint64):
        yield image(np.abs(whole).astype(dtype) if dtype is np.uint64 else whole.astype(dtype), np.dtype(dtype).name)
        yield image((np.abs(whole).astype(dtype) << np.array(40, dtype)), f"{np.dtype(dtype).name}-large")
    for size in ((7, 5), (5, 7)):
        for n, affine in enumerate([np.diag([1.8, 1.8, 5, 1]), np.array([[0, -1.8, 0, 3], [1.8, 0, 0, 4], [0, 0, 5, 6], [0, 0, 0, 1]])]):
            yield image(rng.integers(-1000, 2000, size).astype(np.int16), f"plane-{size[0]}-{n}", affine)
    for rank in (4, 5, 6, 7):
        yield patched(plain, f"rank-{rank}", 40, np.array(rank, "<i2").tobytes())
    for n_bytes in (1, 16, 5000):
        path = folder / f"surplus-{n_bytes}.nii"
        path.write_bytes(plain.read_bytes() + bytes([7]) * n_bytes)
        yield path
        for name, data in {"in": gzip.compress(path.read_bytes()), "behind": gzip.compress(plain.read_bytes()) + bytes(n_bytes)}.items():
            path = folder / f"surplus-{n_bytes}-{name}.nii.gz"
            path.write_bytes(data)
            yield path
    for dtype in (np.float32, np.float64):
        data = rng.normal(0, 500, (16, 12, 3)).astype(dtype)
        i, j = np.meshgrid(np.arange(16) - 7.5, np.arange(12) - 5.5, indexing="ij")
        data[np.hypot(i / 8, j / 6) > 1] = np.nan
        yield image(data, f"circle-{np.dtype(dtype).name}")


def write():
    paths = [*volumes(), unspecified(), *unusual()]
    described = [describe(path, n % 3 == 0) for n, path in enumerate(paths)]
    package = importlib.util.find_spec("totalsegmentator")
    if package is None:
        print("totalsegmentator 2.18.0 is not installed, which brings a head CT")
    else:
        atlas = Path(package.submodule_search_locations[0]) / "resources/ct_brain_atlas_1mm.nii.gz"
        described.append(describe(atlas, True, [0, 40, 89, 90, 133, 178]))
    listing.write_text(json.dumps(described))


def check_dicom():
    """Two slices of a tilted gantry, as in the test; DICOM PS3.3 C.7.6.2.1.1, its x and y negated."""
    written = nib.load(folder / "dicom.nii.gz")
    row, col = np.array([1, 0, 0.0]), np.array([0, 0.8, -0.6])
    lps = np.eye(4)
    lps[:3] = np.column_stack([row * 0.45, col * 0.5, [0, 0, 5], [-110, -95.5, 31.25]])
    expected = np.diag([-1, -1, 1, 1]) @ lps
    assert np.allclose(written.affine, expected, rtol=0, atol=1e-6), written.affine
    assert written.header["sform_code"] == 1 and written.header["qform_code"] == 0
    assert np.allclose(written.header.get_zooms(), (0.45, 0.5, 5))
    assert written.header.get_xyzt_units()[0] == "mm"
    # Voxels are (column, row, slice).
    assert np.array_equal(np.asarray(written.dataobj)[:, :, 1].T, np.arange(6, dtype=np.float32).reshape(2, 3))
    assert not np.asarray(written.dataobj)[:, :, 0].any()


def check():
    described = json.loads(listing.read_text())
    for path, values, out, chosen in described:
        source, written = nib.load(path), nib.load(out)
        assert written.get_data_dtype().newbyteorder("=") == np.float32, out
        assert written.shape == (source.shape + (1,))[:3], out
        assert np.array_equal(written.affine, source.affine), out
        for form in ("get_sform", "get_qform"):
            (a, a_code), (b, b_code) = getattr(written, form)(coded=True), getattr(source, form)(coded=True)
            assert a_code == b_code and (a is None) == (b is None) and (a is None or np.array_equal(a, b)), (out, form)
        n_axes = min(source.ndim, 3)
        assert np.array_equal(written.header.get_zooms()[:n_axes], source.header.get_zooms()[:n_axes]), out
        expected = np.zeros(canonical(source).shape, np.float32)
        for k, flat in zip(chosen, np.load(values)):
            rows, cols = expected.shape[1], expected.shape[0]
            expected[:, :, k] = flat.reshape(rows, cols).T[::-1, ::-1]
        found = np.asarray(nib.as_closest_canonical(written).dataobj)
        assert np.array_equal(found, expected), out
        if len(chosen) == expected.shape[2]:
            data = source.get_fdata().reshape(written.shape)
            data[np.isnan(data)] = -1000
            assert np.array_equal(np.asarray(written.dataobj), data.astype(np.float32)), out
    check_dicom()
    print(f"{len(described)} maps")


{"write": write, "check": check}[step]()
