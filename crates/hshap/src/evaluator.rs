use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;

use crate::masked_model::{Masked, MaskedModel, Outputs, Request};
use crate::{Error, Interrupt, Settings, Traffic};

/// How much of what is asked for at once is evaluated.
pub(crate) struct Batch {
    pub(crate) n_asked: usize,
    pub(crate) n_answered: usize,
    pub(crate) n_evaluated: usize,
}

/// Called after every batch.
pub(crate) type OnBatch<'a> = dyn FnMut(&Batch) -> ControlFlow<Interrupt> + 'a;

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
    is_probability: bool,
}

impl<'a> Evaluator<'a> {
    pub(crate) fn new(model: Box<dyn MaskedModel + 'a>, settings: &Settings) -> Self {
        Self {
            model,
            output: Output {
                label: settings.label,
                softmax: settings.softmax,
                is_probability: settings.outputs == crate::Outputs::Probabilities,
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

    /// How many of these masked images are neither known nor asked for.
    pub(crate) fn n_new(&self, group: &[Masked]) -> usize {
        let is_new = |m: &&Masked| !self.worth.contains_key(m) && !self.is_pending.contains(m);
        group.iter().filter(is_new).count()
    }

    /// Takes back all that was asked for since the last evaluation.
    pub(crate) fn forget_pending(&mut self) {
        self.pending.clear();
        self.is_pending.clear();
    }

    pub(crate) fn n_pending(&self) -> usize {
        self.pending.len()
    }

    /// Evaluates what was requested; breaks where the observer keeps what there was before.
    pub(crate) fn evaluate_pending(
        &mut self,
        on_batch: &mut OnBatch<'_>,
    ) -> Result<ControlFlow<()>, Error> {
        self.is_pending.clear();
        let mut pending = std::mem::take(&mut self.pending);
        pending.sort_by_key(|request| request.masked.background);
        let (output, n_before) = (self.output, self.worth.len());
        let mut answers = Vec::with_capacity(pending.len());
        let mut is_kept = false;
        let evaluated = self.model.evaluate(&pending, &mut |outputs| {
            answers.extend(output.answers(outputs)?);
            let batch = Batch {
                n_asked: pending.len(),
                n_answered: answers.len(),
                n_evaluated: n_before + answers.len(),
            };
            match on_batch(&batch) {
                ControlFlow::Continue(()) => Ok(()),
                ControlFlow::Break(interrupt) => {
                    is_kept = interrupt == Interrupt::Keep;
                    Err(Error::Cancelled)
                }
            }
        });
        let masked = pending.into_iter().map(|request| request.masked);
        self.worth.extend(masked.zip(answers));
        match evaluated {
            Ok(()) => Ok(ControlFlow::Continue(())),
            Err(Error::Cancelled) if is_kept => Ok(ControlFlow::Break(())),
            Err(error) => Err(error),
        }
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
        match answers.iter().find(|p| !(0.0..=1.0).contains(*p)) {
            Some(&value) if self.is_probability => Err(Error::OutputNotProbability { value }),
            _ => Ok(answers),
        }
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
