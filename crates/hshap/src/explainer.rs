use std::collections::HashSet;
use std::ops::ControlFlow;

use burn::tensor::{Device, Tensor};
use masked_cnn::{Engine, Size};

use crate::drawing::Drawing;
use crate::evaluator::{Evaluator, Observer};
use crate::explorer::Explorer;
use crate::masked_model::{Dense, MaskedModel, Partial};
use crate::pixels::{Pixels, wrap};
use crate::shift::Cycle;
use crate::{Convention, Error, Explanation, Progress, Settings, Shift, Shifts};

/// Explains one model against one background.
pub struct Explainer<'a> {
    model: Model<'a>,
    background: Tensor<3>,
    observer: Box<Observer<'a>>,
}

/// What is explained.
enum Model<'a> {
    Dense(Box<dyn Fn(Tensor<4>) -> Tensor<2> + 'a>),
    Masked(&'a Engine),
}

impl<'a> Explainer<'a> {
    /// An explainer of any model; where an image is masked it shows `background`,
    /// `[channels, rows, cols]`.
    ///
    /// The model maps images `[n, channels, rows, cols]` to outputs `[n, n_outputs]` and is called
    /// on the background's device. It must answer the same for the same image, whatever else is
    /// in the batch.
    pub fn new(model: impl Fn(Tensor<4>) -> Tensor<2> + 'a, background: Tensor<3>) -> Self {
        Self::of(Model::Dense(Box::new(model)), background)
    }

    /// An explainer of a convolutional network on the CPU, which computes only what differs
    /// between masked images: the same numbers up to rounding, many times faster.
    pub fn masked(engine: &'a Engine, background: Tensor<3>) -> Self {
        Self::of(Model::Masked(engine), background)
    }

    fn of(model: Model<'a>, background: Tensor<3>) -> Self {
        Self {
            model,
            background,
            observer: Box::new(|_| ControlFlow::Continue(())),
        }
    }

    /// Calls `observer` after every batch; [`ControlFlow::Break`] ends the explanation with
    /// [`Error::Cancelled`].
    pub fn with_observer(
        mut self,
        observer: impl FnMut(&Progress) -> ControlFlow<()> + 'a,
    ) -> Self {
        self.observer = Box::new(observer);
        self
    }

    /// Explains an image `[channels, rows, cols]` on the unshifted grid.
    ///
    /// # Errors
    ///
    /// A mismatch of shapes, a pixel that is no finite number, a setting out of range, an output that
    /// does not fit the settings or is not finite, [`Error::NothingImportant`] and
    /// [`Error::Cancelled`].
    pub fn explain(
        &mut self,
        image: &Tensor<3>,
        settings: &Settings,
    ) -> Result<Explanation, Error> {
        self.cycle_explain(image, &Shifts::List(vec![Shift::default()]), settings)
    }

    /// Explains an image `[channels, rows, cols]` under several shifts of the grid and averages the
    /// maps. A shift under which nothing passes the threshold counts as a map of zeros.
    ///
    /// # Errors
    ///
    /// As [`Explainer::explain`]; [`Error::NothingImportant`] if nothing passes under any shift.
    pub fn cycle_explain(
        &mut self,
        image: &Tensor<3>,
        shifts: &Shifts,
        settings: &Settings,
    ) -> Result<Explanation, Error> {
        settings.validate()?;
        let shape = image.dims();
        if shape != self.background.dims() {
            return Err(Error::ShapeMismatch {
                image: shape,
                background: self.background.dims(),
            });
        }
        let [_, rows, cols] = shape;
        if shape.contains(&0) {
            return Err(Error::EmptyImage { image: shape });
        }
        let n_levels = settings.depth.levels(rows, cols)?;
        let Cycle {
            shifts,
            upstream_divisor,
        } = shifts.cycle()?;

        let image = Pixels::of("image", image.clone())?;
        let background = Pixels::of("background", self.background.clone())?;
        let size = image.size;
        let (shifts, backgrounds, divisor) = match settings.convention {
            Convention::Aligned => {
                let shifts = distinct(shifts, size);
                let divisor = shifts.len();
                let shifts = shifts.into_iter().map(|shift| (shift, 0)).collect();
                (shifts, vec![background], divisor)
            }
            Convention::Upstream => {
                let (shifts, backgrounds) = with_shifted_backgrounds(shifts, &background);
                (shifts, backgrounds, upstream_divisor)
            }
        };
        let explorer = Explorer {
            evaluator: Evaluator::new(
                self.model.mask(
                    &image,
                    &backgrounds,
                    settings.batch_size,
                    &self.background.device(),
                )?,
                settings,
            ),
            differing: backgrounds.iter().map(|b| image.differing(b)).collect(),
            size,
            n_levels,
            threshold: settings.threshold,
        };
        let exploration = explorer.explore(&shifts, &mut *self.observer)?;
        let drawing = Drawing {
            runs: &exploration.runs,
            n_levels,
            size,
            divisor,
            is_binary: settings.binary_map,
        };
        Ok(Explanation {
            map: drawing.map()?,
            evidence: drawing.evidence()?,
            counter_evidence: drawing.counter_evidence()?,
            output: exploration.output,
            leaf_px: (leaf(rows, n_levels), leaf(cols, n_levels)),
            n_evaluations: exploration.n_evaluations,
            traffic: exploration.traffic,
            runs: exploration.runs,
        })
    }
}

impl Model<'_> {
    /// The model, ready for masks of an image.
    fn mask<'m>(
        &'m self,
        image: &Pixels,
        backgrounds: &[Pixels],
        batch_size: usize,
        device: &Device,
    ) -> Result<Box<dyn MaskedModel + 'm>, Error> {
        match self {
            Model::Dense(forward) => {
                let dense = Dense::new(forward, image, backgrounds, device, batch_size);
                Ok(Box::new(dense))
            }
            Model::Masked(engine) => {
                let backgrounds: Vec<&[f32]> =
                    backgrounds.iter().map(|b| b.values.as_slice()).collect();
                let image = engine
                    .mask(&image.values, &backgrounds, image.size)
                    .map_err(Error::Network)?;
                let n_outputs = engine.n_outputs();
                Ok(Box::new(Partial { image, n_outputs }))
            }
        }
    }
}

/// The shifts that differ as displacements of a cyclic grid, in order.
fn distinct(shifts: Vec<Shift>, size: Size) -> Vec<Shift> {
    let mut seen = HashSet::new();
    shifts
        .into_iter()
        .filter(|shift| seen.insert((wrap(shift.rows, size.rows), wrap(shift.cols, size.cols))))
        .collect()
}

/// Every shift with its own background, rolled along; equal shifts share one.
fn with_shifted_backgrounds(
    shifts: Vec<Shift>,
    background: &Pixels,
) -> (Vec<(Shift, usize)>, Vec<Pixels>) {
    let different = distinct(shifts.clone(), background.size);
    let Size { rows, cols } = background.size;
    let same = |a: Shift, b: Shift| {
        wrap(a.rows, rows) == wrap(b.rows, rows) && wrap(a.cols, cols) == wrap(b.cols, cols)
    };
    let backgrounds = different.iter().map(|&s| background.rolled(s)).collect();
    let shifts = shifts
        .into_iter()
        .filter_map(|shift| {
            let index = different.iter().position(|&other| same(shift, other))?;
            Some((shift, index))
        })
        .collect();
    (shifts, backgrounds)
}

/// Side of the largest cell after `n_levels` cuts.
fn leaf(side: usize, n_levels: usize) -> usize {
    (0..n_levels).fold(side, |side, _| side.div_ceil(2))
}
