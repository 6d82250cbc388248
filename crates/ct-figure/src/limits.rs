use crate::{Error, Saliency};

/// Where the colours of an explanation end: always symmetric, so that white means zero.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Limits {
    /// Plus/minus this percentile, from 0 to 100, of the magnitudes of the map: each map its own limits.
    /// The notebook uses 99, the default.
    Percentile(f64),
    /// Plus/minus this number, finite and positive: colours mean the same in every figure drawn with it.
    Fixed(f32),
}

impl Default for Limits {
    fn default() -> Self {
        Limits::Percentile(99.0)
    }
}

impl Limits {
    /// The upper limit for this map, `vmax`; the lower one is `-vmax`.
    ///
    /// The percentile interpolates linearly between order statistics, numpy's default, over all pixels, in
    /// `f64`. Where it is 0, as for a map with a few small cells, the largest magnitude replaces it; a map
    /// of zeros only gets 1. So the result is finite and positive.
    ///
    /// # Errors
    ///
    /// [`Error::Percentile`] outside `[0, 100]`; [`Error::FixedLimit`] unless finite and positive.
    pub fn vmax(self, map: &Saliency<'_>) -> Result<f32, Error> {
        match self {
            Limits::Fixed(vmax) => check_vmax(vmax),
            Limits::Percentile(percent) if !(0.0..=100.0).contains(&percent) => {
                Err(Error::Percentile(percent))
            }
            Limits::Percentile(percent) => {
                let mut magnitudes: Vec<f32> =
                    map.values().iter().map(|value| value.abs()).collect();
                magnitudes.sort_unstable_by(f32::total_cmp);
                let largest = magnitudes[magnitudes.len() - 1];
                let candidates = [percentile(&magnitudes, percent), largest];
                Ok(candidates
                    .into_iter()
                    .find(|&vmax| vmax > 0.0)
                    .unwrap_or(1.0))
            }
        }
    }
}

pub(crate) fn check_vmax(vmax: f32) -> Result<f32, Error> {
    if vmax.is_finite() && vmax > 0.0 {
        Ok(vmax)
    } else {
        Err(Error::FixedLimit(vmax))
    }
}

/// Percentile of ascending values: order statistic `(n - 1) * percent / 100`, interpolated.
fn percentile(sorted: &[f32], percent: f64) -> f32 {
    let last = sorted.len() - 1;
    let position = last as f64 * percent / 100.0;
    let below = (position.floor() as usize).min(last);
    let above = (below + 1).min(last);
    let (low, high) = (f64::from(sorted[below]), f64::from(sorted[above]));
    (low + (high - low) * (position - below as f64)) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vmax(limits: Limits, values: &[f32]) -> Result<f32, Error> {
        limits.vmax(&Saliency::new(values, (1, values.len())).unwrap())
    }

    #[test]
    fn the_percentile_interpolates_between_magnitudes() {
        // numpy.percentile(numpy.abs([-4, 1, -2, 3]), 50) == 2.5, and 90 gives 3.7.
        let values = [-4.0, 1.0, -2.0, 3.0];
        assert_eq!(vmax(Limits::Percentile(50.0), &values).unwrap(), 2.5);
        assert_eq!(vmax(Limits::Percentile(90.0), &values).unwrap(), 3.7);
        assert_eq!(vmax(Limits::Percentile(0.0), &values).unwrap(), 1.0);
        assert_eq!(vmax(Limits::Percentile(100.0), &values).unwrap(), 4.0);
    }

    #[test]
    fn a_percentile_of_zero_falls_back_to_the_largest_magnitude() {
        let mut values = [0.0; 1000];
        values[7] = -0.25;
        assert_eq!(vmax(Limits::default(), &values).unwrap(), 0.25);
    }

    #[test]
    fn a_map_of_zeros_gets_limits_of_one() {
        assert_eq!(vmax(Limits::default(), &[0.0; 9]).unwrap(), 1.0);
    }

    #[test]
    fn a_single_pixel_is_its_own_percentile() {
        assert_eq!(vmax(Limits::default(), &[-0.5]).unwrap(), 0.5);
    }

    #[test]
    fn fixed_limits_do_not_look_at_the_map() {
        assert_eq!(vmax(Limits::Fixed(0.1), &[5.0, 6.0]).unwrap(), 0.1);
    }

    #[test]
    fn rejects_fixed_limits_that_are_not_finite_and_positive() {
        for limit in [0.0, -1.0, f32::NAN, f32::INFINITY] {
            let error = vmax(Limits::Fixed(limit), &[1.0]).unwrap_err();
            assert!(matches!(error, Error::FixedLimit(_)), "{limit}");
        }
    }

    #[test]
    fn rejects_a_percentile_outside_0_to_100() {
        for percent in [-0.1, 100.1, f64::NAN, f64::INFINITY] {
            let error = vmax(Limits::Percentile(percent), &[1.0]).unwrap_err();
            assert!(matches!(error, Error::Percentile(_)), "{percent}");
        }
    }
}
