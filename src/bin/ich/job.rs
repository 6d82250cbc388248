//! What is the same for every slice of `ich explain`, and what is done with each.

use std::ops::ControlFlow;
use std::time::Instant;

use burn::tensor::Tensor;
use chrono::Local;
use ich::ct_figure::{RgbImage, encode_png, probability_text};
use ich::ct_preprocess::SecondaryCapture;
use ich::hshap::{Convention, Depth, Explanation, Settings, Shifts, Threshold};
use ich::ich_model::Prediction;
use ndarray::Array2;
use ndarray_npy::WriteNpyExt;

use crate::args::ExplainArgs;
use crate::choice::Choice;
use crate::compute::{Compute, explanation_fault};
use crate::console::print_line;
use crate::drawing::{Drawing, draw};
use crate::fault::Fault;
use crate::gallery::Gallery;
use crate::input::Input;
use crate::network::{self, Classifier, Origin};
use crate::output::Outputs;
use crate::progress::Display;
use crate::report::{
    BoxReport, Completeness, DepthReport, FileReport, InputReport, NOTICE, Report, SettingsReport,
    ThresholdReport, TrafficReport, VolumeReport, WarningReport, runs,
};
use crate::resume::{self, Earlier, MadeWith};

/// What is the same for every slice of a call.
pub(crate) struct Job<'a> {
    args: &'a ExplainArgs,
    compute: Compute,
    classifier: Classifier,
    weights: Origin,
    background: Tensor<3>,
    background_origin: Origin,
    settings: Settings,
    shifts: Shifts,
}

/// When the results of a slice were made.
pub(crate) enum Explained {
    Now,
    Before,
}

/// What was found of a slice.
struct Made<'a> {
    prediction: Prediction,
    explanation: &'a Explanation,
    drawing: &'a Drawing,
    seconds: f64,
}

impl<'a> Job<'a> {
    pub(crate) fn new(args: &'a ExplainArgs, choice: &Choice) -> Result<Self, Fault> {
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
        let settings = Settings::default()
            .with_depth(match args.levels {
                Some(levels) => Depth::Levels(levels),
                None => Depth::MinSize(args.min_size),
            })
            .with_threshold(match args.percentile {
                Some(percentile) => Threshold::Percentile(percentile),
                None => Threshold::Absolute(args.threshold),
            })
            .with_convention(if args.upstream {
                Convention::Upstream
            } else {
                Convention::Aligned
            });
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
    pub(crate) fn explain_unless_done(
        &self,
        input: &Input,
        outputs: &Outputs,
    ) -> Result<Explained, Fault> {
        if self.args.resume {
            match resume::find(outputs, input, &self.made_with(), self.args.look.against)? {
                Earlier::Whole => return Ok(Explained::Before),
                Earlier::Other(difference) if !self.args.force => {
                    return Err(Fault::new(format!(
                        "{}: was made otherwise ({difference}); use --force to replace it, or \
                         --out for another folder",
                        outputs.report.display()
                    )));
                }
                Earlier::Other(_) | Earlier::Unfinished => {}
            }
        }
        self.explain(input, outputs)?;
        Ok(Explained::Now)
    }

    /// What all results of the call depend on.
    pub(crate) fn made_with(&self) -> MadeWith<'_> {
        MadeWith {
            weights: &self.weights,
            background: &self.background_origin,
            settings: self.settings_report(),
        }
    }

    fn explain(&self, input: &Input, outputs: &Outputs) -> Result<(), Fault> {
        let image = input.stack.to_tensor(self.compute.device());
        let prediction = self.classifier.predict(input, self.compute.device())?;
        let settings = self
            .settings
            .with_batch_size(self.classifier.batch_size(input, &self.compute.open)?);
        outputs.make_folder()?;

        let mut display = Display::new(&input.name);
        let start = Instant::now();
        let explanation = self
            .classifier
            .explainer(self.background.clone())
            .observed(|progress| {
                display.show(progress);
                ControlFlow::Continue(())
            })
            .cycle_explain(&image, &self.shifts, &settings);
        let seconds = start.elapsed().as_secs_f64();
        display.finish();
        let explanation = explanation.map_err(|error| explanation_fault(&input.source, &error))?;

        let drawing = draw(input, prediction, &explanation, &self.args.look)?;
        let map = npy(&input.on_own_grid(&explanation.map)?)?;
        let figure = encode_png(&drawing.picture)?;
        let capture = match &outputs.capture {
            Some(_) => self.capture(input, prediction, &drawing.picture)?,
            None => None,
        };
        let mut files = vec![(&outputs.figure, figure)];
        let evidence = npy(&drawing.evidence)?;
        if evidence != map {
            files.push((&outputs.evidence, evidence));
        }
        files.push((&outputs.saliency, map));
        if let Some(against) = &drawing.against {
            files.push((&outputs.against, npy(against)?));
        }
        if let Some((path, bytes)) = outputs.capture.as_ref().zip(capture) {
            files.push((path, bytes));
        }
        let settings = self.settings_report();
        let made = Made {
            prediction,
            explanation: &explanation,
            drawing: &drawing,
            seconds,
        };
        let report = Report {
            files: files
                .iter()
                .map(|(path, bytes)| FileReport::of(path, bytes))
                .collect(),
            ..self.report(input, outputs, &settings, &made)
        };
        for (path, bytes) in &files {
            outputs.write(path, bytes)?;
        }
        let mut text = serde_json::to_string_pretty(&report)?;
        text.push('\n');
        outputs.write(&outputs.report, text.as_bytes())?;
        if self.args.json {
            print_line(serde_json::to_string(&report)?)
        } else {
            print_line(format_args!(
                "{}: probability {}, prediction {}, {} evaluations in {seconds:.1} s, {}",
                input.source,
                probability_text(prediction.probability),
                report.prediction,
                report.evaluations,
                outputs.figure.display()
            ))
        }
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
        // A path would tell of the machine; the hash says which weights they are.
        let derivation = format!(
            "Saliency of a network's prediction of an intracranial hemorrhage by h-Shap; \
             probability {}; weights SHA-256 {}",
            prediction.probability,
            self.weights.sha256()
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
        outputs: &Outputs,
        settings: &'b SettingsReport,
        made: &Made<'b>,
    ) -> Report<'b> {
        let &Made {
            prediction,
            explanation,
            drawing,
            seconds,
        } = made;
        Report {
            notice: NOTICE,
            program: env!("CARGO_PKG_NAME"),
            version: env!("CARGO_PKG_VERSION"),
            input: InputReport {
                source: &input.source,
                sha256: &input.sha256,
                bytes: input.bytes,
                rows: input.grey().rows(),
                cols: input.grey().cols(),
                dicom: input.dicom.as_ref(),
                nifti: input.nifti.as_ref(),
                seen: input.seen_otherwise.as_ref().map(|seen| &seen.report),
                volume: outputs
                    .volume
                    .as_deref()
                    .map(|path| VolumeReport::of(path, input.geometry.as_ref())),
                warnings: input.warnings.iter().map(WarningReport::from).collect(),
                boxes: input.boxes.iter().map(BoxReport::from).collect(),
            },
            weights: &self.weights,
            background: &self.background_origin,
            probability: prediction.probability,
            prediction: prediction.is_hemorrhage().into(),
            settings,
            leaf_px: explanation.leaf_px,
            evaluations: explanation.n_evaluations,
            completeness: Completeness::of(explanation),
            figure: &drawing.report,
            energy_in_boxes: drawing.energy_in_boxes,
            traffic: explanation.traffic.map(TrafficReport::from),
            seconds,
            files: Vec::new(),
            runs: runs(explanation),
        }
    }

    /// The page and the contact sheet, begun.
    pub(crate) fn gallery(&self) -> Result<Gallery, Fault> {
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
        Gallery::begin(&self.args.gallery, replace, &self.args.look, &facts)
    }

    fn settings_report(&self) -> SettingsReport {
        SettingsReport {
            windows_hu: self.args.slices.windows.to_string(),
            reading: self.args.slices.reading().to_string(),
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

/// The map as an `.npy` file, f32 `(rows, cols)`.
fn npy(map: &Array2<f32>) -> Result<Vec<u8>, Fault> {
    let mut bytes = Vec::new();
    map.write_npy(&mut bytes)?;
    Ok(bytes)
}
