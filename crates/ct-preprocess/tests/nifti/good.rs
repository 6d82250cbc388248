use ct_preprocess::{Error, NiftiError, NiftiVolume};

use crate::volume::{File, gzip};

/// Slices as in the file: rows and columns of [`File::small`] run against the image's.
fn values(bytes: &[u8]) -> Vec<f32> {
    let volume = NiftiVolume::from_bytes(bytes).expect("a volume");
    let slices = (0..volume.n_slices()).map(|k| volume.slice(k).expect("a slice"));
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

fn counted() -> Vec<f32> {
    (1..=12).map(|value| value as f32).collect()
}

#[test]
fn reads_every_type_in_both_byte_orders() {
    type Encode = fn(i16) -> Vec<u8>;
    let types: [(i16, i16, Encode); 8] = [
        (2, 8, |v| (v as u8).to_le_bytes().into()),
        (4, 16, |v| v.to_le_bytes().into()),
        (8, 32, |v| i32::from(v).to_le_bytes().into()),
        (16, 32, |v| f32::from(v).to_le_bytes().into()),
        (64, 64, |v| f64::from(v).to_le_bytes().into()),
        (256, 8, |v| (v as i8).to_le_bytes().into()),
        (512, 16, |v| (v as u16).to_le_bytes().into()),
        (768, 32, |v| (v as u32).to_le_bytes().into()),
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
fn slope_and_intercept_are_applied_and_a_slope_of_0_is_none() {
    let scaled = File {
        scl: [0.5, -1024.0],
        ..File::small()
    };
    let expected: Vec<f32> = counted().iter().map(|value| value / 2.0 - 1024.0).collect();
    assert_eq!(values(&scaled.bytes()), expected);
    let none = File {
        scl: [0.0, 7.0],
        ..File::small()
    };
    assert_eq!(values(&none.bytes()), counted());
}

#[test]
fn gzip_is_told_by_the_bytes_and_may_have_several_members() {
    let bytes = File::small().bytes();
    assert_eq!(values(&gzip(&bytes)), counted());
    let (head, tail) = bytes.split_at(360);
    assert_eq!(values(&[gzip(head), gzip(tail)].concat()), counted());
}

#[test]
fn extensions_before_the_voxels_and_a_fourth_axis_of_1_are_no_matter() {
    let mut file = File::small();
    file.vox_offset = 416.0;
    file.dim[0] = 4;
    assert_eq!(values(&file.bytes()), counted());
}

#[test]
fn files_are_read_and_errors_name_them() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("volume.nii.gz");
    std::fs::write(&path, gzip(&File::small().bytes())).expect("written");
    assert_eq!(NiftiVolume::read(&path).expect("a volume").n_slices(), 2);

    std::fs::write(&path, "nothing").expect("written");
    let error = NiftiVolume::read(&path).expect_err("no volume");
    assert!(
        error
            .to_string()
            .contains("volume.nii.gz: not a NIfTI-1 file"),
        "{error}"
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
