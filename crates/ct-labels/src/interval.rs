use serde::Serialize;

use crate::Undefined;

/// The 97.5 % quantile of the normal distribution, nearest `f64`: two-sided 95 %.
pub(crate) const Z: f64 = 1.959_963_984_540_054;

/// A 95 % confidence interval, in `[0, 1]`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// A share of cases, with its Wilson interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Proportion {
    /// `n_hits / n_cases`.
    pub estimate: f64,
    /// 95 % confidence.
    pub interval: Interval,
    /// Cases counted.
    pub n_hits: usize,
    /// Cases looked at.
    pub n_cases: usize,
}

impl Proportion {
    /// The share of hits in hits and misses.
    ///
    /// Wilson, "Probable inference, the law of succession, and statistical inference", J. Am. Stat. Assoc.
    /// 22:209-212 (1927): the `p` for which `(p_hat - p)^2 = z^2 p (1 - p) / n`,
    ///
    /// > (p_hat + z^2 / 2n -+ z sqrt(p_hat (1 - p_hat) / n + z^2 / 4n^2)) / (1 + z^2 / n).
    ///
    /// # Errors
    ///
    /// `empty` if there is neither a hit nor a miss.
    pub fn new(n_hits: usize, n_misses: usize, empty: Undefined) -> Result<Proportion, Undefined> {
        let n_cases = n_hits + n_misses;
        if n_cases == 0 {
            return Err(empty);
        }
        let n = n_cases as f64;
        let estimate = n_hits as f64 / n;
        let scale = 1.0 + Z * Z / n;
        let centre = (estimate + Z * Z / (2.0 * n)) / scale;
        let variance = estimate * (1.0 - estimate) / n + Z * Z / (4.0 * n * n);
        let half = Z * variance.sqrt() / scale;
        // Rounding may put an end past the estimate where they are equal, at 0 and 1.
        let interval = Interval {
            low: (centre - half).clamp(0.0, estimate),
            high: (centre + half).clamp(estimate, 1.0),
        };
        Ok(Proportion {
            estimate,
            interval,
            n_hits,
            n_cases,
        })
    }
}
