//! `ich explain`.

use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use burn::tensor::Tensor;
use chrono::Local;
use ich::Material;
use ich::ct_figure::{
    Arrangement, FigureConfig, FigureSlice, GreySlice, GroundTruth, RgbImage, Saliency,
    draw_figure, encode_png, probability_text,
};
use ich::ct_preprocess::SecondaryCapture;
use ich::hshap::{Convention, Depth, Explanation, Settings, Shifts, Threshold};
use ich::ich_model::Prediction;
use ndarray::Array2;
use ndarray_npy::WriteNpyExt;
use serde_json::Value;

use crate::args::ExplainArgs;
use crate::choice::Choice;
use crate::compute::Compute;
use crate::fault::Fault;
use crate::gallery::Gallery;
use crate::input::Input;
use crate::listing::SliceRef;
use crate::network::{self, Classifier, Origin};
use crate::output::Outputs;
use crate::progress::Display;
use crate::reader::Reader;
use crate::report::{
    BoxReport, DepthReport, InputReport, NOTICE, Report, SettingsReport, ThresholdReport,
    TrafficReport, runs,
};
use crate::tally::Tally;
use crate::volume_maps;

/// What is the same for every slice of a call.
struct Job<'a> {
    args: &'a ExplainArgs,
    compute: Compute,
    classifier: Classifier,
    weights: Origin,
    background: Tensor<3>,
    background_origin: Origin,
    settings: Settings,
    shifts: Shifts,
}

pub(crate) fn run(args: &ExplainArgs, material: &Material) -> Result<ExitCode, Fault> {
    let choice = Choice {
        slices: args.slices.paths.clone(),
        weights: args.network.weights.clone(),
        background: args.background.clone(),
        boxes: args.boxes.clone(),
    }
    .complete(&args.slices, material)?;
    let listing = choice.list(&args.slices)?;
    let truth = match &choice.boxes {
        Some(path) => GroundTruth::read(path)?,
        None => GroundTruth::default(),
    };
    let planned = plan_outputs(&listing.slices, args)?;
    let job = Job::new(args, &choice)?;

    let mut tally = Tally::of(&listing);
    let mut reader = Reader::new(args.slices.reading());
    let mut gallery = job.gallery()?;
    for (source, fault) in &listing.faults {
        gallery.fail(source, fault)?;
    }
    let mut maps = Vec::new();
    for (slice, outputs) in listing.slices.iter().zip(&planned) {
        let explained = reader.read(slice).and_then(|mut input| {
            input.add_boxes(&truth);
            let explained = job.explain_unless_done(&input, outputs)?;
            gallery.add(&input, outputs)?;
            Ok(explained)
        });
        match explained {
            Ok(Explained::Now) => tally.done(),
            Ok(Explained::Before) => tally.kept(),
            Err(fault) => {
                gallery.fail(&slice.source(), &fault)?;
                tally.fail(&fault);
                continue;
            }
        }
        maps.push((slice, outputs));
    }
    drop(reader);
    volume_maps::write(&maps)?;
    gallery.finish()?;
    Ok(tally.finish())
}

/// When the results of a slice were made.
enum Explained {
    Now,
    Before,
}

/// Where the results of every slice go. They are named after the slices, which therefore need
/// different names, and must not replace a slice.
fn plan_outputs(slices: &[SliceRef], args: &ExplainArgs) -> Result<Vec<Outputs>, Fault> {
    let mut names = HashSet::new();
    let mut volumes = HashMap::new();
    let paths = slices.iter().filter_map(|slice| slice.path.as_deref());
    let paths: HashSet<PathBuf> = paths.flat_map(Path::canonicalize).collect();
    slices
        .iter()
        .map(|slice| {
            if !names.insert(&slice.name) {
                return Err(Fault::new(format!(
                    "{}: another slice is named {} too, and results are named after the slice",
                    slice.source(),
                    slice.name.display()
                )));
            }
            let outputs = Outputs::plan(args, slice);
            if let Some(volume) = &slice.volume
                && *volumes.entry(volume).or_insert(slice.volume_source()) != slice.volume_source()
            {
                return Err(Fault::new(format!(
                    "{}: slices of another volume are named {} too, and maps are named after it",
                    slice.source(),
                    volume.display()
                )));
            }
            if !args.resume {
                outputs.check()?;
            }
            let is_slice = |path: &Path| path.canonicalize().is_ok_and(|p| paths.contains(&p));
            if let Some(path) = outputs.paths().find(|path| is_slice(path)) {
                return Err(Fault::new(format!(
                    "{}: would be a result, but is one of the slices; use --out for another folder",
                    path.display()
                )));
            }
            Ok(outputs)
        })
        .collect()
}

impl<'a> Job<'a> {
    fn new(args: &'a ExplainArgs, choice: &Choice) -> Result<Self, Fault> {
        let compute = Compute::begin(&args.network.compute)?;
        let (classifier, weights) = Classifier::load(
            choice.weights.as_deref(),
            &args.network.selection.selection(),
            &compute,
        )?;
        if choice.background.is_none() && !args.slices.windows.is_repeat() {
            return Err(Fault::new(
                "the embedded background is a grey image under one window; three windows need \
                 --background with three channels, [3, rows, cols], normalised",
            ));
        }
        let (background, background_origin) =
            network::load_background(choice.background.as_deref(), compute.device())?;
        let settings = Settings {
            depth: match args.levels {
                Some(levels) => Depth::Levels(levels),
                None => Depth::MinSize(args.min_size),
            },
            threshold: match args.percentile {
                Some(percentile) => Threshold::Percentile(percentile),
                None => Threshold::Absolute(args.threshold),
            },
            convention: if args.upstream {
                Convention::Upstream
            } else {
                Convention::Aligned
            },
            ..Settings::default()
        };
        Ok(Self {
            args,
            compute,
            classifier,
            weights,
            background,
            background_origin,
            settings,
            shifts: Shifts::Polar {
                radii: args.radii.0.clone(),
                angles: args.angles.0.clone(),
            },
        })
    }

    /// Explains a slice, but for one that `--resume` finds explained already.
    fn explain_unless_done(&self, input: &Input, outputs: &Outputs) -> Result<Explained, Fault> {
        let is_captured = outputs.capture.as_ref().is_none_or(|path| path.exists());
        if self.args.resume && outputs.report.exists() && is_captured {
            if self.is_report_of(input, &outputs.report)? {
                return Ok(Explained::Before);
            }
            if !self.args.force {
                return Err(Fault::new(format!(
                    "{}: is of another slice, network or setting; use --force to replace it, or \
                     --out for another folder",
                    outputs.report.display()
                )));
            }
        }
        self.explain(input, outputs)?;
        Ok(Explained::Now)
    }

    /// True where a report, which is written last, says that it is of this slice, network and
    /// settings; what computed it and how fast does not count.
    fn is_report_of(&self, input: &Input, report: &Path) -> Result<bool, Fault> {
        let bytes = std::fs::read(report).map_err(|error| Fault::in_file(report, error))?;
        let Ok(found) = serde_json::from_slice::<Value>(&bytes) else {
            return Ok(false);
        };
        let mut settings = serde_json::to_value(self.settings_report())?;
        for free in ["engine", "device", "threads"] {
            settings[free] = found["settings"][free].clone();
        }
        let sha256 = |origin: &Origin| serde_json::to_value(origin).map(|o| o["sha256"].clone());
        let resampled = input.resampled.as_ref().map(|resampled| &resampled.report);
        Ok(found["input"]["sha256"] == input.sha256
            && found["input"]["resampled"] == serde_json::to_value(resampled)?
            && found["weights"]["sha256"] == sha256(&self.weights)?
            && found["background"]["sha256"] == sha256(&self.background_origin)?
            && found["settings"] == settings)
    }

    fn explain(&self, input: &Input, outputs: &Outputs) -> Result<(), Fault> {
        let image = input.stack.to_tensor(self.compute.device());
        let prediction = self.classifier.predict(input, self.compute.device())?;
        let settings = Settings {
            batch_size: self.classifier.batch_size(input, &self.compute.open)?,
            ..self.settings
        };
        outputs.make_folder()?;

        let mut display = Display::new(&input.name);
        let start = Instant::now();
        let explanation = self
            .classifier
            .explainer(self.background.clone())
            .with_observer(|progress| {
                display.show(progress);
                ControlFlow::Continue(())
            })
            .cycle_explain(&image, &self.shifts, &settings);
        let seconds = start.elapsed().as_secs_f64();
        display.finish();
        let explanation =
            explanation.map_err(|error| Fault::new(format!("{}: {error}", input.source)))?;

        let settings = self.settings_report();
        let report = self.report(input, prediction, &settings, &explanation, seconds);
        let map = input.on_own_grid(&explanation.map)?;
        let figure = figure(input, prediction, &map)?;
        outputs.write(&outputs.figure, &encode_png(&figure)?)?;
        if let Some(path) = &outputs.capture
            && let Some(bytes) = self.capture(input, prediction, &figure)?
        {
            outputs.write(path, &bytes)?;
        }
        outputs.write(&outputs.saliency, &npy(&map)?)?;
        let mut text = serde_json::to_string_pretty(&report)?;
        text.push('\n');
        outputs.write(&outputs.report, text.as_bytes())?;
        if self.args.json {
            println!("{}", serde_json::to_string(&report)?);
        } else {
            println!(
                "{}: probability {:.4}, prediction {}, {} evaluations in {seconds:.1} s, {}",
                input.source,
                report.probability,
                report.prediction,
                report.evaluations,
                outputs.figure.display()
            );
        }
        Ok(())
    }

    /// The figure as a Secondary Capture in the study of the slice, where that is of DICOM.
    fn capture(
        &self,
        input: &Input,
        prediction: Prediction,
        figure: &RgbImage,
    ) -> Result<Option<Vec<u8>>, Fault> {
        let Some((file, frame)) = &input.dicom_frame else {
            return Ok(None);
        };
        let series_key = serde_json::to_string(&(
            &self.weights,
            &self.background_origin,
            self.settings_report(),
        ))?;
        let derivation = format!(
            "Saliency of a network's prediction of an intracranial hemorrhage by h-Shap; \
             probability {:.4}; weights {}",
            prediction.probability, self.weights
        );
        let bytes = file.secondary_capture(&SecondaryCapture {
            rgb: figure.as_raw(),
            rows: figure.height() as usize,
            cols: figure.width() as usize,
            frame: *frame,
            series_key: &series_key,
            series_description: "ich: hemorrhage explained, research only",
            derivation: &derivation,
            comments: NOTICE,
            program: env!("CARGO_PKG_NAME"),
            version: env!("CARGO_PKG_VERSION"),
            made: Local::now().naive_local(),
        });
        Ok(Some(bytes.map_err(|error| {
            Fault::new(format!("{}: {error}", input.source))
        })?))
    }

    fn report<'b>(
        &'b self,
        input: &'b Input,
        prediction: Prediction,
        settings: &'b SettingsReport,
        explanation: &Explanation,
        seconds: f64,
    ) -> Report<'b> {
        Report {
            notice: NOTICE,
            program: env!("CARGO_PKG_NAME"),
            version: env!("CARGO_PKG_VERSION"),
            input: InputReport {
                source: &input.source,
                sha256: &input.sha256,
                rows: input.grey().rows(),
                cols: input.grey().cols(),
                dicom: input.dicom.as_ref(),
                nifti: input.nifti.as_ref(),
                resampled: input.resampled.as_ref().map(|resampled| &resampled.report),
                boxes: input.boxes.iter().map(BoxReport::from).collect(),
            },
            weights: &self.weights,
            background: &self.background_origin,
            probability: prediction.probability,
            prediction: prediction.is_hemorrhage().into(),
            settings,
            leaf_px: explanation.leaf_px,
            evaluations: explanation.n_evaluations,
            traffic: explanation.traffic.map(TrafficReport::from),
            seconds,
            runs: runs(explanation),
        }
    }

    /// The page and the contact sheet, begun.
    fn gallery(&self) -> Result<Gallery, Fault> {
        let settings = self.settings_report();
        let weights = self.weights.to_string();
        let background = self.background_origin.to_string();
        let facts = [
            ("Program", concat!("ich ", env!("CARGO_PKG_VERSION"))),
            ("Weights", &weights),
            ("Background", &background),
            ("Windows", &settings.windows_hu),
            ("Engine", settings.engine),
            ("Device", &settings.device),
        ];
        let replace = self.args.force || self.args.resume;
        Gallery::begin(&self.args.gallery, replace, &facts)
    }

    fn settings_report(&self) -> SettingsReport {
        SettingsReport {
            windows_hu: self.args.slices.windows.to_string(),
            label: self.settings.label,
            depth: match self.args.levels {
                Some(levels) => DepthReport::Levels(levels),
                None => DepthReport::MinSize(self.args.min_size),
            },
            threshold: match self.args.percentile {
                Some(percentile) => ThresholdReport::Percentile(percentile),
                None => ThresholdReport::Threshold(self.args.threshold),
            },
            radii_px: self.args.radii.0.clone(),
            angles_rad: self.args.angles.0.clone(),
            upstream: self.args.upstream,
            engine: self.compute.engine.as_str(),
            device: self.compute.device_name(),
            threads: rayon::current_num_threads(),
        }
    }
}

/// Slice and explanation side by side.
fn figure(input: &Input, prediction: Prediction, map: &Array2<f32>) -> Result<RgbImage, Fault> {
    let dims = (input.grey().rows(), input.grey().cols());
    let slice = FigureSlice {
        grey: GreySlice::new(input.grey().values(), dims)?,
        saliency: map
            .as_slice()
            .map(|values| Saliency::new(values, dims))
            .transpose()?,
        against: None,
        boxes: &input.boxes,
        title: &format!(
            "Probability {}, prediction {}",
            probability_text(prediction.probability),
            u8::from(prediction.is_hemorrhage())
        ),
        caption: Some(&input.name),
        note: None,
    };
    let config = FigureConfig {
        arrangement: Arrangement::Rows,
        footer: Some(NOTICE.to_owned()),
        ..FigureConfig::default()
    };
    Ok(draw_figure(&[slice], &config)?.image)
}

/// The map as an `.npy` file, f32 `(rows, cols)`.
fn npy(map: &Array2<f32>) -> Result<Vec<u8>, Fault> {
    let mut bytes = Vec::new();
    map.write_npy(&mut bytes)?;
    Ok(bytes)
}
