//! Convolutions with batch normalisation, of random numbers.

use crate::values::{Measure, Values};

/// A convolution with batch normalisation.
pub(crate) struct Plain {
    pub(crate) weight: Vec<f32>,
    pub(crate) norm: BatchNorm,
    pub(crate) kernel: usize,
    pub(crate) stride: usize,
}

/// Batch normalisation with fixed statistics, one value a channel.
pub(crate) struct BatchNorm {
    pub(crate) gamma: Vec<f32>,
    pub(crate) beta: Vec<f32>,
    pub(crate) mean: Vec<f32>,
    pub(crate) variance: Vec<f32>,
    pub(crate) epsilon: f64,
}

/// Numbers between -1 and 1 that look random (splitmix64; Steele, Lea and Flood, 2014).
pub(crate) struct Noise(pub(crate) u64);

impl Noise {
    fn next(&mut self) -> f32 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^= z >> 31;
        ((z >> 11) as f64 / (1_u64 << 52) as f64 - 1.0) as f32
    }

    pub(crate) fn values(&mut self, n: usize) -> Vec<f32> {
        (0..n).map(|_| self.next()).collect()
    }
}

impl Plain {
    pub(crate) fn random(
        noise: &mut Noise,
        c_in: usize,
        c_out: usize,
        kernel: usize,
        stride: usize,
    ) -> Self {
        let n = c_in * kernel * kernel;
        let scale = (2.0 / n as f32).sqrt();
        let mut around = |centre: f32, spread: f32| -> Vec<f32> {
            noise
                .values(c_out)
                .iter()
                .map(|value| centre + spread * value)
                .collect()
        };
        let norm = BatchNorm {
            gamma: around(1.0, 0.3),
            beta: around(0.1, 0.3),
            mean: around(0.0, 0.2),
            variance: around(0.6, 0.4),
            epsilon: 1e-5,
        };
        let weight = noise
            .values(c_out * n)
            .iter()
            .map(|value| value * scale)
            .collect();
        Self {
            weight,
            norm,
            kernel,
            stride,
        }
    }

    /// Weights and bias with the batch normalisation in them.
    pub(crate) fn folded(&self) -> (Vec<f32>, Vec<f32>) {
        let norm = &self.norm;
        let n_per_channel = self.weight.len() / norm.gamma.len();
        let scale = |c: usize| {
            let deviation = (f64::from(norm.variance[c]) + norm.epsilon).sqrt();
            f64::from(norm.gamma[c]) / deviation
        };
        let weight = self.weight.iter().enumerate();
        let bias = norm.mean.iter().zip(&norm.beta).enumerate();
        (
            weight
                .map(|(at, &w)| (f64::from(w) * scale(at / n_per_channel)) as f32)
                .collect(),
            bias.map(|(c, (&mean, &beta))| (f64::from(beta) - f64::from(mean) * scale(c)) as f32)
                .collect(),
        )
    }

    pub(crate) fn apply(&self, input: &Values, measure: Measure) -> Values {
        let c_out = self.norm.gamma.len();
        let area = self.kernel * self.kernel;
        let c_in = self.weight.len() / (c_out * area);
        let window = (self.kernel, self.stride, self.kernel / 2);
        input.over_windows(c_out, window, |c, window| {
            let mut sum = 0.0;
            for channel in 0..c_in {
                let filter = &self.weight[(c * c_in + channel) * area..][..area];
                for (&weight, &(row, col)) in filter.iter().zip(window) {
                    let value = input.at(channel, row, col).unwrap_or(0.0);
                    sum += measure.term(f64::from(weight) * value);
                }
            }
            let norm = &self.norm;
            let deviation = (f64::from(norm.variance[c]) + norm.epsilon).sqrt();
            let scale = measure.term(f64::from(norm.gamma[c]) / deviation);
            (sum + measure.term(-f64::from(norm.mean[c]))) * scale
                + measure.term(f64::from(norm.beta[c]))
        })
    }
}

/// A batch normalisation that changes nothing.
pub(crate) fn no_norm(n_channels: usize) -> BatchNorm {
    BatchNorm {
        gamma: vec![1.0; n_channels],
        beta: vec![0.0; n_channels],
        mean: vec![0.0; n_channels],
        variance: vec![1.0; n_channels],
        epsilon: 0.0,
    }
}
