//! Tables of labels and boxes of CT slices, and how well predictions agree with them.
//!
//! - [`Labels`] reads what experts found: the RSNA 2019 labels, in long form or wide, boxes as in BHX, or plain
//!   `id,label`.
//! - [`GroundTruth`] reads where the boxes of BHX are, each a [`BoundingBox`].
//! - [`Predictions`] reads probabilities by slice, from CSV, JSON Lines or a submission to RSNA's challenge.
//! - [`judge`] brings the two together, by the names of the slices, in a [`Summary`]: a table to print, or
//!   JSON.
//!
//! Statistics can be had one by one from [`Cases`]: [`roc_auc`] with its DeLong interval, [`roc_curve`],
//! [`youden_threshold`], [`OperatingPoint`], [`average_precision`], [`brier_score`] and [`calibration`].
//! Intervals are of 95 %, for independent cases; slices of one patient are not independent, so theirs are
//! too narrow. What has no value has a reason instead ([`Undefined`]), never NaN.
//!
//! A case is called positive at or above a threshold. A program that asks for more than the threshold
//! differs from this where a probability is equal to it.
//!
//! Probabilities are from 0 to 1. Boxes are in pixels of their slice: `x` in a table is a column, counted from
//! the left, and `y` a row, counted from the top.
//!
//! The crate knows no image and no network. It does not judge where a box is, does not gather slices
//! into scans or patients, does not compare two classifiers and writes no file. For research use only: the
//! numbers say how a classifier did on some cases, not whether it is fit for patients.
//!
//! ```
//! use ct_labels::{Labels, Predictions};
//!
//! let labels = Labels::from_reader(&b"\
//! ID,Label
//! ID_0a_any,1
//! ID_0a_subdural,1
//! ID_0b_any,1
//! ID_0b_epidural,1
//! ID_0c_any,0
//! ID_0d_any,0
//! "[..])?;
//!
//! let predictions = Predictions::from_reader(&br#"
//! {"file": "scans/ID_0a.dcm", "probability": 0.9, "prediction": 1}
//! {"file": "scans/ID_0b.dcm", "probability": 0.3, "prediction": 0}
//! {"file": "scans/ID_0c.dcm", "probability": 0.4, "prediction": 0}
//! {"file": "scans/ID_0d.dcm", "probability": 0.1, "prediction": 0}
//! {"file": "scans/ID_0e.dcm", "probability": 0.2, "prediction": 0}
//! "#[..])?;
//!
//! let summary = ct_labels::judge(&labels, &predictions, 0.5)?;
//! assert_eq!(summary.n_cases, 4);
//! assert_eq!(summary.without_label.first, ["scans/ID_0e.dcm"]);
//!
//! // Three of the four pairs of a positive and a negative are in order.
//! assert_eq!(summary.auc?.estimate, 0.75);
//! assert_eq!(summary.at_threshold.sensitivity?.estimate, 0.5);
//! println!("{summary}");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test fails by panicking"))]

mod error;
mod path;
mod reading;
pub mod spreadsheet;
mod table;
mod text;

mod bounding_box;
mod boxes;
mod ground_truth;
mod labels;
mod plain;
mod rectangle;
mod rsna;
mod subtype;

mod json_lines;
mod prediction_format;
mod prediction_table;
mod predictions;
mod probabilities;

mod calibration;
mod cases;
mod interval;
mod operating_point;
mod roc;
mod undefined;

mod judge;
mod notes;
mod report;
mod summary;

pub use bounding_box::BoundingBox;
pub use calibration::{CalibrationBin, brier_score, calibration};
pub use cases::Cases;
pub use error::Error;
pub use ground_truth::{GroundTruth, SkippedRow};
pub use interval::{Interval, Proportion};
pub use judge::judge;
pub use labels::{LabelFormat, Labels};
pub use operating_point::OperatingPoint;
pub use path::without_extension;
pub use prediction_format::PredictionFormat;
pub use predictions::Predictions;
pub use reading::{Reading, Separator};
pub use roc::{Auc, RocPoint, average_precision, roc_auc, roc_curve, youden_threshold};
pub use subtype::{Label, Subtype};
pub use summary::{JudgedBy, SubtypeSummary, Summary, Unmatched, Youden};
pub use undefined::Undefined;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeExamples;
