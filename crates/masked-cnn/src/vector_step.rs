//! Vectors on the way from a graph to a program.

use cnn_graph::{Op, Order};

use crate::kernels::Kernels;
use crate::kernels::gemm::Packed;
use crate::program::VectorStep;

/// A linear map of so many weights is computed in `f32`, for all masks of a batch at once.
const MANY_WEIGHTS: usize = 1 << 20;

/// How the vector that a node is comes about, of the layers that it reads.
pub(crate) fn vector_step(op: &Op, inputs: &[usize], kernels: Kernels) -> VectorStep {
    match (op, inputs.first()) {
        (Op::GlobalAveragePool, Some(&input)) => VectorStep::Mean(input),
        (Op::GlobalMaxPool, Some(&input)) => VectorStep::Max(input),
        (Op::Flatten { order }, Some(&input)) => VectorStep::Flatten {
            input,
            channels_last: *order == Order::Hwc,
        },
        (Op::Gemm { weight, bias }, Some(&input)) if weight.len() >= MANY_WEIGHTS => {
            let n_inputs = weight.len() / bias.len();
            let value = |k: usize, column: usize, entry: &mut [f32]| {
                entry[0] = weight[column * n_inputs + k];
            };
            VectorStep::Gemm {
                input,
                packed: Packed::new(kernels, 1, n_inputs, bias.len(), value),
                bias: bias.clone(),
            }
        }
        (Op::Gemm { weight, bias }, Some(&input)) => {
            let n_inputs = weight.len() / bias.len();
            let of_input = |k: usize| weight[k..].iter().step_by(n_inputs).copied();
            VectorStep::Linear {
                input,
                weight: (0..n_inputs).flat_map(of_input).collect(),
                bias: bias.clone(),
            }
        }
        (op, _) => VectorStep::Op {
            inputs: inputs.to_vec(),
            op: op.clone(),
        },
    }
}
