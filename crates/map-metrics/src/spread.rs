use crate::map::Map;
use crate::undefined::Undefined;

/// `sum of max(-a, 0) / sum of |a|`, from 0 to 1: the share of a map that speaks against the output.
///
/// Metrics of localisation look at what is positive alone. Where a large part of a map is negative, they
/// judge the rest.
///
/// # Errors
///
/// [`Undefined::ZeroMap`].
pub fn negative_share(map: &Map<'_>) -> Result<f64, Undefined> {
    let values = map.values().iter().map(|&value| f64::from(value));
    let (negative, total) = values.fold((0.0, 0.0), |(negative, total), value| {
        (negative + (-value).max(0.0), total + value.abs())
    });
    match total > 0.0 {
        true => Ok(negative / total),
        false => Err(Undefined::ZeroMap),
    }
}

/// The Gini index of magnitudes, `sum over i of (2 i - n - 1) x_i / (n sum x)` with `x = |a|` from low to
/// high and `i` from 1: 0 for a map of equal magnitudes, `1 - 1/n` for a single pixel.
///
/// Hurley and Rickard, "Comparing measures of sparsity" (2009); Chalasani et al. (2020) for explanations.
/// It has no better side: a sparse map need not be right. Compare maps of one resolution only.
///
/// # Errors
///
/// [`Undefined::ZeroMap`].
pub fn gini(map: &Map<'_>) -> Result<f64, Undefined> {
    let mut magnitudes: Vec<f32> = map.values().iter().map(|value| value.abs()).collect();
    magnitudes.sort_unstable_by(f32::total_cmp);
    let n = magnitudes.len() as f64;
    let (mut weighted, mut total) = (0.0, 0.0);
    for (at, &magnitude) in magnitudes.iter().enumerate() {
        let i = (at + 1) as f64;
        weighted += (2.0 * i - n - 1.0) * f64::from(magnitude);
        total += f64::from(magnitude);
    }
    match total > 0.0 {
        // Rounding may put equal magnitudes just below 0.
        true => Ok((weighted / (n * total)).max(0.0)),
        false => Err(Undefined::ZeroMap),
    }
}
