use ct_labels::BoundingBox;
use map_metrics::{BoxRule, Localisation, Rectangle, Truth};

use crate::Saliency;

/// The share of a map's positive sum that lies within the boxes, from 0 to 1; none where no pixel lies in a
/// box, and none where no value is above 0.
///
/// This is the energy-based pointing game of Wang et al. (2020, Score-CAM) for boxes of any number. A
/// pixel counts where its centre lies in a box: as in the table, whole coordinates are centres, so a box
/// of `column` 2 and `width` 3 holds the columns 2, 3 and 4. The right and the lower edge do not belong
/// to a box. A pixel in several boxes counts once; parts of a box outside the map count nothing.
#[must_use]
pub fn energy_in_boxes(map: &Saliency<'_>, boxes: &[BoundingBox]) -> Option<f64> {
    let boxes = boxes.iter().map(|bounds| Rectangle {
        column: bounds.column,
        row: bounds.row,
        width: bounds.width,
        height: bounds.height,
    });
    let boxes: Vec<Rectangle> = boxes.collect();
    let truth = Truth::from_boxes(&boxes, BoxRule::Centres, map.map().size()).ok()?;
    Localisation::new(map.map(), &truth).ok()?.energy().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::bounds;

    const DIMS: (usize, usize) = (3, 5);

    /// The share of a map whose pixel `(row, col)` is `2^(5 row + col)`, as the sum that lies inside.
    fn inside(boxes: &[BoundingBox]) -> u32 {
        let map: Vec<f32> = (0..15).map(|at| 2_f32.powi(at)).collect();
        let share = energy_in_boxes(&Saliency::new(&map, DIMS).unwrap(), boxes).unwrap();
        (share * 32767.0).round() as u32
    }

    fn bits(pixels: &[(u32, u32)]) -> u32 {
        pixels.iter().map(|(row, col)| 1 << (5 * row + col)).sum()
    }

    #[test]
    fn a_box_holds_the_pixels_from_its_corner() {
        let expected = bits(&[(1, 2), (1, 3), (1, 4)]);
        assert_eq!(inside(&[bounds(2.0, 1.0, 3.0, 1.0)]), expected);
    }

    #[test]
    fn a_pixel_counts_by_its_centre() {
        // Columns 1.5 to 3.9 have the centres 2 and 3, rows 0.1 to 2.0 the centre 1.
        let expected = bits(&[(1, 2), (1, 3)]);
        assert_eq!(inside(&[bounds(1.5, 0.1, 2.4, 1.9)]), expected);
        // No centre lies from 2.2 to 2.8.
        let none = bounds(2.2, 0.0, 0.6, 3.0);
        assert_eq!(inside(&[none, bounds(4.0, 2.0, 1.0, 1.0)]), 1 << 14);
    }

    #[test]
    fn a_pixel_in_several_boxes_counts_once() {
        let one = bounds(0.0, 0.0, 2.0, 2.0);
        let other = bounds(1.0, 1.0, 2.0, 1.0);
        let expected = bits(&[(0, 0), (0, 1), (1, 0), (1, 1), (1, 2)]);
        assert_eq!(inside(&[one.clone(), other, one]), expected);
    }

    #[test]
    fn what_lies_outside_the_map_counts_nothing() {
        let around = bounds(-1e300, -7.0, f64::MAX, 99.0);
        assert_eq!(inside(&[around]), 32767);
        let map = Saliency::new(&[1.0; 15], DIMS).unwrap();
        for outside in [
            bounds(5.0, 0.0, 9.0, 9.0),
            bounds(-9.0, 0.0, 9.0, 9.0),
            bounds(f64::NAN, 0.0, f64::NAN, 3.0),
        ] {
            assert_eq!(energy_in_boxes(&map, &[outside]), None);
        }
    }

    #[test]
    fn negative_values_count_nothing() {
        let mut map = [0.0; 15];
        (map[0], map[1], map[7]) = (3.0, -9.0, 1.0);
        let map = Saliency::new(&map, DIMS).unwrap();
        assert_eq!(
            energy_in_boxes(&map, &[bounds(0.0, 0.0, 2.0, 1.0)]),
            Some(0.75)
        );
    }

    #[test]
    fn there_is_no_share_of_nothing() {
        let map = Saliency::new(&[1.0; 15], DIMS).unwrap();
        assert_eq!(energy_in_boxes(&map, &[]), None);
        let map = Saliency::new(&[-1.0; 15], DIMS).unwrap();
        assert_eq!(energy_in_boxes(&map, &[bounds(0.0, 0.0, 2.0, 1.0)]), None);
    }
}
