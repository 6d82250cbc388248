//! Kinds that divide by a statistic of the image.

use super::value::{Value, fill};

/// Mean and biased variance.
fn moments(values: impl Iterator<Item = f64> + Clone) -> (f64, f64) {
    let n = values.clone().count() as f64;
    let mean = values.clone().sum::<f64>() / n;
    let variance = values.map(|x| (x - mean).powi(2)).sum::<f64>() / n;
    (mean, variance)
}

pub(super) fn layer(input: Value, scale: &[f32], shift: &[f32], epsilon: f32) -> Vec<f64> {
    let n_positions = input.shape.n_positions();
    let of_position: Vec<_> = (0..n_positions)
        .map(|at| moments(input.values[at..].iter().step_by(n_positions).copied()))
        .collect();
    let numbered = input.values.iter().enumerate();
    let normalised = numbered.map(|(at, x)| {
        let (mean, variance) = of_position[at % n_positions];
        let c = at / n_positions;
        let unit = (x - mean) / (variance + f64::from(epsilon)).sqrt();
        unit * f64::from(scale[c]) + f64::from(shift[c])
    });
    normalised.collect()
}

pub(super) fn instance(
    input: Value,
    groups: usize,
    scale: &[f32],
    shift: &[f32],
    epsilon: f32,
) -> Vec<f64> {
    let per_group = input.shape.n_channels() / groups;
    let of_group: Vec<_> = input
        .values
        .chunks_exact(per_group * input.shape.n_positions())
        .map(|group| moments(group.iter().copied()))
        .collect();
    input.map(|c, x| {
        let (mean, variance) = of_group[c / per_group];
        let unit = (x - mean) / (variance + f64::from(epsilon)).sqrt();
        unit * f64::from(scale[c]) + f64::from(shift[c])
    })
}

pub(super) fn local_response(
    input: Value,
    size: usize,
    alpha: f32,
    beta: f32,
    bias: f32,
) -> Vec<f64> {
    let n_channels = input.shape.n_channels();
    let n_cols = input.size().cols;
    fill(input.shape, |c, row, col| {
        let x = |c| input.channel(c)[row * n_cols + col];
        let first = c.saturating_sub((size - 1) / 2);
        let end = (c + (size - 1).div_ceil(2) + 1).min(n_channels);
        let sum: f64 = (first..end).map(|c| x(c).powi(2)).sum();
        let base = f64::from(bias) + f64::from(alpha) / size as f64 * sum;
        x(c) / base.powf(f64::from(beta))
    })
}
