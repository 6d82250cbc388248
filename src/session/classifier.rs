use std::sync::{Mutex, PoisonError};

use cnn_graph::{End, Size};
use hshap::Explainer;

use burn::tensor::Tensor;

use super::compute::Compute;
use super::labels::{Labels, Output, Prediction};
use super::network::{Network, OpenNetwork};
use super::prepared::Prepared;
use crate::Error;
use crate::study::Slice;

/// A network on its engine, ready to answer.
pub struct Classifier {
    network: Network,
    labels: Labels,
    /// What makes probabilities of the logits.
    end: End,
    output: Output,
    compute: Compute,
    /// The network for slices of the last size: those of a study have one.
    last: Mutex<Option<(Size, Prepared)>>,
}

impl Classifier {
    /// A network that was read, on an engine.
    ///
    /// # Errors
    ///
    /// [`Error::Declaration`] where no label is chosen of several, and [`Error::NoLogits`].
    pub fn new(open: &OpenNetwork, output: Output, compute: &Compute) -> Result<Self, Error> {
        let outputs = &open.declaration().outputs;
        if output == Output::Logit && outputs.end == End::Logits {
            return Err(Error::NoLogits);
        }
        Ok(Self {
            network: open.network.clone(),
            labels: Labels::of(outputs)?,
            end: outputs.end,
            output,
            compute: compute.clone(),
            last: Mutex::new(None),
        })
    }

    /// The network's outputs, and which of them predictions are about.
    pub fn labels(&self) -> &Labels {
        &self.labels
    }

    /// What of the label is explained.
    pub fn output(&self) -> Output {
        self.output
    }

    /// How many slices of this size are worth predicting at once: more than one only where a GPU
    /// computes and has room for them.
    pub fn n_at_once(&self, slice: &Slice) -> usize {
        match self.compute.open.is_cpu() {
            true => 1,
            // One that is too large for the device will say so itself.
            false => self.batch_size(slice).map_or(1, |n| n.max(1)),
        }
    }

    /// What the network says of each slice. Slices of one size that follow each other are given to
    /// a GPU at once.
    ///
    /// # Errors
    ///
    /// Of each slice those of [`Classifier::predict_one`].
    pub fn predict(&self, slices: &[&Slice]) -> Vec<Result<Prediction, Error>> {
        let mut answers = Vec::with_capacity(slices.len());
        for alike in slices.chunk_by(|a, b| size(a) == size(b)) {
            for batch in alike.chunks(self.n_at_once(alike[0])) {
                match self.together(batch) {
                    Some(predictions) => answers.extend(predictions.into_iter().map(Ok)),
                    None => answers.extend(batch.iter().map(|slice| self.predict_one(slice))),
                }
            }
        }
        answers
    }

    /// What the network says of a slice.
    ///
    /// # Errors
    ///
    /// Each names the slice: a size that the network does not take, an overflow in the network, an
    /// answer that is no finite number, too little memory, and a device that was lost.
    pub fn predict_one(&self, slice: &Slice) -> Result<Prediction, Error> {
        let about = |error| Error::about(&slice.source, error);
        let probabilities = self.probabilities(&[slice]).map_err(about)?;
        match is_whole(&probabilities, self.labels.names().len()) {
            true => Ok(self.labels.prediction(probabilities)),
            false => Err(about(Error::NotFinite)),
        }
    }

    /// Predictions of several slices of one size; none where one of them is at fault, which each
    /// alone will say.
    fn together(&self, slices: &[&Slice]) -> Option<Vec<Prediction>> {
        if slices.len() < 2 {
            return None;
        }
        let n_labels = self.labels.names().len();
        let found = self.probabilities(slices).ok()?;
        is_whole(&found, slices.len() * n_labels).then(|| {
            let of_slices = found.chunks_exact(n_labels);
            of_slices
                .map(|found| self.labels.prediction(found.to_vec()))
                .collect()
        })
    }

    /// Of slices of one size, each with all labels.
    fn probabilities(&self, slices: &[&Slice]) -> Result<Vec<f32>, Error> {
        let prepared = self.prepared(size(slices[0]))?;
        let outputs = prepared.outputs(slices, &self.compute)?;
        if self.output == Output::Probability {
            return Ok(outputs);
        }
        let of_slices = outputs.chunks_exact(self.labels.names().len());
        let probabilities = of_slices.flat_map(|logits| {
            let logits: Vec<f64> = logits.iter().copied().map(f64::from).collect();
            self.end.apply(&logits)
        });
        Ok(probabilities
            .map(|probability| probability as f32)
            .collect())
    }

    /// The network for slices of a size.
    fn prepared(&self, size: Size) -> Result<Prepared, Error> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        match &*last {
            Some((of, prepared)) if *of == size => Ok(prepared.clone()),
            _ => {
                // Not two networks at once.
                *last = None;
                let end = match self.output {
                    Output::Probability => self.end,
                    Output::Logit => End::Logits,
                };
                let prepared = Prepared::new(&self.network, size, end, &self.compute)?;
                Ok(last.insert((size, prepared)).1.clone())
            }
        }
    }

    /// How many images a dense network gets at once.
    pub(crate) fn batch_size(&self, slice: &Slice) -> Result<usize, Error> {
        let size = size(slice);
        Ok(match self.prepared(size)?.image_bytes(size) {
            Some(bytes) => self.compute.open.batch_size(bytes)?,
            // It chooses its own.
            None => hshap::Settings::default().batch_size,
        })
    }

    /// An explainer of this classifier, for slices like this one.
    pub(crate) fn explainer(
        &self,
        slice: &Slice,
        background: Tensor<3>,
    ) -> Result<Explainer, Error> {
        Ok(self.prepared(size(slice))?.explainer(background))
    }
}

/// Whether there are as many numbers as there should be, and all are finite.
fn is_whole(numbers: &[f32], n: usize) -> bool {
    numbers.len() == n && numbers.iter().all(|number| number.is_finite())
}

fn size(slice: &Slice) -> Size {
    Size {
        rows: slice.stack.grey().rows(),
        cols: slice.stack.grey().cols(),
    }
}
