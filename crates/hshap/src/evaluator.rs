use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;

use crate::masked_model::{Masked, MaskedModel, Outputs, Request};
use crate::{Error, Progress, Settings, Traffic};

/// Called after every batch.
pub(crate) type Observer<'a> = dyn FnMut(&Progress) -> ControlFlow<()> + 'a;

/// What masked versions of one image are worth. Each distinct one is evaluated once.
pub(crate) struct Evaluator<'a> {
    model: Box<dyn MaskedModel + 'a>,
    output: Output,
    worth: HashMap<Masked, f64>,
    pending: Vec<Request>,
    n_groups: usize,
    is_pending: HashSet<Masked>,
}

/// The output to explain.
#[derive(Clone, Copy)]
struct Output {
    label: usize,
    softmax: bool,
}

impl<'a> Evaluator<'a> {
    pub(crate) fn new(model: Box<dyn MaskedModel + 'a>, settings: &Settings) -> Self {
        Self {
            model,
            output: Output {
                label: settings.label,
                softmax: settings.softmax,
            },
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

    /// Evaluates what was requested for a level.
    pub(crate) fn evaluate_pending(
        &mut self,
        level: usize,
        n_levels: usize,
        observer: &mut Observer<'_>,
    ) -> Result<(), Error> {
        self.is_pending.clear();
        let mut pending = std::mem::take(&mut self.pending);
        pending.sort_by_key(|request| request.masked.background);
        let (output, n_before) = (self.output, self.worth.len());
        let mut answers = Vec::with_capacity(pending.len());
        self.model.evaluate(&pending, &mut |outputs| {
            answers.extend(output.answers(outputs)?);
            let progress = Progress {
                level,
                n_levels,
                n_level_evaluated: answers.len(),
                n_level: pending.len(),
                n_evaluated: n_before + answers.len(),
            };
            match observer(&progress) {
                ControlFlow::Continue(()) => Ok(()),
                ControlFlow::Break(()) => Err(Error::Cancelled),
            }
        })?;
        let masked = pending.into_iter().map(|request| request.masked);
        self.worth.extend(masked.zip(answers));
        Ok(())
    }
}

impl Output {
    /// The output to explain, image by image. A softmax hides that another output is minus infinity,
    /// so with it all have to be finite.
    fn answers(self, outputs: &Outputs) -> Result<Vec<f64>, Error> {
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
