use pixel_region::Size;

/// The squared distance of each pixel to the nearest pixel that is true, between middles of pixels;
/// none where no pixel is true.
///
/// Two passes over whole numbers, after Meijster, Roerdink and Hesselink, "A general algorithm for
/// computing distance transforms in linear time" (2000): distances along columns, then for each row the
/// lower envelope of the parabolas `(col - i)^2 + g(i)^2`.
pub(crate) fn squared_distances(mask: &[bool], size: Size) -> Option<Vec<u64>> {
    if !mask.contains(&true) {
        return None;
    }
    let Size { rows, cols } = size;
    // Farther than any pixel: a column without a true pixel is never the nearest.
    let far = (rows + cols) as i64;
    let mut along: Vec<i64> = mask
        .iter()
        .map(|&is_in| if is_in { 0 } else { far })
        .collect();
    for at in cols..along.len() {
        along[at] = along[at].min(along[at - cols] + 1);
    }
    for at in (0..along.len() - cols).rev() {
        along[at] = along[at].min(along[at + cols] + 1);
    }
    Some(along.chunks(cols).flat_map(nearest_in_row).collect())
}

/// For each column the smallest `(col - i)^2 + along[i]^2` over the columns `i`.
fn nearest_in_row(along: &[i64]) -> Vec<u64> {
    let squared = |at: usize| along[at] * along[at];
    let value = |col: usize, i: usize| (col as i64 - i as i64).pow(2) + squared(i);
    // Parabolas of the envelope, each with the first column in which it is the lowest.
    let mut envelope: Vec<(usize, usize)> = Vec::new();
    for i in 0..along.len() {
        while let Some(&(lowest, first)) = envelope.last()
            && value(first, lowest) > value(first, i)
        {
            envelope.pop();
        }
        let first = match envelope.last() {
            None => 0,
            // The last column in which the one before is not higher, and one more.
            Some(&(before, _)) => {
                let (i, b) = (i as i64, before as i64);
                let crossing = i * i - b * b + squared(i as usize) - squared(before);
                crossing.div_euclid(2 * (i - b)) + 1
            }
        };
        // Not negative: where it started, the parabola before was not higher.
        let first = first as usize;
        if first < along.len() {
            envelope.push((i, first));
        }
    }
    let mut nearest = vec![0; along.len()];
    let mut at = envelope.len();
    for col in (0..along.len()).rev() {
        while at > 1 && envelope[at - 1].1 > col {
            at -= 1;
        }
        nearest[col] = value(col, envelope[at - 1].0) as u64;
    }
    nearest
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// By the definition.
    fn slow(mask: &[bool], cols: usize) -> Vec<u64> {
        let at = |index: usize| ((index / cols) as i64, (index % cols) as i64);
        let distance = |(a, b): ((i64, i64), (i64, i64))| (a.0 - b.0).pow(2) + (a.1 - b.1).pow(2);
        (0..mask.len())
            .map(|from| {
                let held = (0..mask.len()).filter(|&to| mask[to]);
                held.map(|to| distance((at(from), at(to))) as u64)
                    .min()
                    .unwrap()
            })
            .collect()
    }

    #[test]
    fn there_is_no_distance_to_nothing() {
        assert_eq!(
            squared_distances(&[false; 6], Size { rows: 2, cols: 3 }),
            None
        );
    }

    proptest! {
        #[test]
        fn distances_are_those_of_the_definition(
            (rows, cols) in (1_usize..12, 1_usize..12),
            held in prop::collection::vec(0_usize..144, 1..6),
        ) {
            let mut mask = vec![false; rows * cols];
            for at in held {
                let n = mask.len();
                mask[at % n] = true;
            }
            let found = squared_distances(&mask, Size { rows, cols }).unwrap();
            prop_assert_eq!(found, slow(&mask, cols));
        }
    }
}
