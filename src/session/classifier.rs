use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use burn::tensor::Tensor;
use hshap::Explainer;
use ich_model::{Prediction, RsnaHemorrhageNet, Selection, WeightsFile};
use masked_cnn::{Engine, Settings, Size};

use super::compute::Compute;
use super::options::EngineKind;
use super::origin::{Content, Origin};
use crate::Error;
use crate::network::default_weights;
use crate::study::Slice;

/// The network on its engine, ready to answer.
pub struct Classifier {
    network: Network,
    compute: Compute,
}

enum Network {
    Dense(Arc<RsnaHemorrhageNet>),
    Masked(Box<Engines>),
}

/// The size of most slices, and of the images that the network was trained with.
const USUAL_SIZE: Size = Size {
    rows: 512,
    cols: 512,
};

/// Makes an engine for images of a size, and keeps the last one: the slices of a study have one.
struct Engines {
    net: RsnaHemorrhageNet,
    settings: Settings,
    last: Mutex<Arc<Engine>>,
}

impl Engines {
    fn new(net: RsnaHemorrhageNet, settings: Settings) -> Result<Self, Error> {
        let last = Mutex::new(Arc::new(net.to_masked(USUAL_SIZE, &settings)?));
        Ok(Self {
            net,
            settings,
            last,
        })
    }

    fn of_size(&self, size: Size) -> Result<Arc<Engine>, Error> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if last.size() != size {
            *last = Arc::new(self.net.to_masked(size, &self.settings)?);
        }
        Ok(Arc::clone(&last))
    }
}

impl Classifier {
    /// The network that is selected in a file, or the embedded one, and where it comes from.
    ///
    /// # Errors
    ///
    /// A file that holds no such network, and too little memory for the engine.
    pub fn load(
        weights: Option<&Path>,
        selection: &Selection,
        compute: &Compute,
    ) -> Result<(Self, Origin), Error> {
        let (file, source) = match weights {
            Some(path) => (WeightsFile::open(path)?, path.display().to_string()),
            None => (
                WeightsFile::from_safetensors(default_weights()?.to_vec())?,
                "embedded ich-demo".to_owned(),
            ),
        };
        let net = file.network(selection, compute.device())?;
        let content = Content::of_weights(&file, selection)?;
        // The network has its own copy of the values.
        drop(file);
        let origin = Origin { source, content };
        Ok((Self::new(net, compute)?, origin))
    }

    /// A network that was loaded already.
    ///
    /// # Errors
    ///
    /// Too little memory for the engine, and a device that was lost.
    pub fn new(net: RsnaHemorrhageNet, compute: &Compute) -> Result<Self, Error> {
        let network = match compute.engine {
            EngineKind::Dense => Network::Dense(Arc::new(net)),
            EngineKind::Masked => {
                let settings = Settings::default()
                    .with_n_threads(compute.threads)
                    .with_memory_bytes(compute.memory_bytes);
                Network::Masked(Box::new(Engines::new(net, settings)?))
            }
        };
        Ok(Self {
            network,
            compute: compute.clone(),
        })
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
    /// Each names the slice: an overflow in the network, an answer that is no finite number, too
    /// little memory, and a device that was lost.
    pub fn predict_one(&self, slice: &Slice) -> Result<Prediction, Error> {
        let about = |error| Error::about(&slice.source, error);
        match self.probabilities(&[slice]).map_err(about)?[..] {
            [probability] if probability.is_finite() => Ok(Prediction { probability }),
            _ => Err(about(Error::NotFinite)),
        }
    }

    /// Predictions of several slices of one size; none where one of them is at fault, which each
    /// alone will say.
    fn together(&self, slices: &[&Slice]) -> Option<Vec<Prediction>> {
        if slices.len() < 2 {
            return None;
        }
        let found = self.probabilities(slices).ok()?;
        let is_whole = found.len() == slices.len() && found.iter().all(|p| p.is_finite());
        let prediction = |probability| Prediction { probability };
        is_whole.then(|| found.into_iter().map(prediction).collect())
    }

    /// Of slices of one size.
    fn probabilities(&self, slices: &[&Slice]) -> Result<Vec<f32>, Error> {
        match &self.network {
            Network::Dense(net) => {
                let device = self.compute.device();
                let images = slices.iter().map(|slice| slice.stack.to_tensor(device));
                let images: Vec<Tensor<3>> = images.collect();
                let predictions = net.predict(Tensor::stack(images, 0))?;
                Ok(predictions.iter().map(|p| p.probability).collect())
            }
            Network::Masked(engines) => {
                let mut found = Vec::new();
                for slice in slices {
                    let engine = engines.of_size(size(slice))?;
                    found.extend(engine.forward(slice.stack.normalised())?);
                }
                Ok(found)
            }
        }
    }

    /// How many images a dense network gets at once.
    pub(crate) fn batch_size(&self, slice: &Slice) -> Result<usize, Error> {
        Ok(match &self.network {
            Network::Dense(net) => {
                let Size { rows, cols } = size(slice);
                let bytes = net.largest_tensor_bytes(rows, cols);
                self.compute.open.batch_size(bytes)?
            }
            // It chooses its own.
            Network::Masked(_) => hshap::Settings::default().batch_size,
        })
    }

    /// An explainer of this classifier, for slices of the background's size.
    pub(crate) fn explainer(&self, background: Tensor<3>) -> Result<Explainer, Error> {
        Ok(match &self.network {
            Network::Dense(net) => {
                let net = Arc::clone(net);
                Explainer::new(move |images| net.forward(images), background)
            }
            Network::Masked(engines) => {
                let [_, rows, cols] = background.dims();
                Explainer::masked(engines.of_size(Size { rows, cols })?, background)
            }
        })
    }
}

fn size(slice: &Slice) -> Size {
    Size {
        rows: slice.stack.grey().rows(),
        cols: slice.stack.grey().cols(),
    }
}
