use std::collections::VecDeque;
use std::ops::ControlFlow;

use rayon::prelude::*;

use crate::buffer::Buffer;
use crate::engine::Engine;
use crate::error::{expect_finite, expect_length};
use crate::memory;
use crate::plan::{LayerPlan, Shown};
use crate::program::{Layer, Work};
use crate::tile::SIDE;
use crate::view::{Ends, Stored};
use crate::{Error, Region, Size};

/// A masked image: the region shows the image, the rest one of the backgrounds.
#[derive(Debug, Clone, Copy)]
pub struct Mask<'a> {
    /// Position of the background among those given.
    pub background: usize,
    /// Where the image shows.
    pub shown: &'a Region,
    /// Any number. Masks that follow each other with the same one are computed together: what looks
    /// the same to several of them is computed once. To be used for masks with common edges, such
    /// as unions of the same few rectangles. An answer's last bits depend on the group, and on
    /// nothing else beside the mask.
    pub group: usize,
}

impl<'a> Mask<'a> {
    fn shown(&self) -> Shown<'a> {
        Shown {
            region: self.shown,
            group: self.group,
        }
    }
}

/// Masked images computed together, unless a group is larger: enough to keep cores busy, few enough
/// for a sign of life several times a second.
const MOST_IMAGES: usize = 56;

/// One image over one or more backgrounds.
#[derive(Debug)]
pub struct MaskedImage<'a> {
    engine: &'a Engine,
    image: Stored,
    /// In tiles, as they were given.
    backgrounds: Vec<Buffer>,
    /// The activations of the backgrounds used last, the newest last.
    stored: VecDeque<(usize, Stored)>,
    most_stored: usize,
    /// Bytes left for the layers of a batch.
    batch_bytes: u64,
}

impl Engine {
    /// Prepares one image `[channels, rows, cols]` to be masked, over backgrounds of its shape.
    ///
    /// # Errors
    ///
    /// [`Error::Length`] if image or background have another number of values, and as [`Engine::forward`],
    /// but for [`Error::Overflow`].
    pub fn mask<'a>(
        &'a self,
        image: &[f32],
        backgrounds: &[&[f32]],
    ) -> Result<MaskedImage<'a>, Error> {
        MaskedImage::new(self, image, backgrounds)
    }

    /// The least [`Settings::memory_bytes`](crate::Settings) with which one image can be masked over a
    /// number of backgrounds.
    pub fn least_memory_bytes(&self, n_backgrounds: usize) -> u64 {
        memory::given(&self.program) * n_backgrounds as u64
            + 2 * memory::stored(&self.program)
            + memory::scratch(&self.program, self.n_threads())
            + self.program.dense_peak()
    }

    /// What masks ask for on average, as a share of the products that whole images take: which tiles
    /// are computed is known without computing them. Masks that reach over the image are cut.
    ///
    /// ```
    /// use masked_cnn::cnn_graph::{Conv, End, GraphBuilder, Op, Window};
    /// use masked_cnn::{Engine, Mask, Rect, Region, Settings, Size};
    ///
    /// // A 2 x 2 convolution: tiles of 4 x 4 positions see 5 x 5 pixels.
    /// let size = Size { rows: 17, cols: 17 };
    /// let mut graph = GraphBuilder::new(1, size)?;
    /// let window = Window::new([2, 2]);
    /// let conv = Conv { weight: vec![1.0; 4], bias: vec![0.0], window, group: 1 };
    /// let sums = graph.add("sums", Op::Conv(conv), &[graph.input()])?;
    /// let mean = graph.add("mean", Op::GlobalAveragePool, &[sums])?;
    /// let engine = Engine::new(&graph.finish(mean, End::Logits)?, &Settings::default())?;
    ///
    /// // One of the 16 tiles sees a pixel that is shown and others that are not.
    /// let pixel = Rect { row: 6, col: 6, n_rows: 1, n_cols: 1 };
    /// let shown = Region::union([pixel], size);
    /// assert_eq!(engine.share_of_work(&[Mask { background: 0, shown: &shown, group: 0 }]), 1.0 / 16.0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn share_of_work(&self, masks: &[Mask<'_>]) -> f64 {
        let shown: Vec<Shown<'_>> = masks.iter().map(Mask::shown).collect();
        let plans = self.threads.install(|| self.plans(&shown));
        let (mut whole, mut computed) = (0.0, 0.0);
        for (layer, plan) in self.program.layers.iter().zip(&plans) {
            let products = layer.products() as f64;
            whole += products * (plan.n_tiles().max(1) * masks.len()) as f64;
            computed += match layer.map() {
                Some(_) => products * plan.n_slots() as f64,
                None => products * masks.len() as f64,
            };
        }
        if whole > 0.0 { computed / whole } else { 1.0 }
    }

    /// Which tiles of every layer are computed for some masked images.
    fn plans(&self, shown: &[Shown<'_>]) -> Vec<LayerPlan> {
        let plan = |layer: &Layer| match &layer.work {
            Work::Vector(_) => LayerPlan::dense(0, shown.len()),
            Work::Map(map) => match &map.fields {
                Some(fields) => LayerPlan::masked(&map.grid, fields, shown),
                None => LayerPlan::dense(map.grid.n_tiles(), shown.len()),
            },
        };
        self.program.layers.par_iter().map(plan).collect()
    }
}

impl<'a> MaskedImage<'a> {
    fn new(engine: &'a Engine, image: &[f32], backgrounds: &[&[f32]]) -> Result<Self, Error> {
        let len = engine.program.image_len();
        expect_length("image", image.len(), len)?;
        expect_finite("image", image)?;
        for background in backgrounds {
            expect_length("background", background.len(), len)?;
            expect_finite("background", background)?;
        }
        let one = memory::stored(&engine.program);
        let one_dense = engine.program.dense_peak();
        // Image and one background stay stored; of what is left, half is for more backgrounds.
        let room = engine.room_beside(engine.least_memory_bytes(backgrounds.len()))?;
        let more = ((room / 2 / one.max(1)) as usize).min(backgrounds.len().saturating_sub(1));
        let batch_bytes = one_dense + room - more as u64 * one;
        let tiles = |values: &[f32]| engine.tiles_of(values);
        let backgrounds = backgrounds.iter().map(|values| tiles(values)).collect();
        let input = tiles(image);
        let image = engine.threads.install(|| engine.store(input));
        Ok(Self {
            engine,
            image,
            backgrounds,
            stored: VecDeque::new(),
            most_stored: 1 + more,
            batch_bytes,
        })
    }

    /// Rows and columns of the image.
    pub fn size(&self) -> Size {
        self.engine.size()
    }

    /// The answers `[masks.len(), n_outputs]`, row-major. As many groups are computed side by side
    /// as the memory allows; a single group that it does not allow is split, which may change the
    /// last bits of its answers.
    ///
    /// # Errors
    ///
    /// [`Error::Mask`] if a mask does not fit the image or its background does not exist,
    /// [`Error::Overflow`] if a value on the way to an answer left the range of `f32`.
    pub fn evaluate(&mut self, masks: &[Mask<'_>]) -> Result<Vec<f32>, Error> {
        self.evaluate_observed(masks, |_| ControlFlow::Continue(()))
    }

    /// As [`Self::evaluate`], and calls `observer` after every batch with its answers, those of the
    /// masks that follow the last batch's. [`ControlFlow::Break`] ends the evaluation.
    ///
    /// The observer runs on the thread that calls.
    ///
    /// # Errors
    ///
    /// Those of [`Self::evaluate`], and [`Error::Cancelled`].
    pub fn evaluate_observed(
        &mut self,
        masks: &[Mask<'_>],
        mut observer: impl FnMut(&[f32]) -> ControlFlow<()>,
    ) -> Result<Vec<f32>, Error> {
        for (index, mask) in masks.iter().enumerate() {
            if mask.background >= self.backgrounds.len() {
                return Err(Error::Mask {
                    index,
                    problem: format!(
                        "background {}, there are {}",
                        mask.background,
                        self.backgrounds.len()
                    ),
                });
            }
            if !mask.shown.fits(self.size()) {
                return Err(Error::Mask {
                    index,
                    problem: format!("reaches over the image's {:?}", self.size()),
                });
            }
        }
        let engine = self.engine;
        let mut answers = Vec::with_capacity(masks.len() * engine.n_outputs());
        let mut n_done = 0;
        for same in masks.chunk_by(|a, b| a.background == b.background) {
            let background = same[0].background;
            let stored = engine.threads.install(|| self.take_background(background));
            let shown: Vec<Shown<'_>> = same.iter().map(Mask::shown).collect();
            let mut left = shown.as_slice();
            while !left.is_empty() {
                let (computed, n_images) = engine.threads.install(|| {
                    let (plans, n_images) = self.plan(left);
                    (self.compute(&plans, &left[..n_images], &stored), n_images)
                });
                engine.expect_answers(&computed, n_done)?;
                n_done += n_images;
                left = &left[n_images..];
                if observer(&computed).is_break() {
                    return Err(Error::Cancelled);
                }
                answers.extend(computed);
            }
            self.stored.push_back((background, stored));
        }
        Ok(answers)
    }

    /// The activations of a background, out of the store or computed.
    fn take_background(&mut self, index: usize) -> Stored {
        if let Some(at) = self.stored.iter().position(|(known, _)| *known == index)
            && let Some((_, stored)) = self.stored.remove(at)
        {
            return stored;
        }
        while self.stored.len() >= self.most_stored {
            for buffer in self.stored.pop_front().into_iter().flat_map(|(_, s)| s) {
                self.engine.buffers().give_back(buffer);
            }
        }
        let given = &self.backgrounds[index];
        let mut input = self.engine.buffers().take(given.len());
        input.copy_from_slice(given);
        self.engine.store(input)
    }

    /// Plans for as many of the first masks as fit the memory: whole groups, part of one only where
    /// it alone does not fit.
    fn plan(&self, shown: &[Shown<'_>]) -> (Vec<LayerPlan>, usize) {
        let mut n_images = whole_groups(shown, MOST_IMAGES);
        loop {
            let plans = self.engine.plans(&shown[..n_images]);
            let peak = memory::peak_of(&self.engine.program, &plans, n_images);
            if n_images == 1 || peak <= self.batch_bytes {
                return (plans, n_images);
            }
            let fewer = whole_groups(shown, n_images / 2);
            n_images = if fewer < n_images {
                fewer
            } else {
                n_images / 2
            };
        }
    }

    fn compute(&self, plans: &[LayerPlan], shown: &[Shown<'_>], background: &Stored) -> Vec<f32> {
        let ends = Some(Ends {
            image: &self.image,
            background,
        });
        let input = self.compose(&plans[0], shown, &background[0]);
        self.engine
            .runner()
            .answers(plans, input, ends, shown.len())
    }

    /// The tiles of the input that show both the image and the background.
    fn compose(&self, plan: &LayerPlan, shown: &[Shown<'_>], background: &[f32]) -> Buffer {
        let grid = self.engine.program.image_grid();
        let len = grid.tile_len();
        let mut out = self.engine.buffers().take(plan.n_slots() * len);
        out.par_chunks_mut(len)
            .enumerate()
            .with_min_len(64)
            .for_each(|(index, out)| {
                let slot = plan.slot(index);
                let tile = slot.tile as usize;
                let image = &self.image[0][tile * len..][..len];
                out.copy_from_slice(&background[tile * len..][..len]);
                let (rows, cols) = grid.span_of(tile);
                for band in shown[slot.image as usize].region.bands_in(&rows) {
                    for row in band.rows.start.max(rows.start)..band.rows.end.min(rows.end) {
                        for part in &band.cols {
                            let start = part.start.max(cols.start);
                            let end = part.end.min(cols.end);
                            if start >= end {
                                continue;
                            }
                            let at = |col: usize| {
                                ((row - rows.start) * SIDE + col - cols.start) * grid.channel_stride
                            };
                            let span = at(start)..at(end);
                            out[span.clone()].copy_from_slice(&image[span]);
                        }
                    }
                }
            });
        out
    }
}

/// How many of the first masked images make up whole groups of at most `most` together; all of the
/// first group if it is larger.
fn whole_groups(shown: &[Shown<'_>], most: usize) -> usize {
    let mut n_images = 0;
    for group in shown.chunk_by(|a, b| a.group == b.group) {
        if n_images > 0 && n_images + group.len() > most {
            break;
        }
        n_images += group.len();
    }
    n_images
}
