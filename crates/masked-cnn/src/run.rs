//! Computes the tiles of a plan, layer by layer.

use rayon::prelude::*;

use crate::Activation;
use crate::buffer::{Buffer, BufferPool};
use crate::kernels::Kernels;
use crate::layer_run::{LayerRun, tiles_per_chunk};
use crate::plan::LayerPlan;
use crate::program::{Program, ProgramLayer};
use crate::tile::Grid;
use crate::view::{Ends, Stored, View};

/// What a run works with.
#[derive(Clone, Copy)]
pub(crate) struct Runner<'a> {
    pub(crate) program: &'a Program,
    pub(crate) kernels: Kernels,
    pub(crate) buffers: &'a BufferPool,
    pub(crate) grids: &'a [Grid],
}

/// The layers of a run that are kept.
pub(crate) struct Computed {
    buffers: Vec<Option<Buffer>>,
}

impl<'a> Runner<'a> {
    /// Computes every layer but the first, whose tiles are given. Layers that nothing reads any
    /// more are dropped unless `keep` says otherwise; the last one always stays.
    pub(crate) fn run(
        self,
        plans: &[LayerPlan],
        input: Buffer,
        ends: Option<Ends<'_>>,
        keep: bool,
    ) -> Computed {
        let n_layers = self.program.layers.len();
        let mut buffers: Vec<Option<Buffer>> = Vec::with_capacity(n_layers);
        buffers.push(Some(input));
        for index in 1..n_layers {
            let computed = {
                let layer = &self.program.layers[index];
                let input = self.view(layer.input, plans, &buffers, ends);
                let shortcut = layer
                    .shortcut
                    .map(|shortcut| self.view(shortcut, plans, &buffers, ends));
                self.compute(index, &plans[index], input, shortcut)
            };
            buffers.push(Some(computed));
            if !keep {
                for (earlier, buffer) in buffers.iter_mut().enumerate() {
                    if self.program.layers[earlier].last_reader == index
                        && earlier != index
                        && let Some(buffer) = buffer.take()
                    {
                        self.buffers.give_back(buffer);
                    }
                }
            }
        }
        Computed { buffers }
    }

    fn view<'b>(
        &self,
        index: usize,
        plans: &'b [LayerPlan],
        buffers: &'b [Option<Buffer>],
        ends: Option<Ends<'b>>,
    ) -> View<'b>
    where
        'a: 'b,
    {
        View {
            grid: &self.grids[index],
            plan: &plans[index],
            computed: buffers[index].as_deref().unwrap_or_default(),
            image: ends.map_or(&[], |ends| &ends.image[index]),
            background: ends.map_or(&[], |ends| &ends.background[index]),
        }
    }

    /// The answers `[n_images, n_outputs]` from the last layer, which goes back to the pool. NaN in
    /// place of an answer whose logit is no finite `f32`.
    pub(crate) fn answer(
        &self,
        plans: &[LayerPlan],
        computed: Computed,
        ends: Option<Ends<'_>>,
        n_images: usize,
    ) -> Vec<f32> {
        let last = self.program.layers.len() - 1;
        let view = self.view(last, plans, &computed.buffers, ends);
        let head = &self.program.head;
        let n_outputs = head.bias.len();
        let n_features = head.weight.len() / n_outputs.max(1);
        let n_positions = (view.grid.size.rows * view.grid.size.cols) as f64;
        let mut answers = vec![0.0; n_images * n_outputs];
        answers
            .par_chunks_mut(n_outputs.max(1))
            .enumerate()
            .for_each(|(image, answers)| {
                let mut features = vec![0.0_f64; n_features];
                // Positions outside the layer are 0 and add nothing.
                for tile in 0..view.grid.n_tiles() {
                    let values = view.tile(image, tile);
                    for position in values.chunks_exact(view.grid.channel_stride) {
                        for (feature, &value) in features.iter_mut().zip(position) {
                            *feature += f64::from(value);
                        }
                    }
                }
                let weights = head.weight.chunks_exact(n_features);
                for ((answer, &bias), weights) in answers.iter_mut().zip(&head.bias).zip(weights) {
                    let products = features.iter().zip(weights);
                    let sum: f64 = products.map(|(f, &w)| f * f64::from(w)).sum();
                    let logit = sum / n_positions + f64::from(bias);
                    *answer = match head.activation {
                        // The logistic function would make 0 or 1 of an infinity.
                        _ if !(logit as f32).is_finite() => f32::NAN,
                        Activation::Identity => logit as f32,
                        Activation::Sigmoid => (1.0 / (1.0 + (-logit).exp())) as f32,
                    };
                }
            });
        for buffer in computed.buffers.into_iter().flatten() {
            self.buffers.give_back(buffer);
        }
        answers
    }

    fn compute(
        &self,
        index: usize,
        plan: &LayerPlan,
        input: View<'_>,
        shortcut: Option<View<'_>>,
    ) -> Buffer {
        let grid = &self.grids[index];
        let mut out = self.buffers.take(plan.slots.len() * grid.tile_len());
        let ProgramLayer {
            step,
            window: Some(window),
            ..
        } = &self.program.layers[index]
        else {
            return out;
        };
        let n_chunk = tiles_per_chunk(step, input.grid, grid, plan.slots.len());
        let layer = LayerRun {
            kernels: self.kernels,
            buffers: self.buffers,
            grid,
            window: *window,
            input,
            shortcut,
        };
        out.par_chunks_mut(n_chunk * grid.tile_len())
            .zip(plan.slots.par_chunks(n_chunk))
            .for_each(|(out, slots)| layer.compute(step, slots, out));
        out
    }
}

impl Computed {
    /// Every layer of a run that kept all.
    pub(crate) fn into_stored(self) -> Stored {
        self.buffers.into_iter().flatten().collect()
    }
}
