//! Kinds that move values or interpolate between them.

use std::sync::Arc;

use burn::tensor::{Device, Int, Tensor, TensorData, ops};
use cnn_graph::{Axis, Order, PadMode, Pads};

use crate::parameters::{Function, tensor};

/// Padding of a map `[channels, rows, cols]`, where its mode is one that is known here.
pub(crate) fn pad(pads: &Pads, mode: PadMode, input: [usize; 3]) -> Option<Function> {
    let mode = match mode {
        PadMode::Constant(value) => ops::PadMode::Constant(value),
        PadMode::Edge => ops::PadMode::Edge,
        PadMode::Reflect => ops::PadMode::Reflect,
        _ => return None,
    };
    let [_, n_rows, n_cols] = input;
    let rows = Ends::new(pads.top, pads.bottom, n_rows);
    let cols = Ends::new(pads.left, pads.right, n_cols);
    Some(Arc::new(move |x| {
        let x = cols.cut(3, rows.cut(2, x));
        x.pad([rows.added, cols.added], mode)
    }))
}

/// What padding does to a side: first it cuts, then it adds.
#[derive(Clone, Copy)]
struct Ends {
    /// First position that is left, and how many are.
    left: (usize, usize),
    /// Whether anything is cut off.
    is_cut: bool,
    added: (usize, usize),
}

impl Ends {
    fn new(begin: i64, end: i64, len: usize) -> Self {
        let added = |pad: i64| pad.max(0) as usize;
        let cut = (added(-begin), added(-end));
        Self {
            left: (cut.0, len - cut.0 - cut.1),
            is_cut: cut != (0, 0),
            added: (added(begin), added(end)),
        }
    }

    fn cut(self, dim: usize, x: Tensor<4>) -> Tensor<4> {
        if self.is_cut {
            x.narrow(dim, self.left.0, self.left.1)
        } else {
            x
        }
    }
}

pub(crate) fn gather(channels: &[u32], device: &Device) -> Function {
    if let Some(&first) = channels.first()
        && channels.iter().copied().eq((first..).take(channels.len()))
    {
        let (first, len) = (first as usize, channels.len());
        return Arc::new(move |x| x.narrow(1, first, len));
    }
    let channels: Vec<i64> = channels.iter().copied().map(i64::from).collect();
    let len = channels.len();
    let channels = Tensor::<1, Int>::from_data(TensorData::new(channels, [len]), device);
    Arc::new(move |x| x.select(1, channels.clone()))
}

/// Interpolation of a map `[channels, rows, cols]`, as a product of matrices on either side.
pub(crate) fn resize(rows: &Axis, cols: &Axis, input: [usize; 3], device: &Device) -> Function {
    let [_, n_rows, n_cols] = input;
    let of_rows = table(rows, n_rows, device);
    let of_cols = table(cols, n_cols, device).transpose();
    Arc::new(move |x| of_rows.clone().matmul(x).matmul(of_cols.clone()))
}

/// The weights of each output position, `[1, 1, n_outputs, len]`.
fn table(axis: &Axis, len: usize, device: &Device) -> Tensor<4> {
    let n_outputs = axis.taps.len();
    let mut weights = vec![0.0; n_outputs * len];
    for (taps, weights) in axis.taps.iter().zip(weights.chunks_exact_mut(len)) {
        for &(at, weight) in taps {
            weights[at] += weight;
        }
    }
    tensor(weights, [1, 1, n_outputs, len], device)
}

/// A map as a vector, `[n, n_values, 1, 1]`.
pub(crate) fn flatten(order: Order) -> Function {
    Arc::new(move |x| {
        let [n, channels, rows, cols] = x.dims();
        let x = match order {
            Order::Chw => x,
            Order::Hwc => x.permute([0, 2, 3, 1]),
        };
        x.reshape([n, channels * rows * cols, 1, 1])
    })
}
