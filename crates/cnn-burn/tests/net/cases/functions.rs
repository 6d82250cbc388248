//! Activations, of maps and of vectors.

use cnn_graph::{Activation, Op};

use super::{CHANNELS, Case, case, numbers, one};

pub(super) fn cases() -> Vec<Case> {
    let mut cases: Vec<Case> = activations()
        .into_iter()
        .map(|activation| one(format!("{activation:?}"), Op::Activation(activation)))
        .collect();
    for activation in activations() {
        let name = format!("{activation:?} of a vector");
        cases.push(case(name, |graph, image| {
            let mean = graph.add("mean", Op::GlobalAveragePool, &[image])?;
            graph.add("one", Op::Activation(activation), &[mean])
        }));
    }
    cases
}

fn activations() -> Vec<Activation> {
    vec![
        Activation::Relu,
        Activation::Clip { min: 0.0, max: 1.5 },
        Activation::Clip {
            min: -0.5,
            max: f32::INFINITY,
        },
        Activation::Clip {
            min: f32::NEG_INFINITY,
            max: 0.25,
        },
        Activation::Clip {
            min: 2.0,
            max: -1.0,
        },
        Activation::LeakyRelu { alpha: 0.01 },
        Activation::PRelu {
            slope: numbers(3, CHANNELS),
        },
        Activation::Elu { alpha: 1.0 },
        Activation::Elu { alpha: -0.7 },
        Activation::Selu {
            alpha: 1.673_263_2,
            gamma: 1.050_701,
        },
        Activation::Selu {
            alpha: 0.5,
            gamma: 2.0,
        },
        Activation::Celu { alpha: 1.5 },
        Activation::Celu { alpha: -1.5 },
        Activation::Sigmoid,
        Activation::HardSigmoid {
            alpha: 0.2,
            beta: 0.5,
        },
        Activation::HardSwish,
        Activation::Silu,
        Activation::Gelu { tanh: false },
        Activation::Gelu { tanh: true },
        Activation::Erf,
        Activation::Tanh,
        Activation::Softplus,
        Activation::Softsign,
        Activation::Mish,
        Activation::ThresholdedRelu { alpha: 1.0 },
    ]
}
