//! Chosen slices of a volume, and headers without voxels.

use std::io::Write;

use ct_io::{Error, NiftiEncoding, NiftiError, NiftiHeader, NiftiVolume};
use test_kit::{gzip, with_causes};

use crate::volume::{File, orientations};

#[test]
fn chosen_slices_equal_those_of_the_whole_in_all_orientations() {
    for (axes, is_reversed) in orientations() {
        let bytes = File::oriented(axes, is_reversed).bytes();
        let whole = NiftiVolume::from_bytes(&bytes).expect("a volume");
        for chosen in [&[0][..], &[2], &[0, 2], &[1, 2], &[]] {
            for bytes in [bytes.clone(), gzip(&bytes)] {
                let part = NiftiVolume::from_reader(&bytes[..], |k| chosen.contains(&k));
                let part = part.expect("a volume");
                assert_eq!(part.header().n_slices(), 3);
                for k in 0..3 {
                    match (part.slice(k), chosen.contains(&k)) {
                        (Ok(slice), true) => assert_eq!(slice, whole.slice(k).expect("a slice")),
                        (Err(Error::Nifti(NiftiError::NotHeld { slice, held })), false) => {
                            assert_eq!((slice, held), (k, chosen.len()));
                        }
                        (other, _) => panic!("{axes:?} {is_reversed:?} {k}: {other:?}"),
                    }
                }
            }
        }
    }
}

#[test]
fn a_header_is_read_without_its_voxels() {
    let file = File::oriented([2, 0, 1], [true, false, false]);
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("head.nii");
    let whole = NiftiVolume::from_bytes(&file.bytes()).expect("a volume");
    for bytes in [file.bytes(), gzip(&file.bytes()), gzip(&file.header())] {
        std::fs::write(&path, bytes).expect("written");
        let header = NiftiHeader::read(&path).expect("a header");
        assert_eq!((header.n_slices(), header.slice_shape()), (3, (4, 5)));
        assert_eq!(header.affine(), whole.header().affine());
        let bytes = |header: &NiftiHeader| {
            let map = header.blank_map().expect("a map");
            map.to_bytes(NiftiEncoding::Plain).expect("bytes")
        };
        assert_eq!(bytes(&header), bytes(whole.header()));
    }
    let error = NiftiVolume::read(&path).expect_err("no voxels");
    let message = with_causes(&error);
    assert!(message.contains("0 bytes behind the header"), "{message}");

    // Of a plain file the length is known.
    let bytes = file.bytes();
    for cut in [1, 119, 120] {
        std::fs::write(&path, &bytes[..bytes.len() - cut]).expect("written");
        let error = NiftiHeader::read(&path).expect_err("cut");
        let message = with_causes(&error);
        assert!(message.contains("expected 120"), "{message}");
        let of_volume = NiftiVolume::read(&path).expect_err("cut");
        assert_eq!(message, with_causes(&of_volume));
    }
    std::fs::write(&path, "nothing").expect("written");
    let error = NiftiHeader::read(&path).expect_err("no header");
    let message = with_causes(&error);
    assert!(message.contains("head.nii: not a NIfTI-1"), "{message}");
}

/// 600 slices of 512 x 512 are 2^27.2 voxels; a file with holes holds them in no space.
#[cfg(unix)]
#[test]
fn slices_of_a_volume_beyond_the_limit_are_read_one_by_one() {
    const N: usize = 512;
    const SLICES: usize = 600;

    for (axis, dim) in [(2, [N, N, SLICES]), (0, [SLICES, N, N])] {
        let mut file = File::small();
        (file.datatype, file.bitpix) = (2, 8);
        for (side, n) in file.dim[1..4].iter_mut().zip(dim) {
            *side = n as i16;
        }
        if axis == 0 {
            // The voxels run to the head first, then to the right and to the front.
            file.srow = [
                [0.0, 1.0, 0.0, 0.0],
                [0.0, 0.0, 1.0, 0.0],
                [1.0, 0.0, 0.0, 0.0],
            ];
        }
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("large.nii");
        let mut large = std::fs::File::create(&path).expect("a file");
        large.write_all(&file.bytes()[..352]).expect("written");
        // One voxel of slice 577: at the right, in front.
        let index = match axis {
            2 => N - 1 + N * (N - 1 + N * 577),
            _ => 577 + SLICES * (N - 1 + N * (N - 1)),
        };
        std::os::unix::fs::FileExt::write_at(&large, &[99], 352 + index as u64).expect("written");
        large
            .set_len((352 + N * N * SLICES) as u64)
            .expect("as long");

        assert_eq!(
            NiftiHeader::read(&path).expect("a header").n_slices(),
            SLICES
        );
        let Err(Error::File { source, .. }) = NiftiVolume::read(&path) else {
            panic!("too many voxels were held");
        };
        let message = source.to_string();
        assert!(
            message.contains("157286400 voxels, expected at most 134217728"),
            "{message}"
        );
        assert!(message.contains("choose fewer slices"), "{message}");

        let part = NiftiVolume::read_slices(&path, |k| (570..590).contains(&k)).expect("a part");
        for k in [570, 577, 589] {
            let slice = part.slice(k).expect("a slice");
            let n_set = slice
                .hu
                .values_hu()
                .iter()
                .filter(|&&hu| hu == 99.0)
                .count();
            assert_eq!(n_set, usize::from(k == 577), "slice {k}");
        }
        // Rows start in front, columns at the right.
        assert_eq!(part.slice(577).expect("a slice").hu.values_hu()[0], 99.0);
        let error = part.header().blank_map().expect_err("too many voxels");
        assert!(
            matches!(error, Error::Nifti(NiftiError::VolumeSize { .. })),
            "{error}"
        );

        // Cut short behind the chosen slices: still an error.
        large
            .set_len((352 + N * N * SLICES) as u64 - 1)
            .expect("shorter");
        let error = NiftiVolume::read_slices(&path, |k| k == 0).expect_err("cut");
        let message = with_causes(&error);
        assert!(message.contains("157286399 bytes behind"), "{message}");
    }
}
