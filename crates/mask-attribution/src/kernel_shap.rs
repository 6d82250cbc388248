use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::attribution::{Attribution, Method};
use crate::cells::{Coalition, N_BATCHES, grid, regress};
use crate::error::Error;
use crate::evaluator::Evaluator;

/// Shapley values of cells by regression: KernelSHAP (Lundberg and Lee, 2017).
///
/// Values `phi` with the sum `f(image) - f(background)` that fit the outputs of coalitions best, where a
/// coalition of `k` of `K` cells has the weight `(K - 1) / (C(K, k) k (K - k))`. With all coalitions these
/// are the Shapley values.
///
/// Each cell alone and all cells but one are always taken, so that the values are determined. Other sizes
/// are taken in full, the smallest and the largest first, as long as a sample of what is left would be
/// expected to hold all of them anyway. The rest is drawn: a size by its weight, a subset, and its
/// complement. No cell is left out, as other programs do by default.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KernelShap {
    /// Rows and columns of cells: 8 are 64 cells.
    pub n_cells: usize,
    /// Coalitions, at least twice as many as cells; 8 to 16 a cell are usual.
    pub n_samples: usize,
    /// Of the random numbers.
    pub seed: u64,
}

impl Method for KernelShap {
    fn explain(&self, evaluator: &mut Evaluator<'_>) -> Result<Attribution, Error> {
        let grid = grid(self.n_cells, evaluator)?;
        let n_cells = grid.n_cells();
        if n_cells > 1 && self.n_samples < 2 * n_cells {
            return Err(Error::Budget {
                given: self.n_samples,
                needed: 2 * n_cells,
            });
        }
        let coalitions = coalitions(n_cells, self.n_samples, self.seed);
        regress(evaluator, &grid, &coalitions, |moments, rise| {
            moments.with_sum(rise)
        })
    }
}

/// Both sizes of a subset and its complement.
struct Sizes {
    smaller: usize,
    /// Weight of all subsets of both sizes.
    weight: f64,
    /// How many these are; infinite where there are too many to count.
    n_subsets: f64,
}

fn sizes(n_cells: usize) -> Vec<Sizes> {
    let n = n_cells as f64;
    let mut n_subsets = 1.0;
    let sizes = (1..=n_cells / 2).map(|smaller| {
        let k = smaller as f64;
        n_subsets *= (n - k + 1.0) / k;
        let n_sizes = if 2 * smaller == n_cells { 1.0 } else { 2.0 };
        Sizes {
            smaller,
            weight: n_sizes * (n - 1.0) / (k * (n - k)),
            n_subsets: n_sizes * f64::round(n_subsets),
        }
    });
    sizes.collect()
}

fn coalitions(n_cells: usize, n_samples: usize, seed: u64) -> Vec<Coalition> {
    let sizes = sizes(n_cells);
    let mut coalitions = Vec::new();
    let mut left = sizes.as_slice();
    while let Some((first, rest)) = left.split_first() {
        let weight_left: f64 = left.iter().map(|sizes| sizes.weight).sum();
        let n_left = (n_samples - coalitions.len()) as f64;
        let n_expected = n_left * first.weight / weight_left;
        if first.smaller > 1 && n_expected < first.n_subsets * (1.0 - 1e-9) {
            break;
        }
        let weight = first.weight / first.n_subsets;
        for_each_subset(n_cells, first.smaller, &mut |is_shown| {
            coalitions.push(fixed(is_shown.to_vec(), weight));
            if 2 * first.smaller != n_cells {
                coalitions.push(fixed(complement(is_shown), weight));
            }
        });
        left = rest;
    }
    let n_pairs = (n_samples.saturating_sub(coalitions.len())) / 2;
    let weight_left: f64 = left.iter().map(|sizes| sizes.weight).sum();
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    for pair in 0..if left.is_empty() { 0 } else { n_pairs } {
        let mut place = random.random::<f64>() * weight_left;
        let drawn = left.iter().find(|sizes| {
            place -= sizes.weight;
            place < 0.0
        });
        // Rounding may leave a rest behind the last size.
        let n_shown = drawn.map_or(n_cells / 2, |sizes| sizes.smaller);
        let mut is_shown = vec![false; n_cells];
        is_shown[..n_shown].fill(true);
        is_shown.shuffle(&mut random);
        let weight = weight_left / (2 * n_pairs) as f64;
        for is_shown in [complement(&is_shown), is_shown] {
            coalitions.push(Coalition {
                is_shown,
                weight,
                batch: Some(pair % N_BATCHES),
            });
        }
    }
    coalitions
}

fn fixed(is_shown: Vec<bool>, weight: f64) -> Coalition {
    Coalition {
        is_shown,
        weight,
        batch: None,
    }
}

fn complement(is_shown: &[bool]) -> Vec<bool> {
    is_shown.iter().map(|is_shown| !is_shown).collect()
}

/// All subsets of a size, in the order of their first members.
fn for_each_subset(n_cells: usize, n_shown: usize, take: &mut impl FnMut(&[bool])) {
    let mut members: Vec<usize> = (0..n_shown).collect();
    loop {
        let mut is_shown = vec![false; n_cells];
        members.iter().for_each(|&member| is_shown[member] = true);
        take(&is_shown);
        // The last member that can move, and all behind it, move on.
        let Some(at) = (0..n_shown).rfind(|&at| members[at] < n_cells - n_shown + at) else {
            return;
        };
        let next = members[at] + 1;
        for (offset, member) in members[at..].iter_mut().enumerate() {
            *member = next + offset;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_and_large_sizes_are_taken_in_full_and_the_rest_in_pairs() {
        let found = coalitions(16, 120, 3);
        assert_eq!(found.len(), 120);
        let (in_full, drawn) = found.split_at(32);
        assert!(in_full.iter().all(|c| c.batch.is_none()));
        for pair in drawn.chunks(2) {
            assert_eq!(pair[0].is_shown, complement(&pair[1].is_shown));
            assert_eq!(pair[0].batch, pair[1].batch);
            let n_shown = pair[1].is_shown.iter().filter(|&&s| s).count();
            assert!((2..=8).contains(&n_shown), "{n_shown}");
        }
        // Weights are those of the sizes: sum over k of (K - 1) / (k (K - k)).
        let total: f64 = found.iter().map(|c| c.weight).sum();
        let expected: f64 = (1..16).map(|k| 15.0 / f64::from(k * (16 - k))).sum();
        assert!((total - expected).abs() < 1e-12);
    }

    #[test]
    fn sizes_are_drawn_by_their_weight() {
        let found = coalitions(10, 40_020, 1);
        assert_eq!(found.len(), 1022, "all of them, and not more");
        let found = coalitions(64, 20_128, 1);
        let drawn = found.iter().filter(|c| c.batch.is_some());
        let sizes: Vec<usize> = drawn
            .map(|c| c.is_shown.iter().filter(|&&s| s).count())
            .collect();
        let first = sizes.iter().copied().min().unwrap();
        let weight = |k: usize| 1.0 / (k * (64 - k)) as f64;
        let total: f64 = (first..=64 - first).map(weight).sum();
        let share = sizes.iter().filter(|&&k| k == first).count() as f64 / sizes.len() as f64;
        let expected = weight(first) / total;
        let deviation = (expected / sizes.len() as f64).sqrt();
        assert!(
            (share - expected).abs() < 5.0 * deviation,
            "{share}, {expected}"
        );
    }

    #[test]
    fn subsets_are_all_subsets() {
        let mut found = Vec::new();
        for_each_subset(5, 3, &mut |is_shown| found.push(is_shown.to_vec()));
        assert_eq!(found.len(), 10);
        found.sort();
        found.dedup();
        assert_eq!(found.len(), 10);
        assert!(found.iter().all(|s| s.iter().filter(|&&m| m).count() == 3));
    }
}
