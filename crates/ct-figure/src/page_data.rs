use ct_labels::BoundingBox;
use serde::Serialize;

use crate::colormap::Ramps;
use crate::levels::{Levels, N_LEVELS};
use crate::region::Region;
use crate::{Limits, ReportHead};

/// What the scripts need to colour every slice.
#[derive(Serialize)]
pub(crate) struct Settings<'a> {
    pub(crate) legend: &'a str,
    /// The rule of the scale in words.
    pub(crate) rule: String,
    pub(crate) at_least: f32,
    /// None where the scale is found from the slices.
    pub(crate) fixed: Option<f32>,
    pub(crate) ramps: Ramps,
    pub(crate) n_levels: u16,
}

impl<'a> Settings<'a> {
    pub(crate) fn new(head: &ReportHead<'a>) -> Settings<'a> {
        let (at_least, fixed) = match head.limits {
            Limits::Drawn { at_least } => (at_least, None),
            Limits::Fixed(scale) => (0.0, Some(scale)),
        };
        Settings {
            legend: head.legend,
            rule: head.limits.to_string(),
            at_least,
            fixed,
            ramps: head.colormap.ramps(),
            n_levels: N_LEVELS,
        }
    }
}

/// A slice as the table needs it.
#[derive(Serialize)]
pub(crate) struct SliceData<'a> {
    pub(crate) id: &'a str,
    pub(crate) source: &'a str,
    pub(crate) probability: f32,
    pub(crate) probability_text: String,
    pub(crate) prediction: u8,
    pub(crate) note: Option<&'a str>,
    pub(crate) dims: (usize, usize),
    /// The largest magnitude drawn.
    pub(crate) largest: Option<f32>,
    /// Whether anything below 0 can be drawn.
    pub(crate) signed: bool,
    /// JSON has no number for NaN and infinity: they are `null`, which is not drawn.
    pub(crate) boxes: &'a [BoundingBox],
    pub(crate) regions: Vec<Region<'a>>,
    pub(crate) more_regions: usize,
    pub(crate) facts: &'a [(&'a str, &'a str)],
}

/// The images of a slice, apart from the rest so that a browser reads them only when they are shown.
#[derive(Serialize)]
pub(crate) struct ImageData<'a> {
    pub(crate) windows: Vec<(&'a str, String)>,
    pub(crate) map: Option<Levels>,
    pub(crate) against: Option<Levels>,
}

#[derive(Serialize)]
pub(crate) struct FailureData<'a> {
    pub(crate) id: &'a str,
    pub(crate) source: &'a str,
    pub(crate) error: &'a str,
}
