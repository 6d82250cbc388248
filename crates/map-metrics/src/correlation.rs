/// Why two lists have no correlation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unrelated {
    FirstIsConstant,
    SecondIsConstant,
    Empty,
}

/// Pearson's correlation of two lists of one length, from -1 to 1.
pub(crate) fn pearson(first: &[f64], second: &[f64]) -> Result<f64, Unrelated> {
    if first.is_empty() {
        return Err(Unrelated::Empty);
    }
    let first = standardised(first).ok_or(Unrelated::FirstIsConstant)?;
    let second = standardised(second).ok_or(Unrelated::SecondIsConstant)?;
    let products = first.iter().zip(&second).map(|(a, b)| a * b);
    Ok(products.sum::<f64>().clamp(-1.0, 1.0))
}

/// Differences from the mean, with a sum of squares of 1; none if all values are equal.
fn standardised(values: &[f64]) -> Option<Vec<f64>> {
    if values.iter().all(|&value| value == values[0]) {
        return None;
    }
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let centred: Vec<f64> = values.iter().map(|value| value - mean).collect();
    // Scaled to a largest magnitude of 1, squares neither under- nor overflow. Values that are not
    // equal do not all equal their mean.
    let largest = centred.iter().fold(0.0, |l, v| f64::max(l, v.abs()));
    let scaled: Vec<f64> = centred.iter().map(|value| value / largest).collect();
    let norm = scaled.iter().map(|value| value * value).sum::<f64>().sqrt();
    Some(scaled.iter().map(|value| value / norm).collect())
}

/// Ranks from 1; values that are equal have the mean of theirs.
pub(crate) fn midranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_unstable_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut ranks = vec![0.0; values.len()];
    let mut n_below = 0;
    for tied in order.chunk_by(|&a, &b| values[a] == values[b]) {
        let rank = n_below as f64 + (tied.len() + 1) as f64 / 2.0;
        for &at in tied {
            ranks[at] = rank;
        }
        n_below += tied.len();
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ties_share_their_ranks() {
        let values = [3.0, 0.0, 3.0, -0.0, 3.0, -7.0];
        assert_eq!(midranks(&values), [5.0, 2.5, 5.0, 2.5, 5.0, 1.0]);
    }

    #[test]
    fn correlation_is_that_of_a_line_however_small_or_large() {
        let line = [1e-300, 2e-300, 4e-300];
        let found = pearson(&line, &[-1e200, -2e200, -4e200]).unwrap();
        assert!((found + 1.0).abs() < 1e-15);
        assert_eq!(pearson(&[], &[]), Err(Unrelated::Empty));
        assert_eq!(
            pearson(&[2.0, 2.0], &[0.0, 1.0]),
            Err(Unrelated::FirstIsConstant)
        );
        assert_eq!(
            pearson(&[0.0, 1.0], &[2.0, 2.0]),
            Err(Unrelated::SecondIsConstant)
        );
    }
}
