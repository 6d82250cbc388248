use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// A seeded stream of ChaCha8. What is drawn from it is defined here, so that a seed gives the same
/// numbers in every version.
pub(crate) struct Random(ChaCha8Rng);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    /// A number below `n`, which is at most 2^32; the chances differ by less than `n / 2^64`.
    pub(crate) fn below(&mut self, n: usize) -> usize {
        ((u128::from(self.0.next_u64()) * n as u128) >> 64) as usize
    }

    /// 32 bits, each as likely to be set as not.
    pub(crate) fn bits(&mut self) -> u32 {
        self.0.next_u32()
    }

    /// All of `0..n` in an order that is drawn (Fisher and Yates; Durstenfeld 1964).
    pub(crate) fn permutation(&mut self, n: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..n).collect();
        for last in (1..n).rev() {
            order.swap(last, self.below(last + 1));
        }
        order
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_permutation_has_everything_once_and_depends_on_the_seed() {
        let order = Random::new(5).permutation(100);
        let mut sorted = order.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, (0..100).collect::<Vec<_>>());
        assert_eq!(order, Random::new(5).permutation(100));
        assert_ne!(order, Random::new(6).permutation(100));
    }

    #[test]
    fn all_permutations_are_equally_likely() {
        let mut random = Random::new(1);
        let mut counts = std::collections::BTreeMap::new();
        for _ in 0..6000 {
            *counts.entry(random.permutation(3)).or_insert(0_i32) += 1;
        }
        // Standard deviation of a count: sqrt(6000 * 5 / 36) = 29.
        assert_eq!(counts.len(), 6);
        assert!(
            counts.values().all(|n| (n - 1000).abs() < 120),
            "{counts:?}"
        );
    }
}
