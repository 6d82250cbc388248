//! Random games: a probability of an image whose pixels all interact.

use std::sync::Arc;

use burn::tensor::{Device, Tensor, TensorData};
use hshap::{Depth, Explainer, Outputs, Settings, Shift, Shifts, Threshold};
use proptest::prelude::*;

pub(crate) const ROWS: usize = 8;
pub(crate) const COLS: usize = 12;

pub(crate) fn tensor(values: &[f32]) -> Tensor<3> {
    let data = TensorData::new(values.to_vec(), [1, ROWS, COLS]);
    Tensor::from_data(data, &Device::flex())
}

/// A probability with interactions between all pixels.
pub(crate) fn explainer(weights: &[f32], offset: f32, background: &[f32]) -> Explainer {
    let weights: Arc<[f32]> = weights.into();
    let model = move |images: Tensor<4>| -> Tensor<2> {
        let device = images.device();
        let values: Vec<f32> = images.into_data().iter::<f32>().collect();
        let answers: Vec<f32> = values
            .chunks_exact(ROWS * COLS)
            .map(|image| {
                let sum: f32 = weights.iter().zip(image).map(|(w, x)| w * x).sum();
                1.0 / (1.0 + (-sum - offset).exp())
            })
            .collect();
        let n = answers.len();
        Tensor::from_data(TensorData::new(answers, [n, 1]), &device)
    };
    Explainer::new(model, tensor(background))
}

pub(crate) fn settings(threshold: f64) -> Settings {
    Settings::default()
        .with_depth(Depth::Levels(3))
        .with_batch_size(1)
        .with_outputs(Outputs::Probabilities)
        .with_threshold(Threshold::Absolute(threshold))
}

pub(crate) fn shifts(n: usize) -> Shifts {
    let all = [(0, 0), (1, 3), (-2, 1), (3, -5), (2, 2)];
    let shifts = all[..n].iter();
    Shifts::List(shifts.map(|&(rows, cols)| Shift { rows, cols }).collect())
}

pub(crate) fn pixels() -> impl Strategy<Value = Vec<f32>> {
    prop::collection::vec(-1.0_f32..1.0, ROWS * COLS)
}

pub(crate) fn games() -> impl Strategy<Value = (Vec<f32>, f32, Vec<f32>, Vec<f32>)> {
    let same = prop::collection::vec(prop::bool::weighted(0.2), ROWS * COLS);
    (pixels(), -2.0_f32..2.0, pixels(), pixels(), same).prop_map(
        |(weights, offset, mut image, background, same)| {
            for ((x, b), same) in image.iter_mut().zip(&background).zip(same) {
                if same {
                    *x = *b;
                }
            }
            (weights, offset, image, background)
        },
    )
}

pub(crate) fn example() -> (Explainer, Tensor<3>) {
    let values = |seed: u32| -> Vec<f32> {
        let hash = |k: u32| (k.wrapping_add(seed).wrapping_mul(2_654_435_761) >> 8) as f32;
        (1..=(ROWS * COLS) as u32)
            .map(|k| hash(k) / (1 << 23) as f32 - 1.0)
            .collect()
    };
    (
        explainer(&values(1), 0.5, &values(1000)),
        tensor(&values(77)),
    )
}
