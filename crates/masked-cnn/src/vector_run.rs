//! Values without positions: what maps come together to, and what follows.

use rayon::prelude::*;

use crate::kernels::Kernels;
use crate::kernels::double::{Linear, SumPositions};
use crate::kernels::gemm::{Gemm, Packed, Row};
use crate::program::{VectorLayer, VectorStep};
use crate::view::{Values, View};

/// Images whose vectors are multiplied by a matrix together.
const ROWS: usize = 12;

impl VectorLayer {
    /// The values `[n_images, len]`; NaN in place of one that is no finite `f32`.
    pub(crate) fn compute(
        &self,
        kernels: Kernels,
        values: Values<'_>,
        n_images: usize,
    ) -> Vec<f64> {
        let mut out = vec![0.0; n_images * self.len];
        if let VectorStep::Gemm {
            input,
            packed,
            bias,
        } = &self.step
        {
            let chunks = out.par_chunks_mut(ROWS * self.len).enumerate();
            chunks.for_each(|(index, out)| {
                multiply(kernels, values, *input, packed, bias, index * ROWS, out);
            });
        } else {
            let images = out.par_chunks_mut(self.len).enumerate();
            images.for_each(|(image, out)| self.step.of_image(kernels, values, image, out));
        }
        for value in &mut out {
            // What follows may hide an infinity: the logistic function makes 0 or 1 of it.
            if !(*value as f32).is_finite() {
                *value = f64::NAN;
            }
        }
        out
    }
}

impl VectorStep {
    fn of_image(&self, kernels: Kernels, values: Values<'_>, image: usize, out: &mut [f64]) {
        match self {
            Self::Mean(input) => {
                let view = values.map(*input);
                sums(kernels, &view, image, out);
                let n_positions = n_positions(&view);
                out.iter_mut().for_each(|sum| *sum /= n_positions);
            }
            Self::Max(input) => {
                out.fill(f64::NEG_INFINITY);
                positions(&values.map(*input), image, |position| {
                    for (largest, &value) in out.iter_mut().zip(position) {
                        let value = f64::from(value);
                        if value > *largest || value.is_nan() {
                            *largest = value;
                        }
                    }
                });
            }
            Self::Flatten {
                input,
                channels_last,
            } => {
                let view = values.map(*input);
                let n_channels = values.n_channels(*input);
                let n_positions = view.grid.size.rows * view.grid.size.cols;
                for at in 0..n_positions {
                    let cols = view.grid.size.cols;
                    let position = &view.at(image, at / cols, at % cols)[..n_channels];
                    for (c, &value) in position.iter().enumerate() {
                        let to = match channels_last {
                            true => at * n_channels + c,
                            false => c * n_positions + at,
                        };
                        out[to] = f64::from(value);
                    }
                }
            }
            Self::Normalization {
                input,
                groups,
                scale,
                shift,
                epsilon,
            } => {
                let view = values.map(*input);
                let (scales, shifts) = out.split_at_mut(scale.len());
                let epsilon = f64::from(*epsilon);
                sums(kernels, &view, image, shifts);
                normalization(&view, image, *groups, epsilon, scales, shifts);
                for (c, (factor, offset)) in scales.iter_mut().zip(shifts).enumerate() {
                    *factor *= f64::from(scale[c]);
                    *offset = f64::from(shift[c]) - *offset * *factor;
                }
            }
            Self::Op { inputs, op } => {
                let inputs: Vec<&[f64]> = inputs
                    .iter()
                    .map(|&input| values.vector(input, image))
                    .collect();
                out.copy_from_slice(&op.reference_of_vectors(&inputs));
            }
            Self::Linear {
                input,
                weight,
                bias,
            } => kernels.run(Linear {
                values: values.vector(*input, image),
                weight,
                bias,
                out,
            }),
            // Of all images at once.
            Self::Gemm { .. } => {}
        }
    }
}

fn n_positions(view: &View<'_>) -> f64 {
    (view.grid.size.rows * view.grid.size.cols) as f64
}

/// Calls `function` for every position of a map, tile by tile.
fn positions(view: &View<'_>, image: usize, mut function: impl FnMut(&[f32])) {
    let grid = view.grid;
    for tile in 0..grid.n_tiles() {
        let (rows, cols) = grid.span_of(tile);
        for row in rows {
            for col in cols.clone() {
                function(view.at(image, row, col));
            }
        }
    }
}

/// The sum of every channel.
fn sums(kernels: Kernels, view: &View<'_>, image: usize, sums: &mut [f64]) {
    // Positions outside the layer are 0 and add nothing.
    for tile in 0..view.grid.n_tiles() {
        kernels.run(SumPositions {
            values: view.tile(image, tile),
            channel_stride: view.grid.channel_stride,
            sums,
        });
    }
}

/// For every channel `1 / sqrt(variance + epsilon)` and, in place of its sum, the mean of its group.
fn normalization(
    view: &View<'_>,
    image: usize,
    groups: usize,
    epsilon: f64,
    factors: &mut [f64],
    means: &mut [f64],
) {
    let per_group = means.len() / groups;
    let n = per_group as f64 * n_positions(view);
    for group in means.chunks_exact_mut(per_group) {
        let mean = group.iter().sum::<f64>() / n;
        group.fill(mean);
    }
    positions(view, image, |position| {
        for ((squares, &mean), &value) in factors.iter_mut().zip(&*means).zip(position) {
            *squares += (f64::from(value) - mean).powi(2);
        }
    });
    for group in factors.chunks_exact_mut(per_group) {
        let variance = group.iter().sum::<f64>() / n;
        group.fill(1.0 / (variance + epsilon).sqrt());
    }
}

/// A linear map of the vectors of some images, from `first` on.
fn multiply(
    kernels: Kernels,
    values: Values<'_>,
    input: usize,
    packed: &Packed,
    bias: &[f32],
    first: usize,
    out: &mut [f64],
) {
    let n_inputs = packed.inner();
    let n_images = out.len() / bias.len();
    let mut rows = Vec::with_capacity(n_images * n_inputs);
    for image in first..first + n_images {
        rows.extend(
            values
                .vector(input, image)
                .iter()
                .map(|&value| value as f32),
        );
    }
    let left: Vec<Row<'_>> = rows
        .chunks_exact(n_inputs)
        .enumerate()
        .map(|(image, values)| Row {
            values,
            to: image * packed.columns,
            shortcut: None,
        })
        .collect();
    let mut products = vec![0.0; n_images * packed.columns];
    kernels.run(Gemm {
        rows: &left,
        offsets: &[0],
        run_len: n_inputs,
        packed,
        matrix: 0,
        ending: None,
        out: &mut products,
    });
    let products = products.chunks_exact(packed.columns);
    for (out, products) in out.chunks_exact_mut(bias.len()).zip(products) {
        for ((out, &product), &bias) in out.iter_mut().zip(products).zip(bias) {
            *out = f64::from(product) + f64::from(bias);
        }
    }
}
