use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;

use crate::masked_model::{Masked, MaskedModel, Outputs, Request};
use crate::{Error, Progress, Settings, Traffic};

/// Called after every batch.
pub(crate) type Observer<'a> = dyn FnMut(&Progress) -> ControlFlow<()> + 'a;

/// What masked versions of one image are worth. Each distinct one is evaluated once.
pub(crate) struct Evaluator<'a> {
    model: Box<dyn MaskedModel + 'a>,
    label: usize,
    softmax: bool,
    worth: HashMap<Masked, f64>,
    pending: Vec<Request>,
    n_groups: usize,
    is_pending: HashSet<Masked>,
}

impl<'a> Evaluator<'a> {
    pub(crate) fn new(model: Box<dyn MaskedModel + 'a>, settings: &Settings) -> Self {
        Self {
            model,
            label: settings.label,
            softmax: settings.softmax,
            worth: HashMap::new(),
            pending: Vec::new(),
            n_groups: 0,
            is_pending: HashSet::new(),
        }
    }

    /// Asks for masked images with common edges, those that are not known or asked for already.
    pub(crate) fn request(&mut self, group: &[Masked]) {
        for masked in group {
            if !self.worth.contains_key(masked) && self.is_pending.insert(masked.clone()) {
                self.pending.push(Request {
                    masked: masked.clone(),
                    group: self.n_groups,
                });
            }
        }
        self.n_groups += 1;
    }

    pub(crate) fn n_evaluated(&self) -> usize {
        self.worth.len()
    }

    pub(crate) fn traffic(&self) -> Option<Traffic> {
        self.model.traffic()
    }

    /// The worth of a masked image that was requested and evaluated.
    pub(crate) fn worth(&self, masked: &Masked) -> f64 {
        self.worth[masked]
    }

    /// Evaluates what was requested for a level, batch by batch.
    pub(crate) fn evaluate_pending(
        &mut self,
        level: usize,
        n_levels: usize,
        observer: &mut Observer<'_>,
    ) -> Result<(), Error> {
        let n_before = self.worth.len();
        let n_level = self.pending.len();
        self.is_pending.clear();
        let mut pending = std::mem::take(&mut self.pending);
        pending.sort_by_key(|request| request.masked.background);
        for same in pending.chunk_by(|a, b| a.masked.background == b.masked.background) {
            let mut left = same;
            while !left.is_empty() {
                let (batch, rest) = left.split_at(self.model.batch(left));
                left = rest;
                let outputs = self.model.outputs(batch)?;
                let answers = self.answers(&outputs)?;
                let masked = batch.iter().map(|request| request.masked.clone());
                self.worth.extend(masked.zip(answers));
                let progress = Progress {
                    level,
                    n_levels,
                    n_level_evaluated: self.worth.len() - n_before,
                    n_level,
                    n_evaluated: self.worth.len(),
                };
                if observer(&progress).is_break() {
                    return Err(Error::Cancelled);
                }
            }
        }
        Ok(())
    }

    /// The output to explain, image by image. A softmax hides that another output is minus infinity,
    /// so with it all have to be finite.
    fn answers(&self, outputs: &Outputs) -> Result<Vec<f64>, Error> {
        let n_outputs = outputs.n_outputs;
        if self.label >= n_outputs {
            return Err(Error::LabelOutOfRange {
                label: self.label,
                n_outputs,
            });
        }
        if self.softmax && n_outputs == 1 {
            return Err(Error::SoftmaxOverOneOutput);
        }
        if self.softmax {
            expect_finite(&outputs.values)?;
        }
        let images = outputs.values.chunks_exact(n_outputs);
        let answers: Vec<f64> = if self.softmax {
            images.map(|outputs| softmax(outputs, self.label)).collect()
        } else {
            images.map(|outputs| outputs[self.label]).collect()
        };
        expect_finite(&answers)?;
        Ok(answers)
    }
}

fn expect_finite(outputs: &[f64]) -> Result<(), Error> {
    match outputs.iter().find(|output| !output.is_finite()) {
        None => Ok(()),
        Some(&value) => Err(Error::OutputNotFinite { value }),
    }
}

/// The softmax of one output among all.
fn softmax(outputs: &[f64], label: usize) -> f64 {
    let largest = outputs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let sum: f64 = outputs.iter().map(|output| (output - largest).exp()).sum();
    (outputs[label] - largest).exp() / sum
}
