//! Kinds that move values or interpolate between them.

use crate::op::Order;
use crate::pad::{PadMode, Pads};
use crate::resize::Axis;
use crate::shape::Shape;

use super::value::{Value, fill};

pub(super) fn pad(pads: &Pads, mode: PadMode, input: Value, output: Shape) -> Vec<f64> {
    let size = input.size();
    let constant = match mode {
        PadMode::Constant(value) => f64::from(value),
        PadMode::Edge | PadMode::Reflect => 0.0,
    };
    fill(output, |channel, row, col| {
        let row = mode.source(row, pads.top, size.rows);
        let col = mode.source(col, pads.left, size.cols);
        match (row, col) {
            (Some(row), Some(col)) => input.channel(channel)[row * size.cols + col],
            _ => constant,
        }
    })
}

pub(super) fn resize(rows: &Axis, cols: &Axis, input: Value) -> Vec<f64> {
    let n_cols = input.size().cols;
    let mut output = Vec::new();
    for channel in 0..input.shape.n_channels() {
        let channel = input.channel(channel);
        for row_taps in &rows.taps {
            for col_taps in &cols.taps {
                let mut sum = 0.0;
                for &(row, row_weight) in row_taps {
                    for &(col, col_weight) in col_taps {
                        let weight = f64::from(row_weight) * f64::from(col_weight);
                        sum += weight * channel[row * n_cols + col];
                    }
                }
                output.push(sum);
            }
        }
    }
    output
}

pub(super) fn flatten(order: Order, input: Value) -> Vec<f64> {
    match order {
        Order::Chw => input.values.to_vec(),
        Order::Hwc => {
            let n_positions = input.shape.n_positions();
            let positions =
                (0..n_positions).flat_map(|at| input.values[at..].iter().step_by(n_positions));
            positions.copied().collect()
        }
    }
}
