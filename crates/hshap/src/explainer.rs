use std::collections::HashSet;
use std::ops::ControlFlow;
use std::sync::Arc;

use burn::tensor::Tensor;
use masked_cnn::{Engine, Size};

use crate::evaluator::Evaluator;
use crate::explorer::{Explorer, Grid, Observer};
use crate::model::{Model, ModelAnswer};
use crate::pixels::{Pixels, wrap};
use crate::shift::Cycle;
use crate::{Convention, Error, Explanation, Interrupt, Progress, Run, Settings, Shift, Shifts};

/// Explains one model against one background or several.
///
/// It owns its model, explains any number of images, and threads may share it; a clone shares the
/// model too.
///
/// ```
/// use std::ops::ControlFlow;
/// use std::sync::atomic::{AtomicBool, Ordering};
///
/// use burn::tensor::{Device, Tensor};
/// use hshap::{Depth, Error, Explainer, Interrupt, Settings};
///
/// let device = Device::flex();
/// let model = |images: Tensor<4>| images.mean_dims(&[2, 3]).flatten(1, 3);
/// let explainer = Explainer::new(model, Tensor::zeros([1, 8, 8], &device));
/// let settings = Settings::default().with_depth(Depth::Levels(2));
///
/// // Another thread may set it.
/// let is_unwanted = AtomicBool::new(false);
/// for brightness in [1.0, 2.0] {
///     let image = Tensor::ones([1, 8, 8], &device) * brightness;
///     let explanation = explainer
///         .observed(|progress| {
///             println!("level {} of {}", progress.level, progress.n_levels);
///             match is_unwanted.load(Ordering::Relaxed) {
///                 true => ControlFlow::Break(Interrupt::Discard),
///                 false => ControlFlow::Continue(()),
///             }
///         })
///         .explain(&image, &settings)?;
///     assert_eq!(explanation.output, brightness);
/// }
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone)]
pub struct Explainer {
    model: Model,
    backgrounds: Vec<Tensor<3>>,
}

/// An explainer, and what is called while it works: [`Explainer::observed`].
pub struct Observed<'e, F> {
    explainer: &'e Explainer,
    observer: F,
}

impl Explainer {
    /// An explainer of any model; where an image is masked it shows `background`,
    /// `[channels, rows, cols]`.
    ///
    /// The model maps images `[n, channels, rows, cols]` to outputs `[n, n_outputs]`, or to a result
    /// of them, whose error ends the explanation with [`Error::Model`]. It is called on the
    /// background's device and must answer the same for the same image, whatever else is in the
    /// batch.
    pub fn new<A: ModelAnswer>(
        model: impl Fn(Tensor<4>) -> A + Send + Sync + 'static,
        background: Tensor<3>,
    ) -> Self {
        Self {
            model: Model::Dense(Arc::new(move |images| model(images).into_outputs())),
            backgrounds: vec![background],
        }
    }

    /// An explainer of a convolutional network on the CPU, which computes only what differs
    /// between masked images: the same numbers up to rounding, many times faster. Images have the
    /// engine's size.
    pub fn masked(engine: impl Into<Arc<Engine>>, background: Tensor<3>) -> Self {
        Self {
            model: Model::Masked(engine.into()),
            backgrounds: vec![background],
        }
    }

    /// This explainer with another background beside those it has, of the same shape and device. The
    /// map is then the mean over the backgrounds too, each under every shift.
    #[must_use]
    pub fn and_background(mut self, background: Tensor<3>) -> Self {
        self.backgrounds.push(background);
        self
    }

    /// Calls `observer` after every batch of one explanation and at its end, on the thread that
    /// explains. [`ControlFlow::Break`] ends the explanation: with [`Error::Cancelled`], or with what
    /// was found so far.
    pub fn observed<F>(&self, observer: F) -> Observed<'_, F>
    where
        F: FnMut(&Progress<'_>) -> ControlFlow<Interrupt>,
    {
        Observed {
            explainer: self,
            observer,
        }
    }

    /// Explains an image `[channels, rows, cols]` on the unshifted grid.
    ///
    /// # Errors
    ///
    /// A mismatch of shapes, a pixel that is no finite number, a setting out of range, a model that
    /// fails, an output that does not fit the settings or is not finite, and
    /// [`Error::NothingImportant`].
    pub fn explain(&self, image: &Tensor<3>, settings: &Settings) -> Result<Explanation, Error> {
        self.observed(|_| ControlFlow::Continue(()))
            .explain(image, settings)
    }

    /// Explains an image `[channels, rows, cols]` under several shifts of the grid and averages the
    /// maps. A shift under which nothing passes the threshold counts as a map of zeros.
    ///
    /// # Errors
    ///
    /// As [`Explainer::explain`]; [`Error::NothingImportant`] if nothing passes under any shift.
    pub fn cycle_explain(
        &self,
        image: &Tensor<3>,
        shifts: &Shifts,
        settings: &Settings,
    ) -> Result<Explanation, Error> {
        self.observed(|_| ControlFlow::Continue(()))
            .cycle_explain(image, shifts, settings)
    }

    fn run(
        &self,
        image: &Tensor<3>,
        (shifts, settings): (&Shifts, &Settings),
        earlier: Option<&[Run]>,
        observer: &mut Observer<'_>,
    ) -> Result<Explanation, Error> {
        settings.validate()?;
        let shape = image.dims();
        if let Some(other) = self.backgrounds.iter().find(|b| b.dims() != shape) {
            return Err(Error::ShapeMismatch {
                image: shape,
                background: other.dims(),
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
        let given: Vec<Pixels> = self
            .backgrounds
            .iter()
            .map(|background| Pixels::of("background", background.clone()))
            .collect::<Result<_, _>>()?;
        let size = image.size;
        let (grids, backgrounds, n_shifts) = match settings.convention {
            Convention::Aligned => {
                let shifts = distinct(shifts, size);
                (aligned(&shifts, given.len()), given, shifts.len())
            }
            Convention::Upstream => {
                let (grids, backgrounds) = with_shifted_backgrounds(&shifts, &given);
                (grids, backgrounds, upstream_divisor)
            }
        };
        let divisor = n_shifts * self.backgrounds.len();
        let differing: Vec<_> = backgrounds.iter().map(|b| image.differing(b)).collect();
        let device = self.backgrounds[0].device();
        let model = self
            .model
            .mask(&image, &backgrounds, settings.batch_size, &device)?;
        Explorer {
            settings,
            evaluator: Evaluator::new(model, settings),
            differing: &differing,
            size,
            n_levels,
            divisor,
            earlier,
        }
        .explore(&grids, observer)
    }
}

impl<F> Observed<'_, F>
where
    F: FnMut(&Progress<'_>) -> ControlFlow<Interrupt>,
{
    /// As [`Explainer::explain`].
    ///
    /// # Errors
    ///
    /// Those of [`Explainer::explain`], and [`Error::Cancelled`].
    pub fn explain(self, image: &Tensor<3>, settings: &Settings) -> Result<Explanation, Error> {
        self.cycle_explain(image, &Shifts::List(vec![Shift::default()]), settings)
    }

    /// As [`Explainer::cycle_explain`].
    ///
    /// # Errors
    ///
    /// Those of [`Explainer::cycle_explain`], and [`Error::Cancelled`].
    pub fn cycle_explain(
        mut self,
        image: &Tensor<3>,
        shifts: &Shifts,
        settings: &Settings,
    ) -> Result<Explanation, Error> {
        self.explainer
            .run(image, (shifts, settings), None, &mut self.observer)
    }

    /// As [`Explainer::cycle_explain`], but goes on from the runs of an earlier explanation of the same
    /// image, background, model and settings that ended early or was less deep. Only what it leaves open
    /// is evaluated, and counted.
    ///
    /// # Errors
    ///
    /// Those of [`Observed::cycle_explain`], and [`Error::OtherRun`] for runs of something else, as far as
    /// their cells and the outputs of image and backgrounds show it.
    pub fn refine(
        mut self,
        image: &Tensor<3>,
        shifts: &Shifts,
        settings: &Settings,
        runs: &[Run],
    ) -> Result<Explanation, Error> {
        self.explainer
            .run(image, (shifts, settings), Some(runs), &mut self.observer)
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

/// Every shift over every background.
fn aligned(shifts: &[Shift], n_backgrounds: usize) -> Vec<Grid> {
    let over = |background| {
        shifts.iter().map(move |&shift| Grid {
            shift,
            given: background,
            background,
        })
    };
    (0..n_backgrounds).flat_map(over).collect()
}

/// Every shift over every background, rolled along; equal shifts share the rolled one.
fn with_shifted_backgrounds(shifts: &[Shift], given: &[Pixels]) -> (Vec<Grid>, Vec<Pixels>) {
    let size = given[0].size;
    let different = distinct(shifts.to_vec(), size);
    let Size { rows, cols } = size;
    let same = |a: Shift, b: Shift| {
        wrap(a.rows, rows) == wrap(b.rows, rows) && wrap(a.cols, cols) == wrap(b.cols, cols)
    };
    let rolled = given
        .iter()
        .flat_map(|background| different.iter().map(|&shift| background.rolled(shift)));
    let over = |place: usize| {
        let different = &different;
        shifts.iter().filter_map(move |&shift| {
            let index = different.iter().position(|&other| same(shift, other))?;
            Some(Grid {
                shift,
                given: place,
                background: place * different.len() + index,
            })
        })
    };
    let grids = (0..given.len()).flat_map(over).collect();
    (grids, rolled.collect())
}
