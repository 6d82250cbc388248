use crate::distance::squared_distances;
use crate::error::Error;
use crate::levels::{Level, levels};
use crate::map::{Map, positive};
use crate::otsu::otsu;
use crate::selection::Selection;
use crate::truth::Truth;
use crate::undefined::Undefined;

/// Bins of the histogram for the threshold of Otsu that maps are judged at, as in the evaluations of
/// h-Shap on head CT. Numbers for other bins are not comparable: say the bins beside the number.
pub const OTSU_BINS: usize = 1024;

/// A map beside the truth, and how far both are at the same place. No network is needed.
///
/// Every metric is [`Undefined::EmptyTruth`] where the truth holds no pixel. None of them changes if all
/// values are multiplied by a positive number.
#[derive(Debug, Clone)]
pub struct Localisation<'a> {
    map: Map<'a>,
    truth: &'a Truth,
    levels: Vec<Level>,
}

/// The best that any threshold does. It is chosen by looking at the truth: an oracle, no result.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct BestIou {
    /// The largest intersection over union of the pixels at a threshold or above with the truth.
    pub iou: f64,
    /// Dice coefficient of the same pixels.
    pub dice: f64,
    /// The threshold, the highest one if several are equally good.
    pub threshold: f32,
}

/// What a map makes of one box of the truth.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct BoxScore {
    /// The share of the map's positive sum that lies in the box, from 0 to 1. Shares of boxes that
    /// overlap may have a sum above 1.
    pub share: Result<f64, Undefined>,
    /// Whether a pixel above the threshold of Otsu ([`OTSU_BINS`]) lies in the box.
    pub is_found: Result<bool, Undefined>,
    /// Pixels of the box in the image.
    pub n_pixels: usize,
}

impl<'a> Localisation<'a> {
    /// Sorts the pixels of the map.
    ///
    /// # Errors
    ///
    /// [`Error::Sizes`] if the truth is that of another image.
    pub fn new(map: &Map<'a>, truth: &'a Truth) -> Result<Self, Error> {
        map.expect_size(truth.size())?;
        Ok(Localisation {
            map: *map,
            truth,
            levels: levels(map, truth),
        })
    }

    /// `sum over t of a+ / sum of a+`, from 0 to 1, higher is better: the share of the map's positive
    /// sum that lies in the truth.
    ///
    /// The energy-based pointing game of Wang et al. (Score-CAM, 2020); of positive parts the relevance
    /// mass accuracy of Arras et al. (2022). Print [`Truth::chance`] and, for a map of cells,
    /// [`Truth::energy_ceiling`] beside it. What speaks against is not looked at, which flatters a
    /// map that is negative in many places: see [`negative_share`](crate::negative_share).
    ///
    /// # Errors
    ///
    /// [`Undefined::EmptyTruth`], [`Undefined::NoPositiveValue`].
    pub fn energy(&self) -> Result<f64, Undefined> {
        self.expect_truth()?;
        let total = self.map.positive_sum();
        if total == 0.0 {
            return Err(Undefined::NoPositiveValue);
        }
        let values = positive(self.map.values()).zip(self.truth.mask());
        let inside: f64 = values.filter(|(_, is_truth)| **is_truth).map(|p| p.0).sum();
        // Sums in another order: rounding may put the part above the whole.
        Ok((inside / total).min(1.0))
    }

    /// The share of the map's highest pixels that lie in the truth, from 0 to 1, higher is better: the
    /// chance that a tie broken at random hits. 1 or 0 where a single pixel is the highest.
    ///
    /// The pointing game of Zhang et al. (2018) without a tolerance. A constant map has
    /// [`Truth::chance`].
    ///
    /// # Errors
    ///
    /// [`Undefined::EmptyTruth`].
    pub fn pointing(&self) -> Result<f64, Undefined> {
        self.expect_truth()?;
        let top = self.levels[0];
        Ok(top.n_truth as f64 / top.n_pixels as f64)
    }

    /// As [`pointing`](Self::pointing), where a pixel hits that is at most so many pixels away from one
    /// of the truth. The paper's tolerance is 15.
    ///
    /// # Errors
    ///
    /// [`Undefined::EmptyTruth`].
    pub fn pointing_within(&self, radius_px: f64) -> Result<f64, Undefined> {
        let distances = self.peak_distances()?;
        let n_hits = distances.iter().filter(|&&d| d <= radius_px).count();
        Ok(n_hits as f64 / distances.len() as f64)
    }

    /// The mean distance of the map's highest pixels to the nearest pixel of the truth, 0 inside, lower is
    /// better.
    ///
    /// # Errors
    ///
    /// [`Undefined::EmptyTruth`].
    pub fn peak_distance_px(&self) -> Result<f64, Undefined> {
        let distances = self.peak_distances()?;
        Ok(distances.iter().sum::<f64>() / distances.len() as f64)
    }

    fn peak_distances(&self) -> Result<Vec<f64>, Undefined> {
        let squared = squared_distances(self.truth.mask(), self.truth.size());
        let squared = squared.ok_or(Undefined::EmptyTruth)?;
        let pixels = self.map.values().iter().zip(squared);
        let highest = pixels.filter(|(value, _)| **value == self.levels[0].value);
        Ok(highest.map(|(_, d)| (d as f64).sqrt()).collect())
    }

    /// `sum over k of (R_k - R_(k-1)) P_k` over the distinct values from high to low, from 0 to 1, higher
    /// is better: the area under the steps of the precision-recall curve of all thresholds.
    ///
    /// The AUPRC of Arun et al. (2021), not interpolated; ties are one step. A constant map has
    /// [`Truth::chance`].
    ///
    /// # Errors
    ///
    /// [`Undefined::EmptyTruth`].
    pub fn average_precision(&self) -> Result<f64, Undefined> {
        self.expect_truth()?;
        let (mut sum, mut n_before) = (0.0, 0);
        for level in &self.levels {
            let precision = level.n_truth as f64 / level.n_pixels as f64;
            sum += (level.n_truth - n_before) as f64 * precision;
            n_before = level.n_truth;
        }
        Ok(sum / self.truth.n_pixels() as f64)
    }

    /// Of as many highest pixels as the truth holds the share that lies in it, from 0 to 1, higher is
    /// better; pixels tied at the last place count by expectation.
    ///
    /// The relevance rank accuracy of Arras et al. (2022). A constant map has [`Truth::chance`].
    ///
    /// # Errors
    ///
    /// [`Undefined::EmptyTruth`].
    pub fn rank_accuracy(&self) -> Result<f64, Undefined> {
        self.expect_truth()?;
        let n_truth = self.truth.n_pixels();
        let last = self.levels.partition_point(|l| l.n_pixels < n_truth);
        let tied = self.levels[last];
        let (n_above, hits_above) = match last.checked_sub(1) {
            Some(before) => (self.levels[before].n_pixels, self.levels[before].n_truth),
            None => (0, 0),
        };
        let share = (tied.n_truth - hits_above) as f64 / (tied.n_pixels - n_above) as f64;
        Ok((hits_above as f64 + (n_truth - n_above) as f64 * share) / n_truth as f64)
    }

    /// How well the pixels above the threshold of Otsu agree with the truth. The usual number of bins is
    /// [`OTSU_BINS`].
    ///
    /// # Errors
    ///
    /// [`Undefined::EmptyTruth`].
    pub fn at_otsu(&self, n_bins: usize) -> Result<Selection, Undefined> {
        self.above(otsu(&self.map, n_bins))
    }

    /// How well the pixels above a threshold agree with the truth.
    ///
    /// # Errors
    ///
    /// [`Undefined::EmptyTruth`].
    pub fn above(&self, threshold: f32) -> Result<Selection, Undefined> {
        self.expect_truth()?;
        let n_above = self.levels.partition_point(|l| l.value > threshold);
        let (n_selected, n_hits) = match n_above.checked_sub(1) {
            Some(last) => (self.levels[last].n_pixels, self.levels[last].n_truth),
            None => (0, 0),
        };
        let n_truth = self.truth.n_pixels();
        Ok(Selection::new(threshold, n_selected, n_hits, n_truth))
    }

    /// The largest intersection over union that any threshold reaches: an oracle.
    ///
    /// It is at least [`Truth::chance`], at the map's lowest value.
    ///
    /// # Errors
    ///
    /// [`Undefined::EmptyTruth`].
    pub fn best_iou(&self) -> Result<BestIou, Undefined> {
        self.expect_truth()?;
        let n_truth = self.truth.n_pixels();
        let union = |l: Level| l.n_pixels + n_truth - l.n_truth;
        let mut best = self.levels[0];
        for &level in &self.levels[1..] {
            // Products of whole numbers: ties are ties.
            let larger = level.n_truth as u128 * union(best) as u128;
            if larger > best.n_truth as u128 * union(level) as u128 {
                best = level;
            }
        }
        Ok(BestIou {
            iou: best.n_truth as f64 / union(best) as f64,
            dice: 2.0 * best.n_truth as f64 / (best.n_pixels + n_truth) as f64,
            threshold: best.value,
        })
    }

    /// What the map makes of each box of the truth, in the order in which they were given; empty if the
    /// truth is a mask.
    #[must_use]
    pub fn boxes(&self) -> Vec<BoxScore> {
        let total = self.map.positive_sum();
        let threshold = otsu(&self.map, OTSU_BINS);
        let cols = self.map.size().cols;
        let boxes = self.truth.boxes().iter().map(|bounds| {
            let rows = bounds.rows.clone();
            let values: Vec<f32> = rows
                .flat_map(|row| &self.map.values()[row * cols..][bounds.cols.clone()])
                .copied()
                .collect();
            let held = (!values.is_empty())
                .then_some(())
                .ok_or(Undefined::EmptyBox);
            let is_positive = (total > 0.0)
                .then_some(())
                .ok_or(Undefined::NoPositiveValue);
            let inside: f64 = positive(&values).sum();
            BoxScore {
                share: held.and(is_positive).map(|()| (inside / total).min(1.0)),
                is_found: held.map(|()| values.iter().any(|&value| value > threshold)),
                n_pixels: bounds.n_pixels(),
            }
        });
        boxes.collect()
    }

    fn expect_truth(&self) -> Result<(), Undefined> {
        match self.truth.n_pixels() {
            0 => Err(Undefined::EmptyTruth),
            _ => Ok(()),
        }
    }
}
