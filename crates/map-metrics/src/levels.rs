use crate::map::Map;
use crate::truth::Truth;

/// A value of a map, and the pixels that reach it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Level {
    pub(crate) value: f32,
    /// Pixels at this value or above.
    pub(crate) n_pixels: usize,
    /// Pixels of the truth among them.
    pub(crate) n_truth: usize,
}

/// The distinct values of a map from high to low, so that ties are one level. The last one holds
/// all pixels.
pub(crate) fn levels(map: &Map<'_>, truth: &Truth) -> Vec<Level> {
    let values = map.values().iter().copied();
    let mut pixels: Vec<(f32, bool)> = values.zip(truth.mask().iter().copied()).collect();
    pixels.sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
    let mut levels: Vec<Level> = Vec::new();
    let mut n_truth = 0;
    for (at, (value, is_truth)) in pixels.into_iter().enumerate() {
        n_truth += usize::from(is_truth);
        let level = Level {
            value,
            n_pixels: at + 1,
            n_truth,
        };
        match levels.last_mut() {
            // 0 and -0 are equal, and neighbours in the order.
            Some(last) if last.value == value => *last = level,
            _ => levels.push(level),
        }
    }
    levels
}

#[cfg(test)]
mod tests {
    use super::*;
    use pixel_region::Size;

    #[test]
    fn ties_are_one_level_and_so_are_both_zeros() {
        let size = Size { rows: 2, cols: 3 };
        let values = [0.0, 2.0, -0.0, -1.0, 2.0, 0.0];
        let mask = vec![true, true, false, false, false, true];
        let truth = Truth::from_mask(mask, size).unwrap();
        let found = levels(&Map::new(&values, size).unwrap(), &truth);
        let counts: Vec<_> = found.iter().map(|l| (l.n_pixels, l.n_truth)).collect();
        assert_eq!(counts, [(2, 1), (5, 3), (6, 3)]);
    }
}
