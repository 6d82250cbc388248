use ct_labels::BoundingBox;

use crate::{GreySlice, Heat, Region};

/// One slice of a report.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct ReportSlice<'a> {
    /// Name of the slice, in the table and in links.
    pub id: &'a str,
    /// Where it comes from, such as a file name.
    pub source: &'a str,
    /// Probability of the class, from 0 to 1.
    pub probability: f32,
    /// The class: 1 stands out in the table.
    pub prediction: u8,
    /// The slice as `(name, image)`, one for each grey window; all of one size, the first one shown first.
    pub windows: &'a [(&'a str, GreySlice<'a>)],
    /// What is drawn of its map, of the same size; the reader may hide what speaks against.
    pub heat: Option<Heat<'a>>,
    /// What a reader of the explanation must know, beside the picture, such as
    /// `Prediction 0: largest score 0.0008, scale not below 0.1`.
    pub note: Option<&'a str>,
    /// Ground truth.
    pub boxes: &'a [BoundingBox],
    /// The cells of the explanation in any order. The page lists the 40 with the largest scores in
    /// magnitude, and says how many more there are.
    pub regions: &'a [Region<'a>],
    /// What else is known, as `(name, value)`: each name is a column of the table.
    pub facts: &'a [(&'a str, &'a str)],
}

impl<'a> ReportSlice<'a> {
    /// A slice by its name, where it comes from, its probability, its class and its grey windows, with nothing
    /// else.
    #[must_use]
    pub fn new(
        id: &'a str,
        source: &'a str,
        probability: f32,
        prediction: u8,
        windows: &'a [(&'a str, GreySlice<'a>)],
    ) -> ReportSlice<'a> {
        ReportSlice {
            id,
            source,
            probability,
            prediction,
            windows,
            heat: None,
            note: None,
            boxes: &[],
            regions: &[],
            facts: &[],
        }
    }

    /// With its map.
    #[must_use]
    pub fn with_heat(self, heat: Heat<'a>) -> ReportSlice<'a> {
        ReportSlice {
            heat: Some(heat),
            ..self
        }
    }

    /// With a note to the explanation.
    #[must_use]
    pub fn with_note(self, note: &'a str) -> ReportSlice<'a> {
        ReportSlice {
            note: Some(note),
            ..self
        }
    }

    /// With ground truth.
    #[must_use]
    pub fn with_boxes(self, boxes: &'a [BoundingBox]) -> ReportSlice<'a> {
        ReportSlice { boxes, ..self }
    }

    /// With the cells of the explanation.
    #[must_use]
    pub fn with_regions(self, regions: &'a [Region<'a>]) -> ReportSlice<'a> {
        ReportSlice { regions, ..self }
    }

    /// With what else is known.
    #[must_use]
    pub fn with_facts(self, facts: &'a [(&'a str, &'a str)]) -> ReportSlice<'a> {
        ReportSlice { facts, ..self }
    }
}
