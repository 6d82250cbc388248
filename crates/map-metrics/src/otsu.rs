use crate::map::Map;

/// The threshold of Otsu (1979): of all ways to split the histogram in two, the one with the largest
/// variance between the classes. Pixels above it are kept.
///
/// The histogram has `n_bins` bins of equal width from the lowest to the highest value, at least one; the
/// threshold is the centre of the last bin of the lower class, the first such bin if several splits are equal. A constant
/// map has no split: its value is returned, and no pixel lies above it.
///
/// Equal to `skimage.filters.threshold_otsu` of scikit-image 0.26 on a `float32` array, rounding included:
/// a blocky map has splits so close that the arithmetic decides between them. Values too small or too large
/// for `float32` squares are split all the same, where scikit-image under- or overflows. A range too narrow
/// for distinct bins, which numpy refuses, is split in the middle.
#[must_use]
pub fn otsu(map: &Map<'_>, n_bins: usize) -> f32 {
    let (min, max) = map
        .values()
        .iter()
        .fold((f32::INFINITY, f32::NEG_INFINITY), |(min, max), &value| {
            (min.min(value), max.max(value))
        });
    if min == max {
        return min;
    }
    // A power of two that brings the largest magnitude near 1. Scaling by it is exact, so it
    // changes no rounding, but the squares below stay in range.
    let scale = f64::from(min.abs().max(max.abs())).log2().floor().exp2();
    let scaled = |value: f32| (f64::from(value) / scale) as f32;

    let edges = bin_edges(scaled(min), scaled(max), n_bins.max(1));
    if edges.windows(2).any(|pair| pair[0] >= pair[1]) {
        return min / 2.0 + max / 2.0;
    }
    let counts = histogram(map.values().iter().map(|&value| scaled(value)), &edges);
    let centers: Vec<f32> = edges
        .windows(2)
        .map(|pair| (pair[0] + pair[1]) / 2.0)
        .collect();
    let threshold = centers[best_split(&counts, &centers)];
    (f64::from(threshold) * scale) as f32
}

/// `numpy.linspace(min, max, n_bins + 1, dtype=float32)`.
fn bin_edges(min: f32, max: f32, n_bins: usize) -> Vec<f32> {
    let step = (max - min) / n_bins as f32;
    let mut edges: Vec<f32> = (0..=n_bins).map(|bin| bin as f32 * step + min).collect();
    edges[n_bins] = max;
    edges
}

/// `numpy.histogram` with equal bins: half-open, the last one closed.
fn histogram(values: impl Iterator<Item = f32>, edges: &[f32]) -> Vec<f32> {
    let n_bins = edges.len() - 1;
    let (min, max) = (edges[0], edges[n_bins]);
    let mut counts = vec![0_usize; n_bins];
    for value in values {
        let mut bin = ((value - min) / (max - min) * n_bins as f32) as usize;
        bin = bin.min(n_bins - 1);
        // The quotient is right to about one unit in the last place: the edges decide.
        if value < edges[bin] {
            bin -= 1;
        } else if value >= edges[bin + 1] && bin != n_bins - 1 {
            bin += 1;
        }
        counts[bin] += 1;
    }
    counts.into_iter().map(|count| count as f32).collect()
}

/// The split with the largest variance between the classes,
/// `weight1 * weight2 * (mean1 - mean2)^2`; the first one on a tie.
fn best_split(counts: &[f32], centers: &[f32]) -> usize {
    let lower = class_sums(counts.iter().zip(centers));
    let mut upper = class_sums(counts.iter().zip(centers).rev());
    upper.reverse();

    let mut best = (0, f32::NEG_INFINITY);
    for (bin, ((weight1, mean1), (weight2, mean2))) in
        lower.iter().zip(upper.iter().skip(1)).enumerate()
    {
        let difference = mean1 - mean2;
        let variance = weight1 * weight2 * (difference * difference);
        if variance > best.1 {
            best = (bin, variance);
        }
    }
    best.0
}

/// Weight and mean of the bins up to and including each one.
fn class_sums<'a>(bins: impl Iterator<Item = (&'a f32, &'a f32)>) -> Vec<(f32, f32)> {
    bins.scan((0.0, 0.0), |(weight, sum), (count, center)| {
        *weight += count;
        *sum += count * center;
        Some((*weight, *sum / *weight))
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use pixel_region::Size;

    fn otsu_of(values: &[f32]) -> f32 {
        let size = Size {
            rows: values.len(),
            cols: 1,
        };
        otsu(&Map::new(values, size).unwrap(), 256)
    }

    #[test]
    fn a_constant_map_is_its_own_threshold() {
        assert_eq!(otsu_of(&[0.3; 7]), 0.3);
        assert_eq!(otsu_of(&[0.0; 7]), 0.0);
        assert_eq!(otsu_of(&[-2.5]), -2.5);
    }

    #[test]
    fn two_values_split_in_the_first_bin() {
        // Bins of width 1/256 from 0 to 1: the first one ends at 1/256.
        assert_eq!(otsu_of(&[0.0, 0.0, 0.0, 1.0]), 1.0 / 512.0);
    }

    #[test]
    fn the_threshold_scales_with_the_map_even_where_squares_underflow() {
        let values: Vec<f32> = (0..100).map(|i| ((i * 37) % 101) as f32 - 20.0).collect();
        let threshold = otsu_of(&values);
        for exponent in [-120, -60, 60, 115] {
            let scale = 2_f32.powi(exponent);
            let scaled: Vec<f32> = values.iter().map(|value| value * scale).collect();
            assert_eq!(otsu_of(&scaled), threshold * scale);
        }
    }

    #[test]
    fn a_range_too_narrow_for_the_bins_splits_in_the_middle() {
        let next = 1.0_f32.next_up().next_up();
        let threshold = otsu_of(&[1.0, 1.0, next]);
        assert!((1.0..next).contains(&threshold));
    }

    #[test]
    fn extreme_values_give_a_finite_threshold() {
        for values in [[f32::MIN, f32::MAX], [0.0, f32::from_bits(1)]] {
            let threshold = otsu_of(&values);
            assert!(threshold >= values[0] && threshold < values[1]);
        }
    }
}
