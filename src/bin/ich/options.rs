//! What the arguments stand for in the library.

use ich::ct_io::RsnaRepair;
use ich::hshap::{Convention, Depth, Settings, Shifts, Stop, Threshold};
use ich::ich_model::Selection;
use ich::network::declaration::{LabelChoice, PartialDeclaration};
use ich::results::{GalleryOptions, Look, OutputOptions};
use ich::session::{ComputeOptions, Method, Options};
use ich::study::Reading;

use crate::args::{ExplainArgs, GalleryArgs, LookArgs, NetworkArgs, SliceArgs};
use crate::choice::Choice;
use crate::names::OutputName;
use crate::network_args::{ComputeArgs, DeclarationArgs, SelectionArgs};

/// As a share of the map's largest value: less than a colour of the figure.
const DEFAULT_TOLERANCE: f64 = 0.01;

impl SliceArgs {
    pub(crate) fn reading(&self) -> Reading {
        let mut reading = Reading::default();
        if self.rsna_repair {
            reading.repair = RsnaRepair::On;
        }
        reading.resample = self.resample.into();
        reading.filter = self.filter.into();
        reading.numbers = self.slice.clone();
        reading
    }
}

impl SelectionArgs {
    pub(crate) fn selection(&self) -> Selection {
        Selection {
            key: self.key.clone(),
            ignore: self.ignore.clone(),
        }
    }
}

impl DeclarationArgs {
    pub(crate) fn declared(&self) -> PartialDeclaration {
        let mut declared = PartialDeclaration::default();
        declared.channels = self.windows.clone();
        declared.size = self.size.map(|side| [side; 2]);
        declared.range = self.range;
        declared.mean = self.mean.as_ref().map(|list| list.0.clone());
        declared.std = self.std.as_ref().map(|list| list.0.clone());
        declared.activation = self.activation.map(Into::into);
        declared.labels = self.labels.clone();
        declared.explain = self.label.clone().map(LabelChoice::Name);
        declared
    }
}

impl ComputeArgs {
    /// Also sets the threads of the whole program.
    pub(crate) fn options(&self) -> anyhow::Result<ComputeOptions> {
        if let Some(threads) = self.threads {
            rayon::ThreadPoolBuilder::new()
                .num_threads(threads.into())
                .build_global()?;
        }
        let mut options = ComputeOptions::default();
        options.device = self.device;
        options.engine = self.engine.map(Into::into);
        options.threads = self.threads.map(usize::from);
        options.memory_bytes = self.memory.map(|mib| u64::from(mib) << 20);
        Ok(options)
    }
}

impl NetworkArgs {
    pub(crate) fn options(&self, choice: &Choice, slices: &SliceArgs) -> anyhow::Result<Options> {
        let mut options = Options::default();
        options.weights = choice.weights.clone();
        options.selection = self.selection.selection();
        options.declaration = self.declaration.declared();
        options.configs = self.declaration.config.clone();
        options.backgrounds.clone_from(&choice.backgrounds);
        options.compute = self.compute.options()?;
        options.reading = slices.reading();
        Ok(options)
    }
}

impl ExplainArgs {
    pub(crate) fn method(&self) -> Method {
        let settings = Settings::default()
            .with_depth(match self.levels {
                Some(levels) => Depth::Levels(levels),
                None => Depth::MinSize(self.min_size),
            })
            .with_threshold(match self.percentile {
                Some(percentile) => Threshold::Percentile(percentile),
                None => Threshold::Absolute(self.threshold),
            })
            .with_convention(match self.upstream {
                true => Convention::Upstream,
                false => Convention::Aligned,
            })
            .with_stop(self.stop());
        let shifts = Shifts::Polar {
            radii: self.radii.0.clone(),
            angles: self.angles.0.clone(),
        };
        Method::new(settings, shifts)
    }

    fn stop(&self) -> Stop {
        let is_bounded = self.percentile.is_none()
            && self.threshold >= 0.0
            && self.explain == OutputName::Probability;
        let tolerance = match self.tolerance {
            Some(share) => share.0,
            None if is_bounded && !self.upstream => DEFAULT_TOLERANCE,
            None => 0.0,
        };
        let mut stop = Stop::at_tolerance(tolerance);
        stop.evaluations = self.budget;
        stop.time = self.time;
        stop
    }

    pub(crate) fn outputs(&self) -> OutputOptions {
        let mut options = OutputOptions::new(&self.out);
        options.dicom = self.dicom;
        options.bound = self.bound;
        options.spread = self.spread;
        options.replace = self.force || self.resume;
        options
    }
}

impl LookArgs {
    pub(crate) fn look(&self) -> Look {
        let mut look = Look::default();
        look.scale = self.scale;
        look.colormap = self.colormap.into();
        look.against = self.against;
        look
    }
}

impl GalleryArgs {
    pub(crate) fn options(&self) -> GalleryOptions {
        let mut options = GalleryOptions::default();
        options.html = self.html.clone();
        options.sheet = self.sheet.clone();
        options
    }
}
