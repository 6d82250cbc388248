//! `ich explain`.

use std::collections::HashSet;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::Instant;

use burn::tensor::{Device, Tensor};
use ich::Material;
use ich::ct_figure::{
    Arrangement, FigureConfig, FigureSlice, GreySlice, Saliency, draw_figure, encode_png,
};
use ich::ct_preprocess::Window;
use ich::hshap::{Convention, Depth, Explanation, SaliencyMap, Settings, Shifts, Threshold};
use ich::ich_model::Prediction;
use ndarray::ArrayView2;
use ndarray_npy::WriteNpyExt;

use crate::args::ExplainArgs;
use crate::choice::Choice;
use crate::fault::Fault;
use crate::input::{self, Input};
use crate::network::{self, Classifier, Origin};
use crate::output::Outputs;
use crate::progress::Display;
use crate::report::{
    BoxReport, DepthReport, InputReport, NOTICE, Report, SettingsReport, ThresholdReport, runs,
};

/// What is the same for every slice of a call.
struct Job<'a> {
    args: &'a ExplainArgs,
    device: Device,
    classifier: Classifier,
    weights: Origin,
    background: Tensor<3>,
    background_origin: Origin,
    settings: Settings,
    shifts: Shifts,
}

pub(crate) fn run(args: &ExplainArgs, material: &Material) -> Result<(), Fault> {
    let choice = Choice {
        slices: args.slices.clone(),
        weights: args.network.weights.clone(),
        background: args.background.clone(),
        boxes: args.boxes.clone(),
    }
    .complete(&args.choice, material)?;
    let inputs = if choice.slices.is_empty() {
        vec![input::demo()?]
    } else {
        input::read_all(&choice.slices, choice.boxes.as_deref())?
    };
    let planned = plan_outputs(&inputs, &choice.slices, args)?;
    let job = Job::new(args, &choice)?;
    std::fs::create_dir_all(&args.out).map_err(|error| Fault::in_file(&args.out, error))?;

    let mut n_failed = 0;
    for (input, outputs) in inputs.iter().zip(&planned) {
        match job.explain(input, outputs) {
            Ok(()) => {}
            Err(fault) if inputs.len() == 1 => return Err(fault),
            Err(fault) => {
                eprintln!("error: {fault}");
                n_failed += 1;
            }
        }
    }
    match n_failed {
        0 => Ok(()),
        n => Err(Fault::new(format!(
            "{n} of {} slices have no explanation",
            inputs.len()
        ))),
    }
}

/// Where the results of every slice go. They are named after the slices, which therefore need
/// different names, and must not replace a slice.
fn plan_outputs(
    inputs: &[Input],
    slices: &[PathBuf],
    args: &ExplainArgs,
) -> Result<Vec<Outputs>, Fault> {
    let mut names = HashSet::new();
    let slices: HashSet<PathBuf> = slices.iter().flat_map(|s| s.canonicalize()).collect();
    inputs
        .iter()
        .map(|input| {
            if !names.insert(&input.name) {
                return Err(Fault::new(format!(
                    "{}: another slice is named {:?} too, and results are named after the slice",
                    input.source, input.name
                )));
            }
            let outputs = Outputs::plan(&args.out, &input.name, args.force)?;
            let is_slice = |path: &Path| path.canonicalize().is_ok_and(|p| slices.contains(&p));
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
        let device = args.network.compute.device.open();
        let (classifier, weights) =
            Classifier::load(choice.weights.as_deref(), &args.network.compute, &device)?;
        let (background, background_origin) =
            network::load_background(choice.background.as_deref(), &device)?;
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
            device,
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

    fn explain(&self, input: &Input, outputs: &Outputs) -> Result<(), Fault> {
        let image = input.grey.to_tensor(&self.device);
        let prediction = self.classifier.predict(input, &self.device)?;

        let mut display = Display::new(&input.name);
        let start = Instant::now();
        let explanation = self
            .classifier
            .explainer(self.background.clone())
            .with_observer(|progress| {
                display.show(progress);
                ControlFlow::Continue(())
            })
            .cycle_explain(&image, &self.shifts, &self.settings);
        let seconds = start.elapsed().as_secs_f64();
        display.finish();
        let explanation =
            explanation.map_err(|error| Fault::new(format!("{}: {error}", input.source)))?;

        let settings = self.settings_report();
        let report = self.report(input, prediction, &settings, &explanation, seconds);
        outputs.write(&outputs.figure, &figure(input, prediction, &explanation)?)?;
        outputs.write(&outputs.saliency, &npy(&explanation.map)?)?;
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
                rows: input.grey.rows(),
                cols: input.grey.cols(),
                boxes: input.boxes.iter().map(BoxReport::from).collect(),
            },
            weights: &self.weights,
            background: &self.background_origin,
            probability: prediction.probability,
            prediction: prediction.is_hemorrhage().into(),
            settings,
            leaf_px: explanation.leaf_px,
            evaluations: explanation.n_evaluations,
            seconds,
            runs: runs(explanation),
        }
    }

    fn settings_report(&self) -> SettingsReport {
        SettingsReport {
            window_level_hu: Window::BRAIN.level_hu(),
            window_width_hu: Window::BRAIN.width_hu(),
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
            engine: self.args.network.compute.engine.as_str(),
            device: self.args.network.compute.device.as_str(),
            threads: rayon::current_num_threads(),
        }
    }
}

/// Slice and explanation side by side, as PNG.
fn figure(
    input: &Input,
    prediction: Prediction,
    explanation: &Explanation,
) -> Result<Vec<u8>, Fault> {
    let dims = (input.grey.rows(), input.grey.cols());
    let slice = FigureSlice {
        grey: GreySlice::new(input.grey.values(), dims)?,
        saliency: Some(Saliency::new(explanation.map.values(), dims)?),
        boxes: &input.boxes,
        title: &format!("Prediction: {}", u8::from(prediction.is_hemorrhage())),
        caption: Some(&input.name),
    };
    let config = FigureConfig {
        arrangement: Arrangement::Rows,
        footer: Some(NOTICE.to_owned()),
        ..FigureConfig::default()
    };
    Ok(encode_png(&draw_figure(&[slice], &config)?)?)
}

/// The map as an `.npy` file, f32 `(rows, cols)`.
fn npy(map: &SaliencyMap) -> Result<Vec<u8>, Fault> {
    let mut bytes = Vec::new();
    ArrayView2::from_shape((map.rows(), map.cols()), map.values())?.write_npy(&mut bytes)?;
    Ok(bytes)
}
