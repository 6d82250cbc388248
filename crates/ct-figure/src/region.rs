use serde::Serialize;

/// Regions a page lists of a slice; a report has them all.
pub(crate) const MAX_REGIONS: usize = 40;

/// A cell of an explanation, as a page lists it.
///
/// Pixels of the slice, from the upper left corner of the first pixel. A region of a shifted grid may
/// reach over the lower or the right border, where it continues on the other side.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Region<'a> {
    /// Which of the cells at each level, such as `1.3.2`.
    pub path: &'a str,
    /// Upper edge.
    pub row: f64,
    /// Left edge.
    pub col: f64,
    /// Rows it spans.
    pub rows: f64,
    /// Columns it spans.
    pub cols: f64,
    /// Its Shapley value among its siblings.
    pub phi: f64,
    /// The product of the Shapley values on its path.
    pub score: f64,
    /// Whether it passed the threshold, rather than being dropped.
    pub kept: bool,
}

/// The regions with the largest scores in magnitude, at most [`MAX_REGIONS`], then those with the largest
/// Shapley values; numbers that are not finite come last.
pub(crate) fn foremost<'a>(regions: &[Region<'a>]) -> Vec<Region<'a>> {
    let magnitude = |value: f64| if value.is_finite() { value.abs() } else { -1.0 };
    let key = |region: &Region<'_>| [region.score, region.phi].map(magnitude);
    let mut regions = regions.to_vec();
    regions.sort_by(|a, b| {
        let ([a_score, a_phi], [b_score, b_phi]) = (key(a), key(b));
        b_score.total_cmp(&a_score).then(b_phi.total_cmp(&a_phi))
    });
    regions.truncate(MAX_REGIONS);
    regions
}

#[cfg(test)]
mod tests {
    use super::*;

    fn region(score: f64, phi: f64) -> Region<'static> {
        Region {
            path: "1",
            row: 0.0,
            col: 0.0,
            rows: 1.0,
            cols: 1.0,
            phi,
            score,
            kept: true,
        }
    }

    #[test]
    fn the_largest_magnitude_comes_first_whatever_its_sign() {
        let regions = [
            region(0.1, 0.5),
            region(f64::NAN, 0.9),
            region(-0.106, -0.106),
            region(0.0, -0.2),
            region(0.0, 0.3),
        ];
        let scores: Vec<f64> = foremost(&regions).iter().map(|region| region.phi).collect();
        assert_eq!(scores, [-0.106, 0.5, 0.3, -0.2, 0.9]);
    }

    #[test]
    fn some_tens_are_kept() {
        let regions: Vec<_> = (0..500).map(|n| region(f64::from(n), 0.0)).collect();
        let kept = foremost(&regions);
        assert_eq!(kept.len(), MAX_REGIONS);
        assert_eq!(kept[0].score, 499.0);
        assert_eq!(kept[MAX_REGIONS - 1].score, 460.0);
    }
}
