use ct_io::{Error, NiftiEncoding, NiftiError, NiftiVolume, Warning};
use test_kit::{gzip, with_causes};

use crate::volume::File;

/// Slices as in the file: rows and columns of [`File::small`] run against the image's.
fn values(bytes: &[u8]) -> Vec<f32> {
    let volume = NiftiVolume::from_bytes(bytes).expect("a volume");
    let slices = (0..volume.header().n_slices()).map(|k| volume.slice(k).expect("a slice"));
    slices
        .flat_map(|slice| {
            slice
                .hu
                .values_hu()
                .iter()
                .rev()
                .copied()
                .collect::<Vec<_>>()
        })
        .collect()
}

/// The warnings of the file.
fn codes(bytes: &[u8]) -> Vec<&'static str> {
    let volume = NiftiVolume::from_bytes(bytes).expect("a volume");
    volume.warnings().iter().map(Warning::code).collect()
}

fn counted() -> Vec<f32> {
    (1..=12).map(|value| value as f32).collect()
}

#[test]
fn reads_every_type_in_both_byte_orders() {
    type Encode = fn(i16) -> Vec<u8>;
    let types: [(i16, i16, Encode); 10] = [
        (2, 8, |v| (v as u8).to_le_bytes().into()),
        (4, 16, |v| v.to_le_bytes().into()),
        (8, 32, |v| i32::from(v).to_le_bytes().into()),
        (16, 32, |v| f32::from(v).to_le_bytes().into()),
        (64, 64, |v| f64::from(v).to_le_bytes().into()),
        (256, 8, |v| (v as i8).to_le_bytes().into()),
        (512, 16, |v| (v as u16).to_le_bytes().into()),
        (768, 32, |v| (v as u32).to_le_bytes().into()),
        (1024, 64, |v| i64::from(v).to_le_bytes().into()),
        (1280, 64, |v| (v as u64).to_le_bytes().into()),
    ];
    for (datatype, bitpix, encode) in types {
        for is_big in [false, true] {
            let encoded = |value| {
                let mut bytes = encode(value);
                if is_big {
                    bytes.reverse();
                }
                bytes
            };
            let data = (1..=12).flat_map(encoded).collect();
            let file = File {
                is_big,
                datatype,
                bitpix,
                data,
                ..File::small()
            };
            assert_eq!(values(&file.bytes()), counted(), "{datatype}, {is_big}");
        }
    }
}

#[test]
fn slope_and_intercept_are_applied_and_some_slopes_are_none() {
    let scaled = File {
        scl: [0.5, -1024.0],
        ..File::small()
    };
    let expected: Vec<f32> = counted().iter().map(|value| value / 2.0 - 1024.0).collect();
    assert_eq!(values(&scaled.bytes()), expected);
    for scl in [
        [0.0, 7.0],
        [-0.0, f32::INFINITY],
        [f32::NAN, 0.0],
        [f32::NAN, f32::NAN],
        [f32::INFINITY, 7.0],
        [f32::NEG_INFINITY, 0.0],
    ] {
        let none = File {
            scl,
            ..File::small()
        };
        assert_eq!(values(&none.bytes()), counted(), "{scl:?}");
        let expected: &[&str] = match scl[0].is_infinite() {
            true => &["infinite-slope"],
            false => &[],
        };
        assert_eq!(codes(&none.bytes()), expected, "{scl:?}");
    }
}

#[test]
fn gzip_is_told_by_the_bytes_and_may_have_several_members() {
    let bytes = File::small().bytes();
    assert_eq!(values(&gzip(&bytes)), counted());
    let (head, tail) = bytes.split_at(360);
    assert_eq!(values(&[gzip(head), gzip(tail)].concat()), counted());
}

#[test]
fn extensions_before_the_voxels_and_more_axes_of_1_are_no_matter() {
    for rank in 4..=7 {
        let mut file = File::small();
        file.vox_offset = 416.0;
        file.dim[0] = rank;
        assert_eq!(values(&file.bytes()), counted(), "rank {rank}");
    }
    // What lies behind the rank is not looked at.
    let mut file = File::small();
    file.dim[4..].copy_from_slice(&[0, -3, 9, 100]);
    assert_eq!(values(&file.bytes()), counted());
}

#[test]
fn a_plane_is_a_volume_of_one_slice() {
    let plane = || File {
        dim: [2, 4, 3, 1, 1, 1, 1, 1],
        ..File::small()
    };
    let of_sform = plane();
    let mut of_qform = plane();
    of_qform.codes = [1, 0];
    let mut of_pixdim = plane();
    of_pixdim.codes = [0, 0];
    // The third side of a plane may be anything.
    for file in [&mut of_qform, &mut of_pixdim] {
        (file.dim[3], file.pixdim[3]) = (0, 0.0);
    }
    for (name, file) in [
        ("sform", &of_sform),
        ("qform", &of_qform),
        ("pixdim", &of_pixdim),
    ] {
        let volume = NiftiVolume::from_bytes(&file.bytes()).expect(name);
        let header = volume.header();
        assert_eq!((header.n_slices(), header.slice_shape()), (1, (3, 4)));
        assert_eq!(header.spacing_mm(), (1.0, 1.0));
        let map = header.blank_map().expect("a map");
        let map = map.to_bytes(NiftiEncoding::Plain).expect("bytes");
        let map = NiftiVolume::from_bytes(&map).expect(name);
        assert_eq!(map.header().affine(), header.affine(), "{name}");
    }
    assert_eq!(values(&of_sform.bytes()), counted());
}

#[test]
fn bytes_behind_the_voxels_are_a_warning() {
    let good = File::small().bytes();
    let zeros = gzip(&vec![0; 64 << 20]);
    for (name, bytes, says) in [
        ("one byte", [&good[..], b"x"].concat(), "1 bytes behind"),
        (
            "16 bytes",
            [&good[..], &[7; 16]].concat(),
            "16 bytes behind",
        ),
        (
            "within gzip",
            gzip(&[&good[..], &[0; 16]].concat()),
            "16 bytes behind the voxels of the header's [3, 2, 2]",
        ),
        (
            "behind gzip",
            [&gzip(&good)[..], b"junk"].concat(),
            "behind the compressed data",
        ),
        (
            "zeros behind gzip",
            [&gzip(&good)[..], &[0; 512]].concat(),
            "behind the compressed data",
        ),
        (
            "a member that inflates to 2 GiB",
            [gzip(&good), zeros.repeat(32)].concat(),
            "at least 1048576 bytes",
        ),
    ] {
        let volume = NiftiVolume::from_bytes(&bytes).expect(name);
        let [warning] = volume.warnings() else {
            panic!("{name}: {:?}", volume.warnings());
        };
        assert_eq!(warning.code(), "surplus-data", "{name}");
        assert!(warning.to_string().contains(says), "{name}: {warning}");
        assert_eq!(values(&bytes), counted(), "{name}");
    }
    assert!(codes(&good).is_empty() && codes(&gzip(&good)).is_empty());
}

/// A slice of 8 x 8 floats of 40 HU, of which some are another value.
fn floats(other: f32, is_other: impl Fn(usize, usize) -> bool) -> Vec<u8> {
    let value = |index: usize| match is_other(index / 8, index % 8) {
        true => other,
        false => 40.0,
    };
    let file = File {
        dim: [3, 8, 8, 1, 1, 1, 1, 1],
        datatype: 16,
        bitpix: 32,
        data: (0..64)
            .flat_map(|index| value(index).to_le_bytes())
            .collect(),
        ..File::small()
    };
    file.bytes()
}

#[test]
fn voxels_without_a_number_outside_the_head_are_air() {
    type Is = fn(usize, usize) -> bool;
    let corner: Is = |row, col| row < 2 && col < 2;
    let frame: Is = |row, col| row.min(7 - row).min(col.min(7 - col)) < 2;
    let some_inside: Is = |row, col| (row, col) == (3, 4) || col == 0;
    for (n_nan, n_inside, is_nan) in [(4, 0, corner), (48, 0, frame), (9, 1, some_inside)] {
        let volume = NiftiVolume::from_bytes(&floats(f32::NAN, is_nan)).expect("a volume");
        let slice = volume.slice(0).expect("a slice");
        let n_air = slice.hu.values_hu().iter().filter(|&&hu| hu == -1000.0);
        assert_eq!(n_air.count(), n_nan);
        let [warning] = &slice.warnings[..] else {
            panic!("{:?}", slice.warnings);
        };
        assert_eq!(warning.code(), "nan-pixels");
        let text = warning.to_string();
        assert!(text.starts_with(&format!("{n_nan} pixels")), "{text}");
        assert_eq!(text.contains("in the middle"), n_inside > 0, "{text}");
    }
    // Most of the middle, and all of it.
    for is_nan in [|row, _| row < 5, |_, _| true] as [Is; 2] {
        let volume = NiftiVolume::from_bytes(&floats(f32::NAN, is_nan)).expect("a volume");
        let error = volume.slice(0).expect_err("no head");
        assert!(
            matches!(error, Error::NoNumbers { n_middle: 16, .. }),
            "{error}"
        );
    }
    // Infinities are faults wherever they are.
    for infinite in [f32::INFINITY, f32::NEG_INFINITY] {
        let volume = NiftiVolume::from_bytes(&floats(infinite, corner)).expect("a volume");
        let error = volume.slice(0).expect_err("infinite");
        let Error::Nifti(NiftiError::NotFinite { voxel, .. }) = error else {
            panic!("{error}");
        };
        assert_eq!(
            voxel,
            [1, 1, 0],
            "the last of the corner in the file is the first here"
        );
    }
}

#[test]
fn files_are_read_and_errors_name_them() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("volume.nii.gz");
    std::fs::write(&path, gzip(&File::small().bytes())).expect("written");
    assert_eq!(
        NiftiVolume::read(&path)
            .expect("a volume")
            .header()
            .n_slices(),
        2
    );

    std::fs::write(&path, "nothing").expect("written");
    let error = NiftiVolume::read(&path).expect_err("no volume");
    let message = with_causes(&error);
    assert!(
        message.contains("volume.nii.gz: not a NIfTI-1 file"),
        "{message}"
    );
    let Err(Error::File { source, .. }) = NiftiVolume::read(folder.path()) else {
        panic!("a folder was read");
    };
    assert!(matches!(*source, Error::NotAFile));
    let Err(Error::File { source, .. }) = NiftiVolume::read(folder.path().join("none.nii")) else {
        panic!("nothing was read");
    };
    assert!(matches!(*source, Error::Io(_)));
}

#[test]
fn slices_that_do_not_exist_are_an_error() {
    let volume = NiftiVolume::from_bytes(&File::small().bytes()).expect("a volume");
    let error = volume.slice(2).expect_err("two slices");
    assert!(
        matches!(
            error,
            Error::Nifti(NiftiError::Slice {
                slice: 2,
                slices: 2
            })
        ),
        "{error}"
    );
}
