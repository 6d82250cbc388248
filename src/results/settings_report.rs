use hshap::{Convention, Depth, Shifts, Threshold};
use schemars::JsonSchema;
use serde::Serialize;

use crate::session::{Method, Output, Session};

/// What the result depends on beside slice, weights and background.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct SettingsReport {
    /// `LEVEL:WIDTH`, or `hu:LOW:HIGH` of a channel that holds Hounsfield units; of all channels or of
    /// each.
    pub(crate) windows_hu: String,
    /// How slices were read, as options say it.
    pub(crate) reading: String,
    /// The output of the network that is explained, from 0.
    pub(crate) label: usize,
    pub(crate) label_name: String,
    /// What of it is explained.
    pub(crate) output: Output,
    #[serde(flatten)]
    pub(crate) depth: DepthReport,
    #[serde(flatten)]
    pub(crate) threshold: ThresholdReport,
    #[serde(flatten)]
    pub(crate) shifts: ShiftsReport,
    /// How close to the exact map, as a share of its largest value, was enough.
    pub(crate) tolerance: f64,
    /// Most evaluations.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) budget: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) time_limit_s: Option<f64>,
    pub(crate) upstream: bool,
    pub(crate) engine: &'static str,
    pub(crate) device: String,
    pub(crate) threads: usize,
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DepthReport {
    MinSize(usize),
    Levels(usize),
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ThresholdReport {
    Threshold(f64),
    Percentile(f64),
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum ShiftsReport {
    Polar {
        radii_px: Vec<f64>,
        angles_rad: Vec<f64>,
    },
    /// Rows and columns.
    List { shifts_px: Vec<(i64, i64)> },
}

impl SettingsReport {
    pub(crate) fn of(session: &Session, method: &Method) -> Self {
        let settings = &method.settings;
        Self {
            windows_hu: session.reading().input.channels().to_string(),
            reading: session.reading().to_string(),
            label: session.labels().chosen(),
            label_name: session.labels().chosen_name().to_owned(),
            output: session.output(),
            depth: match settings.depth {
                Depth::Levels(levels) => DepthReport::Levels(levels),
                Depth::MinSize(size) => DepthReport::MinSize(size),
            },
            threshold: match settings.threshold {
                Threshold::Percentile(percentile) => ThresholdReport::Percentile(percentile),
                Threshold::Absolute(threshold) => ThresholdReport::Threshold(threshold),
            },
            shifts: match &method.shifts {
                Shifts::Polar { radii, angles } => ShiftsReport::Polar {
                    radii_px: radii.clone(),
                    angles_rad: angles.clone(),
                },
                Shifts::List(shifts) => ShiftsReport::List {
                    shifts_px: shifts
                        .iter()
                        .map(|shift| (shift.rows, shift.cols))
                        .collect(),
                },
            },
            tolerance: settings.stop.tolerance,
            budget: settings.stop.evaluations,
            time_limit_s: settings.stop.time.map(|time| time.as_secs_f64()),
            upstream: settings.convention == Convention::Upstream,
            engine: session.compute().engine().as_str(),
            device: session.compute().device_name(),
            threads: rayon::current_num_threads(),
        }
    }
}
