//! Computes the tiles of a plan, layer by layer.

use rayon::prelude::*;

use crate::buffer::{Buffer, BufferPool};
use crate::kernels::Kernels;
use crate::layer_run::{LayerRun, tiles_per_chunk};
use crate::plan::{LayerPlan, Slot};
use crate::program::{MapLayer, Program, Work};
use crate::view::{Computed, Ends, Stored, Values};

/// What a run works with.
#[derive(Clone, Copy)]
pub(crate) struct Runner<'a> {
    pub(crate) program: &'a Program,
    pub(crate) kernels: Kernels,
    pub(crate) buffers: &'a BufferPool,
}

impl Runner<'_> {
    /// The activations of one unmasked image, given in tiles, of all layers that are stored.
    pub(crate) fn store(self, image: Buffer) -> Stored {
        let plans = self.program.dense_plans(1);
        let mut computed = vec![Computed::Map(image)];
        for (index, layer) in self.program.layers.iter().enumerate().skip(1) {
            // No layer that is stored reads one that is not.
            let next = match layer.is_stored() {
                true => self.compute(index, &plans, &computed, None, 1),
                false => Computed::Nothing,
            };
            computed.push(next);
        }
        let buffer = |computed| match computed {
            Computed::Map(buffer) => buffer,
            _ => Buffer::default(),
        };
        computed.into_iter().map(buffer).collect()
    }

    /// The answers `[n_images, n_outputs]` of images whose tiles of the first layer are given. NaN in
    /// place of an answer where a value on the way is no finite `f32`.
    pub(crate) fn answers(
        self,
        plans: &[LayerPlan],
        input: Buffer,
        ends: Option<Ends<'_>>,
        n_images: usize,
    ) -> Vec<f32> {
        let mut computed = vec![Computed::Map(input)];
        for (index, layer) in self.program.layers.iter().enumerate().skip(1) {
            let next = self.compute(index, plans, &computed, ends, n_images);
            computed.push(next);
            for &read in &layer.reads {
                if self.program.layers[read].last_reader == index {
                    let unneeded = std::mem::replace(&mut computed[read], Computed::Nothing);
                    if let Computed::Map(buffer) = unneeded {
                        self.buffers.give_back(buffer);
                    }
                }
            }
        }
        let logits = match computed.pop() {
            Some(Computed::Vector(logits)) => logits,
            _ => Vec::new(),
        };
        let of_images = logits.chunks_exact(self.program.n_outputs);
        let answers = of_images.flat_map(|logits| self.program.end.apply(logits));
        answers.map(|answer| answer as f32).collect()
    }

    fn compute(
        &self,
        index: usize,
        plans: &[LayerPlan],
        computed: &[Computed],
        ends: Option<Ends<'_>>,
        n_images: usize,
    ) -> Computed {
        let values = Values {
            layers: &self.program.layers,
            plans,
            computed,
            ends,
        };
        match &self.program.layers[index].work {
            Work::Map(layer) => Computed::Map(self.compute_map(layer, &plans[index], values)),
            Work::Vector(layer) => Computed::Vector(layer.compute(self.kernels, values, n_images)),
        }
    }

    fn compute_map(&self, layer: &MapLayer, plan: &LayerPlan, values: Values<'_>) -> Buffer {
        let tile_len = layer.grid.tile_len();
        let n_slots = plan.n_slots();
        let mut out = self.buffers.take(n_slots * tile_len);
        let n_chunk = tiles_per_chunk(layer, n_slots);
        let run = LayerRun {
            kernels: self.kernels,
            buffers: self.buffers,
            layer,
            values,
        };
        let chunks = out.par_chunks_mut(n_chunk * tile_len).enumerate();
        chunks.for_each(|(index, out)| {
            let first = index * n_chunk;
            let end = first + out.len() / tile_len;
            let slots: Vec<Slot> = (first..end).map(|slot| plan.slot(slot)).collect();
            run.compute(&slots, out);
        });
        out
    }
}
