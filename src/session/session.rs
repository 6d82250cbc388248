use std::ops::ControlFlow;
use std::time::Instant;

use ct_preprocess::{Channel, Window};
use hshap::{Interrupt, Outputs, Progress};
use ich_model::sha256;

use super::classifier::Classifier;
use super::compute::Compute;
use super::labels::{Labels, Output, Prediction};
use super::method::{EarlierRuns, Explained, Method};
use super::network::OpenNetwork;
use super::options::Options;
use super::origin::Origin;
use crate::Error;
use crate::network::declaration::Declaration;
use crate::network::{DEFAULT_BACKGROUND, default_background_of};
use crate::study::{Reader, Reading, Slice, SliceBackground};

/// A network that is open on a device, and its backgrounds.
pub struct Session {
    reading: Reading,
    compute: Compute,
    classifier: Classifier,
    declaration: Declaration,
    weights: Origin,
    background: SliceBackground,
    other_backgrounds: Vec<SliceBackground>,
    background_origins: Vec<Origin>,
    background_is_grey: bool,
}

impl Session {
    /// Opens the device, and loads the network and the background.
    ///
    /// # Errors
    ///
    /// A device, a file of weights or a background that cannot be used, and a network that is not
    /// declared; the file is named.
    pub fn open(options: &Options) -> Result<Self, Error> {
        let start = Instant::now();
        let compute = Compute::open(&options.compute)?;
        let network = OpenNetwork::open(options, compute.device())?;
        let (declaration, weights) = (network.declaration().clone(), network.origin().clone());
        tracing::debug!("weights: {weights}; {}", declaration.provenance);
        let classifier = Classifier::new(&network, options.output, &compute)?;
        let reading = network.reading(&options.reading);
        let open = |kind| SliceBackground::open(kind, &reading, compute.device());
        let mut kinds = options.backgrounds.iter();
        let background = match kinds.next() {
            Some(kind) => open(kind)?,
            None => SliceBackground::fixed(
                reading
                    .input
                    .of_grey(&default_background_of(reading.grid.side)?)
                    .to_tensor(compute.device()),
                "embedded ich-demo-background".to_owned(),
                sha256(DEFAULT_BACKGROUND),
            ),
        };
        let other_backgrounds: Vec<SliceBackground> = kinds.map(open).collect::<Result<_, _>>()?;
        let mut background_origins: Vec<Origin> = Vec::new();
        for background in std::iter::once(&background).chain(&other_backgrounds) {
            let (name, sha256) = (background.source().to_owned(), background.sha256());
            if background_origins
                .iter()
                .any(|origin| origin.sha256() == sha256)
            {
                return Err(Error::SameBackground { name });
            }
            let origin = Origin::of_bytes(name, sha256.to_owned());
            tracing::debug!("background: {origin}");
            background_origins.push(origin);
        }
        tracing::debug!("opened in {:.2} s", start.elapsed().as_secs_f64());
        Ok(Self {
            reading,
            compute,
            classifier,
            declaration,
            weights,
            background,
            other_backgrounds,
            background_origins,
            background_is_grey: options.backgrounds.is_empty(),
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

    /// The network's outputs, and which of them results are about.
    pub fn labels(&self) -> &Labels {
        self.classifier.labels()
    }

    /// What of the label is explained.
    pub fn output(&self) -> Output {
        self.classifier.output()
    }

    /// How the network's input is made, what its outputs mean, and who says so.
    pub fn declaration(&self) -> &Declaration {
        &self.declaration
    }

    /// Where the network comes from.
    pub fn weights(&self) -> &Origin {
        &self.weights
    }

    /// Where the backgrounds come from.
    pub fn backgrounds(&self) -> &[Origin] {
        &self.background_origins
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
        observer: impl FnMut(&Progress<'_>) -> ControlFlow<Interrupt>,
    ) -> Result<Explained, Error> {
        self.explain_from(slice, method, None, observer)
    }

    /// As [`Session::explain`], but goes on from what an earlier explanation of the slice has found with
    /// the same network, backgrounds and settings, but for where it ends.
    ///
    /// # Errors
    ///
    /// Those of [`Session::explain`], and [`hshap::Error::OtherRun`].
    pub fn refine(
        &self,
        slice: &Slice,
        method: &Method,
        earlier: &EarlierRuns,
        observer: impl FnMut(&Progress<'_>) -> ControlFlow<Interrupt>,
    ) -> Result<Explained, Error> {
        self.explain_from(slice, method, Some(earlier), observer)
    }

    fn explain_from(
        &self,
        slice: &Slice,
        method: &Method,
        earlier: Option<&EarlierRuns>,
        observer: impl FnMut(&Progress<'_>) -> ControlFlow<Interrupt>,
    ) -> Result<Explained, Error> {
        self.check_background()?;
        let device = self.compute.device();
        let image = slice.stack.to_tensor(device);
        let background = self.background.image(slice, device)?;
        let prediction = self.classifier.predict_one(slice)?;
        let batch_size = self.classifier.batch_size(slice)?;
        let settings = method
            .settings
            .with_batch_size(batch_size)
            .with_label(self.labels().chosen())
            .with_outputs(match self.output() {
                Output::Probability => Outputs::Probabilities,
                Output::Logit => Outputs::Numbers,
            });
        let start = Instant::now();
        let mut explainer = self.classifier.explainer(slice, background)?;
        for other in &self.other_backgrounds {
            explainer = explainer.and_background(other.image(slice, device)?);
        }
        let observed = explainer.observed(observer);
        let explanation = match earlier {
            None => observed.cycle_explain(&image, &method.shifts, &settings),
            Some(earlier) => observed.refine(&image, &method.shifts, &settings, &earlier.runs),
        };
        let mut explanation = explanation.map_err(|error| Error::about(&slice.source, error))?;
        let mut seconds = start.elapsed().as_secs_f64();
        if let Some(earlier) = earlier {
            explanation.n_evaluations = explanation
                .n_evaluations
                .saturating_add(earlier.n_evaluations);
            seconds += earlier.seconds;
        }
        tracing::debug!("{}: explained in {seconds:.2} s", slice.source);
        Ok(Explained {
            prediction,
            explanation,
            seconds,
        })
    }
}
