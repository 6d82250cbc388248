//! How much a node computes.

use crate::op::Op;
use crate::shape::Shape;

/// Multiply-accumulate operations of a convolution or a linear map; 0 for other kinds.
pub(crate) fn n_macs(op: &Op, inputs: &[Shape], output: Shape) -> u64 {
    let per_value = match (op, inputs) {
        // The weights of one output channel.
        (Op::Conv(conv), _) => conv.weight.len() / conv.bias.len(),
        (Op::Gemm { .. }, [input, ..]) => input.n_values(),
        _ => 0,
    };
    (output.n_values() as u64).saturating_mul(per_value as u64)
}

/// Multiply-accumulate operations, values read by pooling and interpolation, and values written.
pub(crate) fn n_operations(op: &Op, inputs: &[Shape], output: Shape) -> u64 {
    let written = output.n_values() as u64;
    let read = match op {
        Op::MaxPool { window, .. } | Op::AveragePool { window, .. } => {
            let [rows, cols] = window.kernel_shape;
            written.saturating_mul((rows * cols) as u64)
        }
        Op::Resize { rows, cols } => {
            let taps = rows.n_taps().saturating_mul(cols.n_taps());
            taps.saturating_mul(output.n_channels() as u64)
        }
        Op::Lrn { size, .. } => written.saturating_mul(*size as u64),
        _ => inputs.iter().map(|input| input.n_values() as u64).sum(),
    };
    n_macs(op, inputs, output)
        .saturating_add(read)
        .saturating_add(written)
}
