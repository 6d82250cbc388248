//! A phantom in the terms of the crates that prepare and draw slices, which know nothing of it.

use ct_io::HuSlice;
use ct_labels::BoundingBox;
use ct_phantom::{Phantom, SIDE};

/// The phantom as a slice of [`SIDE`] by [`SIDE`] pixels.
///
/// # Errors
///
/// None: a phantom is a full square of integers.
pub fn phantom_slice(phantom: &Phantom) -> Result<HuSlice, ct_io::Error> {
    let values_hu = phantom.hu().iter().map(|&hu| f32::from(hu)).collect();
    HuSlice::new(values_hu, SIDE, SIDE)
}

/// The box around the whole lesion, labelled `bleed`, or `None` without a lesion.
pub fn phantom_box(phantom: &Phantom) -> Option<BoundingBox> {
    let (rows, cols) = phantom.lesion_box()?;
    Some(BoundingBox {
        column: cols.start as f64,
        row: rows.start as f64,
        width: cols.len() as f64,
        height: rows.len() as f64,
        label: "bleed".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use ct_phantom::{Bleed, Lesions};

    use super::*;

    fn phantom(lesions: &Lesions) -> Phantom {
        Phantom::generate(1, lesions).expect("room for a bleed")
    }

    #[test]
    fn a_slice_keeps_every_value_in_its_place() {
        let phantom = phantom(&Lesions::Clear);
        let slice = phantom_slice(&phantom).expect("a slice");
        assert_eq!((slice.rows(), slice.cols()), (SIDE, SIDE));
        let hu: Vec<i16> = slice.values_hu().iter().map(|&hu| hu as i16).collect();
        assert_eq!(hu, phantom.hu());
    }

    #[test]
    fn rows_are_the_height_and_columns_the_width() {
        let phantom = phantom(&Lesions::Exactly(vec![Bleed::Intraparenchymal]));
        let (rows, cols) = phantom.lesion_box().expect("a bleed");
        assert!(rows.start != cols.start && rows.len() != cols.len());
        let b = phantom_box(&phantom).expect("a box");
        let expected = [rows.start, rows.len(), cols.start, cols.len()].map(|n| n as f64);
        assert_eq!([b.row, b.height, b.column, b.width], expected);
    }

    #[test]
    fn a_clear_phantom_has_no_box() {
        assert_eq!(phantom_box(&phantom(&Lesions::Clear)), None);
    }
}
