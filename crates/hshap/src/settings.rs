use crate::{Error, Outputs, Stop};

/// What to explain, how finely, and what counts as important.
///
/// | field | default | purpose | valid | otherwise |
/// | --- | --- | --- | --- | --- |
/// | `label` | 0 | the model output to explain | below the number of outputs | [`Error::LabelOutOfRange`] |
/// | `depth` | [`Depth::MinSize`]`(64)` | how small the cells get | see [`Depth`] | [`Error::InvalidSetting`] |
/// | `threshold` | [`Threshold::Absolute`]`(0.0)` | which cells are cut further | see [`Threshold`] | [`Error::InvalidSetting`] |
/// | `softmax` | `false` | apply softmax to the outputs first | two outputs or more | [`Error::SoftmaxOverOneOutput`] |
/// | `outputs` | [`Outputs::Numbers`] | what is known of the outputs | | [`Error::OutputNotProbability`] |
/// | `binary_map` | `false` | 1 in place of the score, -1 in the counter-evidence | | |
/// | `batch_size` | 8 | images per call of a dense model | 1 or more | [`Error::InvalidSetting`] |
/// | `convention` | [`Convention::Aligned`] | what a shift moves, and the divisor of a cycle | | |
/// | `stop` | never | when to end with less than the whole | see [`Stop`] | [`Error::InvalidSetting`] |
///
/// ```
/// use hshap::{Depth, Settings};
///
/// let settings = Settings::default().with_depth(Depth::Levels(4)).with_batch_size(16);
/// assert_eq!(settings.label, 0);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default))]
#[non_exhaustive]
pub struct Settings {
    /// The model output to explain.
    pub label: usize,
    /// How small the cells get.
    pub depth: Depth,
    /// Which cells are cut further.
    pub threshold: Threshold,
    /// Apply softmax to the outputs first.
    pub softmax: bool,
    /// What is known of the outputs.
    pub outputs: Outputs,
    /// Maps of ones in place of scores, of -1 in the counter-evidence.
    pub binary_map: bool,
    /// Images per call of a dense model; a masked network chooses its own.
    pub batch_size: usize,
    /// What a shift moves, and the divisor of a cycle.
    pub convention: Convention,
    /// When to end with less than the whole.
    pub stop: Stop,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            label: 0,
            depth: Depth::MinSize(64),
            threshold: Threshold::Absolute(0.0),
            softmax: false,
            outputs: Outputs::Numbers,
            binary_map: false,
            batch_size: 8,
            convention: Convention::Aligned,
            stop: Stop::default(),
        }
    }
}

impl Settings {
    /// The defaults with [`Convention::Upstream`]: the maps of the Python package h-shap 0.1.6.
    pub fn upstream() -> Self {
        Self {
            convention: Convention::Upstream,
            ..Self::default()
        }
    }

    /// These settings with another output to explain.
    pub fn with_label(self, label: usize) -> Self {
        Self { label, ..self }
    }

    /// These settings with another depth.
    pub fn with_depth(self, depth: Depth) -> Self {
        Self { depth, ..self }
    }

    /// These settings with another threshold.
    pub fn with_threshold(self, threshold: Threshold) -> Self {
        Self { threshold, ..self }
    }

    /// These settings with or without softmax.
    pub fn with_softmax(self, softmax: bool) -> Self {
        Self { softmax, ..self }
    }

    /// These settings with outputs of which more or less is known.
    pub fn with_outputs(self, outputs: Outputs) -> Self {
        Self { outputs, ..self }
    }

    /// These settings with another end.
    pub fn with_stop(self, stop: Stop) -> Self {
        Self { stop, ..self }
    }

    /// These settings with maps of ones or of scores.
    pub fn with_binary_map(self, binary_map: bool) -> Self {
        Self { binary_map, ..self }
    }

    /// These settings with another number of images a call.
    pub fn with_batch_size(self, batch_size: usize) -> Self {
        Self { batch_size, ..self }
    }

    /// These settings with another convention.
    pub fn with_convention(self, convention: Convention) -> Self {
        Self { convention, ..self }
    }

    /// Whether the scores of what is not explored yet bound the map.
    pub(crate) fn has_bound(&self) -> bool {
        (self.softmax || self.outputs == Outputs::Probabilities)
            && matches!(self.threshold, Threshold::Absolute(t) if t >= 0.0)
            && !self.binary_map
    }

    fn validate_stop(&self) -> Result<(), Error> {
        let tolerance = self.stop.tolerance;
        let expected = match tolerance >= 0.0 && tolerance.is_finite() {
            true if tolerance == 0.0 || self.has_bound() => return Ok(()),
            true => {
                "0, since only the map of probabilities, with an absolute threshold of 0 or more \
                 and not binary, has a proven bound"
            }
            false => "a finite number of 0 or more",
        };
        Err(Error::InvalidSetting {
            setting: "tolerance",
            found: tolerance.to_string(),
            expected: expected.to_owned(),
        })
    }

    pub(crate) fn validate(&self) -> Result<(), Error> {
        self.threshold.validate()?;
        self.validate_stop()?;
        if self.batch_size == 0 {
            return Err(Error::InvalidSetting {
                setting: "batch_size",
                found: "0".to_owned(),
                expected: "1 or more".to_owned(),
            });
        }
        Ok(())
    }
}

/// How small the cells get.
///
/// A node is cut at the middle of its rows and columns, rounded down. Cutting stops at single
/// pixels, whatever the depth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Depth {
    /// This many cuts, 1 or more: the smallest cell is the image's side over `2^levels`.
    Levels(usize),
    /// h-Shap's rule for a minimum size s in pixels, `floor(log2(min(rows, cols) / s)) + 1` cuts,
    /// with s from 1 to the shorter side. The smallest cells are then between s / 2 and s: half
    /// of s where the ratio is a power of two.
    MinSize(usize),
}

impl Depth {
    /// Number of cuts of an image of this size.
    pub(crate) fn levels(self, rows: usize, cols: usize) -> Result<usize, Error> {
        let side = rows.min(cols);
        let asked = match self {
            Depth::Levels(levels) if levels >= 1 => levels,
            Depth::Levels(levels) => {
                return Err(Error::InvalidSetting {
                    setting: "levels",
                    found: levels.to_string(),
                    expected: "1 or more".to_owned(),
                });
            }
            Depth::MinSize(size) if (1..=side).contains(&size) => {
                (side / size).ilog2() as usize + 1
            }
            Depth::MinSize(size) => {
                return Err(Error::InvalidSetting {
                    setting: "min_size",
                    found: size.to_string(),
                    expected: format!("1 to {side} px, the image's shorter side"),
                });
            }
        };
        let longest = rows.max(cols);
        let to_single_pixels = longest.next_power_of_two().ilog2() as usize;
        Ok(asked.min(to_single_pixels.max(1)))
    }
}

/// Which cells of a level are cut further, or drawn at the last level.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Threshold {
    /// Cells whose score exceeds this finite number.
    Absolute(f64),
    /// With t the percentile (0 to 100, interpolated linearly) of all scores of the level: cells
    /// with score >= t, or, where t is not positive, cells with score > t.
    Percentile(f64),
}

impl Threshold {
    fn validate(self) -> Result<(), Error> {
        let (valid, setting, found, expected) = match self {
            Threshold::Absolute(t) => (t.is_finite(), "threshold", t, "a finite number"),
            Threshold::Percentile(p) => ((0.0..=100.0).contains(&p), "percentile", p, "0 to 100"),
        };
        if valid {
            return Ok(());
        }
        Err(Error::InvalidSetting {
            setting,
            found: found.to_string(),
            expected: expected.to_owned(),
        })
    }

    /// The rule for a level with these scores.
    pub(crate) fn rule(self, scores: &[f64]) -> impl Fn(f64) -> bool + use<> {
        let (t, inclusive) = match self {
            Threshold::Absolute(t) => (t, false),
            Threshold::Percentile(p) => {
                let t = quantile(scores, p / 100.0);
                (t, t > 0.0)
            }
        };
        move |score| score > t || (inclusive && score == t)
    }
}

/// The q-quantile, interpolated linearly between order statistics.
fn quantile(values: &[f64], q: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let Some(last) = sorted.len().checked_sub(1) else {
        return 0.0;
    };
    let position = q * last as f64;
    let below = (position.floor() as usize).min(last);
    let above = (below + 1).min(last);
    sorted[below] + (sorted[above] - sorted[below]) * (position - below as f64)
}

/// What a shift moves, and the divisor of a cycle's sum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Convention {
    /// A shift moves the grid; image and background stay aligned. A cycle's map is the mean over
    /// its distinct shifts.
    #[default]
    Aligned,
    /// As h-shap 0.1.6: a shift moves the grid and the background with it, and the sum over the
    /// shifts is divided by `(n_radii - 1) * n_angles + 1`, repeated shifts counted.
    Upstream,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn min_size_follows_the_rule_of_h_shap() {
        // floor(log2(512 / 64)) + 1 and so on, computed with Python's math.log2.
        for (rows, cols, size, levels) in [
            (512, 512, 64, 4),
            (512, 512, 512, 1),
            (512, 512, 300, 1),
            (512, 512, 2, 9),
            (48, 64, 8, 3),
            (48, 64, 13, 2),
            (100, 512, 7, 4),
        ] {
            assert_eq!(
                Depth::MinSize(size).levels(rows, cols).ok(),
                Some(levels),
                "{rows} x {cols}, s = {size}"
            );
        }
    }

    #[test]
    fn no_level_lies_past_one_pixel() {
        assert_eq!(Depth::MinSize(1).levels(512, 512).ok(), Some(9));
        assert_eq!(Depth::Levels(40).levels(5, 3).ok(), Some(3));
        assert_eq!(Depth::Levels(3).levels(1, 1).ok(), Some(1));
    }

    #[test]
    fn rejects_a_depth_of_nothing() {
        for depth in [Depth::Levels(0), Depth::MinSize(0), Depth::MinSize(49)] {
            assert!(matches!(
                depth.levels(48, 64),
                Err(Error::InvalidSetting { .. })
            ));
        }
    }

    /// Expected values from `numpy.quantile`.
    #[test]
    fn quantile_equals_numpy() {
        let values = [0.3, -1.0, 0.25, 4.0, 0.0];
        for (q, expected) in [
            (0.0, -1.0),
            (0.7, 0.29),
            (0.5, 0.25),
            (0.9, 2.52),
            (1.0, 4.0),
        ] {
            assert!((quantile(&values, q) - expected).abs() < 1e-12, "q = {q}");
        }
    }

    #[test]
    fn percentile_keeps_the_threshold_itself_only_where_positive() {
        let keep = Threshold::Percentile(50.0).rule(&[1.0, 2.0, 3.0]);
        assert!(!keep(1.0) && keep(2.0) && keep(3.0));
        let keep = Threshold::Percentile(50.0).rule(&[-1.0, 0.0, 3.0]);
        assert!(!keep(0.0) && keep(3.0));
    }
}
