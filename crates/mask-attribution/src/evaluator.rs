use std::collections::{HashMap, HashSet};
use std::error::Error as StdError;
use std::ops::{ControlFlow, Range};

use pixel_region::{Rect, Region, Size};

use crate::error::Error;

/// Masks that are given to the model at once, unless set otherwise.
const BATCH: usize = 64;

/// A model of one image and one background: what it answers where a region of the image is shown, and the
/// background elsewhere.
///
/// Closures are models.
pub trait MaskedModel {
    /// One output for each region, in their order: a probability or a logit, but always the same.
    ///
    /// # Errors
    ///
    /// Whatever keeps the model from answering.
    fn outputs(&mut self, shown: &[Region]) -> Result<Vec<f64>, Box<dyn StdError + Send + Sync>>;
}

impl<F> MaskedModel for F
where
    F: FnMut(&[Region]) -> Result<Vec<f64>, Box<dyn StdError + Send + Sync>>,
{
    fn outputs(&mut self, shown: &[Region]) -> Result<Vec<f64>, Box<dyn StdError + Send + Sync>> {
        self(shown)
    }
}

/// How many masked images were evaluated so far; [`ControlFlow::Break`] ends the explanation.
type Observer<'a> = Box<dyn FnMut(usize) -> ControlFlow<()> + 'a>;

/// Asks a model about masks of one image, each distinct mask once.
///
/// Methods that explain the same image share one: the outputs for image and background, and whatever
/// else recurs, are evaluated only for the first of them.
pub struct Evaluator<'a> {
    model: &'a mut dyn MaskedModel,
    size: Size,
    batch_size: usize,
    observer: Observer<'a>,
    known: HashMap<Region, f64>,
}

impl<'a> Evaluator<'a> {
    /// Takes a model of an image of this size.
    ///
    /// # Errors
    ///
    /// [`Error::Empty`] if the image has no pixel.
    pub fn new(model: &'a mut dyn MaskedModel, size: Size) -> Result<Evaluator<'a>, Error> {
        let Size { rows, cols } = size;
        if rows == 0 || cols == 0 {
            return Err(Error::Empty { rows, cols });
        }
        Ok(Evaluator {
            model,
            size,
            batch_size: BATCH,
            observer: Box::new(|_| ControlFlow::Continue(())),
            known: HashMap::new(),
        })
    }

    /// With so many masks at once, at least one; 64 if not set. Explanations do not depend on it, unless
    /// the model's answers do.
    #[must_use]
    pub fn with_batch_size(self, batch_size: usize) -> Self {
        Evaluator {
            batch_size: batch_size.max(1),
            ..self
        }
    }

    /// With an observer, which is told after each batch how many masked images were evaluated, and ends
    /// the explanation with [`ControlFlow::Break`].
    #[must_use]
    pub fn with_observer(self, observer: impl FnMut(usize) -> ControlFlow<()> + 'a) -> Self {
        Evaluator {
            observer: Box::new(observer),
            ..self
        }
    }

    /// Rows and columns of the image.
    #[must_use]
    pub fn size(&self) -> Size {
        self.size
    }

    /// Distinct masked images that were evaluated.
    #[must_use]
    pub fn n_evaluations(&self) -> usize {
        self.known.len()
    }

    /// The output for each region, in their order.
    ///
    /// # Errors
    ///
    /// [`Error::Model`], [`Error::OutputCount`] and [`Error::Output`] by the model, [`Error::Cancelled`] by
    /// the observer. What was evaluated before is kept.
    pub fn outputs(&mut self, shown: &[Region]) -> Result<Vec<f64>, Error> {
        let mut seen = HashSet::new();
        let missing: Vec<Region> = shown
            .iter()
            .filter(|&region| !self.known.contains_key(region) && seen.insert(region))
            .cloned()
            .collect();
        for batch in missing.chunks(self.batch_size) {
            self.evaluate(batch)?;
        }
        Ok(shown.iter().map(|region| self.known[region]).collect())
    }

    /// The outputs for nothing of the image and for all of it.
    pub(crate) fn ends(&mut self) -> Result<(f64, f64), Error> {
        let nothing = Region::default();
        let everything = nothing.complement(self.size);
        let outputs = self.outputs(&[nothing, everything])?;
        Ok((outputs[0], outputs[1]))
    }

    fn evaluate(&mut self, batch: &[Region]) -> Result<(), Error> {
        let outputs = self.model.outputs(batch).map_err(Error::Model)?;
        if outputs.len() != batch.len() {
            return Err(Error::OutputCount {
                n_masks: batch.len(),
                n_outputs: outputs.len(),
            });
        }
        if let Some(&output) = outputs.iter().find(|output| !output.is_finite()) {
            return Err(Error::Output(output));
        }
        self.known.extend(batch.iter().cloned().zip(outputs));
        let n_evaluations = self.known.len();
        match (self.observer)(n_evaluations) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(Error::Cancelled { n_evaluations }),
        }
    }
}

/// A rectangle that does not wrap.
pub(crate) fn rect(rows: Range<usize>, cols: Range<usize>) -> Rect {
    Rect {
        row: rows.start,
        col: cols.start,
        n_rows: rows.len(),
        n_cols: cols.len(),
    }
}
