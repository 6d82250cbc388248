use ct_io::{AffineSource, NiftiVolume};
use proptest::prelude::*;

use crate::volume::{File, SIDES, SPACING_MM, orientations, value_at};

/// Rows from the front to the back, columns from right to left, slices from the feet up.
fn assert_radiological(volume: &NiftiVolume, name: &str) {
    let [width, depth, height] = SIDES;
    assert_eq!(volume.header().n_slices(), height, "{name}");
    assert_eq!(volume.header().slice_shape(), (depth, width), "{name}");
    assert_eq!(
        volume.header().slice_spacing_mm(),
        f64::from(SPACING_MM[2]),
        "{name}"
    );
    for k in 0..height {
        let slice = volume.slice(k).expect("a slice");
        assert_eq!(slice.spacing_mm, Some((0.75, 0.5)), "{name}");
        for row in 0..depth {
            for col in 0..width {
                let expected = value_at([width - 1 - col, depth - 1 - row, k]);
                let found = slice.hu.values_hu()[row * width + col];
                assert_eq!(
                    found,
                    f32::from(expected),
                    "{name}: slice {k}, row {row}, col {col}"
                );
            }
        }
    }
}

#[test]
fn slices_lie_the_same_in_all_48_orientations() {
    let mut codes = Vec::new();
    for (axes, is_reversed) in orientations() {
        let name = format!("{axes:?} {is_reversed:?}");
        let bytes = File::oriented(axes, is_reversed).bytes();
        let volume = NiftiVolume::from_bytes(&bytes).expect("a volume");
        assert_radiological(&volume, &name);
        assert_eq!(volume.header().affine_source(), AffineSource::Sform);
        assert_eq!(volume.header().obliquity_degrees(), 0.0, "{name}");
        codes.push(volume.header().axis_codes());
    }
    codes.sort();
    codes.dedup();
    assert_eq!(codes.len(), 48);
}

#[test]
fn the_names_of_the_axes_are_those_of_their_ends() {
    let codes = |axes, is_reversed| {
        let bytes = File::oriented(axes, is_reversed).bytes();
        NiftiVolume::from_bytes(&bytes)
            .expect("a volume")
            .header()
            .axis_codes()
    };
    assert_eq!(codes([0, 1, 2], [false; 3]), "RAS");
    assert_eq!(codes([0, 1, 2], [true, true, false]), "LPS");
    assert_eq!(codes([1, 2, 0], [true, true, false]), "PIR");
}

/// b = c = 0, d = 1 is half a turn about the axis to the head.
#[test]
fn a_quaternion_turns_the_axes() {
    let mut file = File::oriented([0, 1, 2], [true, true, false]);
    file.codes = [1, 0];
    file.quatern = [0.0, 0.0, 1.0, 2.0, 2.25, 0.0];
    let turned = NiftiVolume::from_bytes(&file.bytes()).expect("a volume");
    assert_radiological(&turned, "half a turn");
    assert_eq!(turned.header().affine_source(), AffineSource::Qform);
    assert_eq!(
        turned.header().affine().rows().map(|row| row[3]),
        [2.0, 2.25, 0.0]
    );

    let mut file = File::oriented([0, 1, 2], [false, false, true]);
    file.codes = [1, 0];
    file.pixdim[0] = -1.0;
    let mirrored = NiftiVolume::from_bytes(&file.bytes()).expect("a volume");
    assert_radiological(&mirrored, "qfac -1");
    assert_eq!(mirrored.header().axis_codes(), "RAI");
}

#[test]
fn the_sform_counts_before_the_qform() {
    let mut file = File::oriented([1, 2, 0], [true, false, true]);
    file.codes = [1, 2];
    file.quatern = [0.0, 0.0, 1.0, 0.0, 0.0, 0.0];
    assert_radiological(
        &NiftiVolume::from_bytes(&file.bytes()).expect("a volume"),
        "both",
    );
}

#[test]
fn without_both_the_first_axis_is_assumed_to_run_to_the_left() {
    let mut file = File::oriented([0, 1, 2], [true, false, false]);
    file.codes = [0, 0];
    let volume = NiftiVolume::from_bytes(&file.bytes()).expect("a volume");
    assert_radiological(&volume, "pixdim");
    assert_eq!(volume.header().affine_source(), AffineSource::Pixdim);
    assert_eq!(volume.header().axis_codes(), "LAS");
}

/// Turned by the angle whose tangent is 3/4 about the axis from right to left.
#[test]
fn the_angle_of_an_oblique_volume_is_said() {
    let mut file = File::oriented([0, 1, 2], [false; 3]);
    file.srow[1] = [0.0, 0.8 * 0.75, -0.6 * 5.0, 0.0];
    file.srow[2] = [0.0, 0.6 * 0.75, 0.8 * 5.0, 0.0];
    let volume = NiftiVolume::from_bytes(&file.bytes()).expect("a volume");
    let expected = 0.75_f64.atan().to_degrees();
    assert!(
        (volume.header().obliquity_degrees() - expected).abs() < 1e-5,
        "{}",
        volume.header().obliquity_degrees()
    );
    let slice = volume.slice(2).expect("a slice");
    let (rows_mm, cols_mm) = slice.spacing_mm.expect("a spacing");
    // The affine is stored in f32.
    assert!((rows_mm - 0.75).abs() < 1e-6 && (cols_mm - 0.5).abs() < 1e-6);
    assert_eq!(slice.hu.values_hu()[0], 234.0);
}

#[test]
fn metres_and_micrometres_become_millimetres() {
    for (code, mm) in [(0, 1.0), (1, 1000.0), (2, 1.0), (3, 0.001), (10, 1.0)] {
        let mut file = File::small();
        file.xyzt_units = code;
        let volume = NiftiVolume::from_bytes(&file.bytes()).expect("a volume");
        assert_eq!(volume.slice(0).expect("a slice").spacing_mm, Some((mm, mm)));
    }
}

proptest! {
    /// Whatever the affine is: an error, or each of the patient's axes once.
    #[test]
    fn every_affine_is_refused_or_has_three_axes(
        bits in any::<[u32; 12]>(),
        small in any::<[i8; 9]>(),
        is_small in any::<bool>(),
    ) {
        let mut file = File::small();
        for (index, number) in file.srow.as_flattened_mut().iter_mut().enumerate() {
            *number = if is_small {
                f32::from(small[index % 9])
            } else {
                f32::from_bits(bits[index])
            };
        }
        if let Ok(volume) = NiftiVolume::from_bytes(&file.bytes()) {
            let codes = volume.header().axis_codes();
            for ends in ["RL", "AP", "SI"] {
                prop_assert_eq!(codes.matches(|code| ends.contains(code)).count(), 1, "{}", codes);
            }
            prop_assert!((0.0..=90.0).contains(&volume.header().obliquity_degrees()));
            prop_assert!(volume.slice(0).is_ok());
        }
    }
}
