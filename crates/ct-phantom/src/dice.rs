//! The random stream a slice is drawn from.

use std::ops::Range;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;

/// A seeded ChaCha8 stream with the handful of draws the phantom needs.
pub(crate) struct Dice(ChaCha8Rng);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    /// One of the independent streams of a seed; stream 0 is that of [`Dice::new`].
    pub(crate) fn stream(seed: u64, stream: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(stream);
        Self(rng)
    }

    pub(crate) fn uniform(&mut self, range: Range<f32>) -> f32 {
        self.0.random_range(range)
    }

    /// Uniform in the logarithm, for sizes and noise levels.
    pub(crate) fn log_uniform(&mut self, range: Range<f32>) -> f32 {
        self.uniform(range.start.ln()..range.end.ln()).exp()
    }

    pub(crate) fn normal(&mut self, sd: f32) -> f32 {
        sd * self.0.sample::<f32, _>(StandardNormal)
    }

    pub(crate) fn count(&mut self, range: Range<u32>) -> usize {
        self.0.random_range(range) as usize
    }

    pub(crate) fn chance(&mut self, probability: f32) -> bool {
        self.uniform(0.0..1.0) < probability
    }

    /// An element of `choices`, all equally likely.
    pub(crate) fn one_of<T: Copy, const N: usize>(&mut self, choices: [T; N]) -> T {
        choices[self.count(0..N as u32)]
    }

    /// The index of a weight, drawn in proportion to the weights, which need not sum to one.
    pub(crate) fn weighted(&mut self, weights: &[f32]) -> usize {
        let mut left = self.uniform(0.0..weights.iter().sum());
        weights
            .iter()
            .position(|weight| {
                left -= weight;
                left < 0.0
            })
            .unwrap_or(weights.len() - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_set_the_shares() {
        let mut dice = Dice::new(3);
        let mut n_drawn = [0_usize; 3];
        for _ in 0..10_000 {
            n_drawn[dice.weighted(&[0.5, 0.0, 1.5])] += 1;
        }
        assert_eq!(n_drawn[1], 0);
        // Standard deviation of the count: sqrt(10000 * 0.25 * 0.75) = 43; five of them.
        assert!(n_drawn[0].abs_diff(2500) < 217, "{n_drawn:?}");
    }

    #[test]
    fn log_uniform_has_its_median_at_the_geometric_mean() {
        let mut dice = Dice::new(4);
        let n_below = (0..10_000)
            .filter(|_| dice.log_uniform(2.0..50.0) < 10.0)
            .count();
        // Standard deviation of the count: 50; five of them.
        assert!(n_below.abs_diff(5000) < 250, "{n_below}");
    }
}
