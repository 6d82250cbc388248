use std::ops::ControlFlow;
use std::time::Instant;

use ct_preprocess::{Channel, Window};
use hshap::{Explainer, Progress};
use ich_model::{Prediction, sha256};

use super::classifier::Classifier;
use super::compute::Compute;
use super::method::{Explained, Method};
use super::options::Options;
use super::origin::Origin;
use crate::Error;
use crate::network::{DEFAULT_BACKGROUND, default_background_of, read_background};
use crate::study::{Reader, Reading, Slice};

/// A network that is open on a device, and its background.
pub struct Session {
    reading: Reading,
    compute: Compute,
    classifier: Classifier,
    weights: Origin,
    explainer: Explainer,
    background_origin: Origin,
    background_is_grey: bool,
}

impl Session {
    /// Opens the device, and loads the network and the background.
    ///
    /// # Errors
    ///
    /// A device, a file of weights or a background that cannot be used; the file is named.
    pub fn open(options: &Options) -> Result<Self, Error> {
        let start = Instant::now();
        let compute = Compute::open(&options.compute)?;
        let (classifier, weights) =
            Classifier::load(options.weights.as_deref(), &options.selection, &compute)?;
        tracing::debug!("weights: {weights}");
        let (background, background_origin) = match &options.background {
            Some(path) => {
                let background = read_background(path, &options.reading.input, compute.device())?;
                let source = path.display().to_string();
                (
                    background.image,
                    Origin::of_bytes(source, background.sha256),
                )
            }
            None => (
                options
                    .reading
                    .input
                    .of_grey(&default_background_of(options.reading.grid.side)?)
                    .to_tensor(compute.device()),
                Origin::of_bytes(
                    "embedded ich-demo-background".to_owned(),
                    sha256(DEFAULT_BACKGROUND),
                ),
            ),
        };
        tracing::debug!("background: {background_origin}");
        tracing::debug!("opened in {:.2} s", start.elapsed().as_secs_f64());
        Ok(Self {
            reading: options.reading.clone(),
            compute,
            explainer: classifier.explainer(background)?,
            classifier,
            weights,
            background_origin,
            background_is_grey: options.background.is_none(),
        })
    }

    /// A reader of slices for this network.
    pub fn reader(&self) -> Reader {
        Reader::new(self.reading.clone())
    }

    /// How slices are read.
    pub fn reading(&self) -> &Reading {
        &self.reading
    }

    /// What computes.
    pub fn compute(&self) -> &Compute {
        &self.compute
    }

    /// The network.
    pub fn classifier(&self) -> &Classifier {
        &self.classifier
    }

    /// Where the network comes from.
    pub fn weights(&self) -> &Origin {
        &self.weights
    }

    /// Where the background comes from.
    pub fn background(&self) -> &Origin {
        &self.background_origin
    }

    /// What the network says of each slice; see [`Classifier::predict`].
    ///
    /// # Errors
    ///
    /// Of each slice its own.
    pub fn predict(&self, slices: &[&Slice]) -> Vec<Result<Prediction, Error>> {
        self.classifier.predict(slices)
    }

    /// Whether this session can explain slices at all.
    ///
    /// # Errors
    ///
    /// [`Error::GreyBackground`] where the network's channels do not show the brain window and the
    /// background is the embedded one.
    pub fn check_background(&self) -> Result<(), Error> {
        match self.background_is_grey
            && self.reading.input.shown_by_all() != Some(Channel::window(Window::BRAIN))
        {
            true => Err(Error::GreyBackground),
            false => Ok(()),
        }
    }

    /// Predicts a slice and explains the prediction. `observer` is told after every batch, and may
    /// end the explanation.
    ///
    /// # Errors
    ///
    /// [`Error::GreyBackground`], those of [`Session::predict`] and those of an explanation, which
    /// name the slice: a background of another size, nothing that passes the threshold, too little
    /// memory, a device that was lost, and [`hshap::Error::Cancelled`].
    pub fn explain(
        &self,
        slice: &Slice,
        method: &Method,
        observer: impl FnMut(&Progress) -> ControlFlow<()>,
    ) -> Result<Explained, Error> {
        self.check_background()?;
        let image = slice.stack.to_tensor(self.compute.device());
        let prediction = self.classifier.predict_one(slice)?;
        let batch_size = self.classifier.batch_size(slice)?;
        let settings = method.settings.with_batch_size(batch_size);
        let start = Instant::now();
        let explanation = self
            .explainer
            .observed(observer)
            .cycle_explain(&image, &method.shifts, &settings)
            .map_err(|error| Error::about(&slice.source, error))?;
        let seconds = start.elapsed().as_secs_f64();
        tracing::debug!("{}: explained in {seconds:.2} s", slice.source);
        Ok(Explained {
            prediction,
            explanation,
            seconds,
        })
    }
}
