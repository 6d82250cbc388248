use std::path::Path;

use ct_io::{Affine, Error, NiftiEncoding, NiftiError, NiftiMap, NiftiVolume};

use crate::volume::{File, orientations};

#[test]
fn maps_go_back_to_the_voxels_they_are_from_in_all_orientations() {
    for (axes, is_reversed) in orientations() {
        for is_big in [false, true] {
            let mut file = File::oriented(axes, is_reversed);
            file.is_big = is_big;
            if is_big {
                file.data.chunks_exact_mut(2).for_each(<[u8]>::reverse);
            }
            let volume = NiftiVolume::from_bytes(&file.bytes()).expect("a volume");
            let mut map = volume.header().blank_map().expect("a map");
            for k in 0..volume.header().n_slices() {
                let slice = volume.slice(k).expect("a slice");
                map.set_slice(k, slice.hu.values_hu())
                    .expect("a map of this size");
            }
            let bytes = map.to_bytes(NiftiEncoding::Plain).expect("bytes");
            let expected: Vec<u8> = file
                .data
                .chunks_exact(2)
                .flat_map(|bytes| {
                    if is_big {
                        f32::from(i16::from_be_bytes([bytes[0], bytes[1]])).to_be_bytes()
                    } else {
                        f32::from(i16::from_le_bytes([bytes[0], bytes[1]])).to_le_bytes()
                    }
                })
                .collect();
            assert_eq!(bytes[352..], expected, "{axes:?} {is_reversed:?}");

            let again = NiftiVolume::from_bytes(&bytes).expect("a volume");
            assert_eq!(again.header().affine(), volume.header().affine());
            assert_eq!(
                again.header().affine_source(),
                volume.header().affine_source()
            );
        }
    }
}

#[test]
fn a_map_keeps_where_the_volume_lies_and_not_whose_it_is() {
    let mut file = File::oriented([2, 0, 1], [false, true, false]);
    (file.codes, file.quatern) = ([1, 4], [0.1, 0.2, 0.3, 4.0, 5.0, 6.0]);
    (file.pixdim[0], file.xyzt_units) = (-1.0, 2);
    let source = file.bytes();
    let volume = NiftiVolume::from_bytes(&source).expect("a volume");
    let bytes = volume
        .header()
        .blank_map()
        .expect("a map")
        .to_bytes(NiftiEncoding::Plain)
        .expect("bytes");
    for kept in [40..56, 76..108, 123..124, 252..328] {
        assert_eq!(bytes[kept.clone()], source[kept]);
    }
    assert!(!bytes.windows(3).any(|text| text == b"DOE"));
}

#[test]
fn compressed_maps_are_the_same_and_smaller() {
    let volume = NiftiVolume::from_bytes(&File::small().bytes()).expect("a volume");
    let mut map = volume.header().blank_map().expect("a map");
    map.set_slice(1, &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
        .expect("a map");
    let packed = map.to_bytes(NiftiEncoding::Gzip).expect("bytes");
    let again = NiftiVolume::from_bytes(&packed).expect("a volume");
    assert_eq!(again.slice(0).expect("a slice").hu.values_hu(), [0.0; 6]);
    assert_eq!(
        again.slice(1).expect("a slice").hu.values_hu(),
        [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]
    );
    assert!(packed.len() < map.to_bytes(NiftiEncoding::Plain).expect("bytes").len());

    for (name, encoding) in [
        ("map.nii", NiftiEncoding::Plain),
        ("map.nii.gz", NiftiEncoding::Gzip),
        ("MAP.NII.GZ", NiftiEncoding::Gzip),
        ("gz", NiftiEncoding::Plain),
    ] {
        assert_eq!(NiftiEncoding::of_path(Path::new(name)), encoding, "{name}");
    }
}

#[test]
fn maps_of_another_size_or_with_nan_are_refused() {
    let volume = NiftiVolume::from_bytes(&File::small().bytes()).expect("a volume");
    let mut map = volume.header().blank_map().expect("a map");
    let error = map.set_slice(2, &[0.0; 6]).expect_err("two slices");
    assert!(matches!(
        error,
        Error::Nifti(NiftiError::Slice {
            slice: 2,
            slices: 2
        })
    ));
    let error = map.set_slice(0, &[0.0; 5]).expect_err("six pixels");
    assert!(matches!(
        error,
        Error::Nifti(NiftiError::MapLength {
            found: 5,
            rows: 2,
            cols: 3
        })
    ));
    let error = map
        .set_slice(1, &[0.0, f32::NAN, 0.0, 0.0, 0.0, 0.0])
        .expect_err("NaN");
    assert!(
        matches!(
            error,
            Error::Nifti(NiftiError::NotFinite {
                voxel: [1, 1, 1],
                ..
            })
        ),
        "{error}"
    );
}

/// An axial DICOM slice: rows run to the left, columns to the back, both of which RAS counts
/// downwards.
#[test]
fn a_dicom_slice_lies_where_dicom_says() {
    let orientation = [1.0, 0.0, 0.0, 0.0, 1.0, 0.0];
    let affine = Affine::from_dicom(
        orientation,
        [-120.0, -80.0, 35.0],
        (0.5, 0.25),
        [0.0, 0.0, 5.0],
    );
    let affine = affine.expect("an affine");
    let expected = [
        [-0.25, 0.0, 0.0, 120.0],
        [0.0, -0.5, 0.0, 80.0],
        [0.0, 0.0, 5.0, 35.0],
    ];
    assert_eq!(affine.rows(), expected);

    let values = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
    let mut map = NiftiMap::blank(2, 3, 2, &affine).expect("a map");
    map.set_slice(0, &values).expect("six pixels");
    let bytes = map.to_bytes(NiftiEncoding::Plain).expect("bytes");
    let volume = NiftiVolume::from_bytes(&bytes).expect("a volume");
    assert_eq!(volume.header().affine().rows(), expected);
    assert_eq!(volume.header().axis_codes(), "LPS");
    let slice = volume.slice(0).expect("a slice");
    assert_eq!(
        (slice.hu.values_hu(), slice.spacing_mm),
        (&values[..], Some((0.5, 0.25)))
    );
    let slice = volume.slice(1).expect("a slice");
    assert_eq!(slice.hu.values_hu(), [0.0; 6]);
}

/// A gantry tilted by the angle whose tangent is 3/4: columns run to the back and down.
#[test]
fn a_tilted_dicom_slice_is_oblique() {
    let orientation = [1.0, 0.0, 0.0, 0.0, 0.8, -0.6];
    let across = [0.0, 3.0, 4.0];
    let affine = Affine::from_dicom(orientation, [0.0; 3], (0.5, 0.5), across).expect("an affine");
    assert_eq!(affine.rows()[2], [0.0, -0.3, 4.0, 0.0]);
    assert_eq!(affine.rows()[1], [0.0, -0.4, -3.0, 0.0]);
    let map = NiftiMap::blank(2, 3, 1, &affine).expect("a map");
    let bytes = map.to_bytes(NiftiEncoding::Plain).expect("bytes");
    let volume = NiftiVolume::from_bytes(&bytes).expect("a volume");
    assert!((volume.header().obliquity_degrees() - 0.75_f64.atan().to_degrees()).abs() < 1e-5);
}

#[test]
fn geometry_that_spans_no_volume_is_refused() {
    let up = [0.0, 0.0, 1.0];
    let flat = Affine::from_dicom([1.0, 0.0, 0.0, 1.0, 0.0, 0.0], [0.0; 3], (1.0, 1.0), up);
    let message = flat.expect_err("parallel axes").to_string();
    assert!(message.contains("ImageOrientationPatient"), "{message}");
    let long = Affine::from_dicom([2.0, 0.0, 0.0, 0.0, 0.5, 0.0], [0.0; 3], (1.0, 1.0), up);
    assert!(long.is_err());
    let axial = [1.0, 0.0, 0.0, 0.0, 1.0, 0.0];
    let message = Affine::from_dicom(axial, [0.0; 3], (1.0, 0.0), up).expect_err("no width");
    assert!(message.to_string().contains("DICOM geometry"), "{message}");
    assert!(Affine::new([[f64::NAN; 4]; 3]).is_err());
    let affine = Affine::new([
        [1.0, 0.0, 0.0, 0.0],
        [0.0, 1.0, 0.0, 0.0],
        [0.0, 0.0, 1.0, 0.0],
    ]);
    let affine = affine.expect("an affine");
    for (rows, slices, named) in [(0, 1, "dim[2]"), (2, 8193, "dim[3]")] {
        let map = NiftiMap::blank(rows, 3, slices, &affine);
        assert!(
            matches!(map, Err(Error::Nifti(NiftiError::Field { field, .. })) if field == named)
        );
    }
    let huge = NiftiMap::blank(8192, 8192, 3, &affine);
    assert!(matches!(
        huge,
        Err(Error::Nifti(NiftiError::VolumeSize { .. }))
    ));
}
