use crate::undefined::Undefined;

/// How well the pixels above a threshold agree with the truth. All shares are from 0 to 1, and higher is
/// better.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Selection {
    /// Pixels above it are selected.
    pub threshold: f32,
    /// How many are.
    pub n_selected: usize,
    /// The share of the selected pixels that lie in the truth; undefined where none is selected, which
    /// other programs report as 0.
    pub precision: Result<f64, Undefined>,
    /// The share of the truth that is selected.
    pub recall: f64,
    /// Intersection over union, the Jaccard index.
    pub iou: f64,
    /// Twice the intersection over the sum of both, the Dice coefficient or F1.
    pub dice: f64,
}

impl Selection {
    /// Of a truth that holds pixels.
    pub(crate) fn new(threshold: f32, n_selected: usize, n_hits: usize, n_truth: usize) -> Self {
        let share = |n: usize, of: usize| n as f64 / of as f64;
        Selection {
            threshold,
            n_selected,
            precision: match n_selected {
                0 => Err(Undefined::EmptySelection),
                _ => Ok(share(n_hits, n_selected)),
            },
            recall: share(n_hits, n_truth),
            iou: share(n_hits, n_selected + n_truth - n_hits),
            dice: share(2 * n_hits, n_selected + n_truth),
        }
    }
}
