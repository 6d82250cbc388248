use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;

use crate::masked_model::{Masked, MaskedModel, Outputs};
use crate::{Error, Progress, Settings};

/// Called after every batch.
pub(crate) type Observer<'a> = dyn FnMut(&Progress) -> ControlFlow<()> + 'a;

/// What masked versions of one image are worth. Each distinct one is evaluated once.
pub(crate) struct Evaluator<'a> {
    model: Box<dyn MaskedModel + 'a>,
    label: usize,
    softmax: bool,
    worth: HashMap<Masked, f64>,
    pending: Vec<Masked>,
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
            is_pending: HashSet::new(),
        }
    }

    /// Asks for a masked image, unless it is known or asked for already.
    pub(crate) fn request(&mut self, masked: &Masked) {
        if !self.worth.contains_key(masked) && self.is_pending.insert(masked.clone()) {
            self.pending.push(masked.clone());
        }
    }

    pub(crate) fn n_pending(&self) -> usize {
        self.pending.len()
    }

    pub(crate) fn n_evaluated(&self) -> usize {
        self.worth.len()
    }

    /// The worth of a masked image that was requested and evaluated.
    pub(crate) fn worth(&self, masked: &Masked) -> f64 {
        self.worth[masked]
    }

    /// Evaluates what was requested, batch by batch; `progress` is completed and handed on.
    pub(crate) fn evaluate_pending(
        &mut self,
        mut progress: Progress,
        observer: &mut Observer<'_>,
    ) -> Result<(), Error> {
        self.is_pending.clear();
        let mut pending = std::mem::take(&mut self.pending);
        pending.sort_by_key(|masked| masked.background);
        for same_background in pending.chunk_by(|a, b| a.background == b.background) {
            for batch in same_background.chunks(self.model.batch_size()) {
                let outputs = self.model.outputs(batch)?;
                let answers = self.answers(&outputs)?;
                self.worth.extend(batch.iter().cloned().zip(answers));
                progress.n_evaluated = self.worth.len();
                if observer(&progress).is_break() {
                    return Err(Error::Cancelled);
                }
            }
        }
        Ok(())
    }

    /// The output to explain, image by image.
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
        let images = outputs.values.chunks_exact(n_outputs);
        let answers: Vec<f64> = if self.softmax {
            images.map(|outputs| softmax(outputs, self.label)).collect()
        } else {
            images.map(|outputs| outputs[self.label]).collect()
        };
        match answers.iter().find(|answer| !answer.is_finite()) {
            None => Ok(answers),
            Some(&value) => Err(Error::OutputNotFinite { value }),
        }
    }
}

/// The softmax of one output among all.
fn softmax(outputs: &[f64], label: usize) -> f64 {
    let largest = outputs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let sum: f64 = outputs.iter().map(|output| (output - largest).exp()).sum();
    (outputs[label] - largest).exp() / sum
}
