use ct_labels::BoundingBox;

use crate::{GreySlice, Heat};

/// One slice of a figure.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct FigureSlice<'a> {
    /// The slice.
    pub grey: GreySlice<'a>,
    /// What is drawn of its map, of the same size; without one there is no explanation panel.
    pub heat: Option<Heat<'a>>,
    /// Ground truth, outlined on both panels.
    pub boxes: &'a [BoundingBox],
    /// Title of the prediction panel, such as `Probability 0.9995, prediction 1`.
    pub title: &'a str,
    /// Name of the slice, in small print above the title.
    pub caption: Option<&'a str>,
    /// What a reader of the explanation must know, below its title, such as
    /// `Prediction 0: largest score 0.0008, scale not below 0.1`.
    pub note: Option<&'a str>,
}

impl<'a> FigureSlice<'a> {
    /// A slice and the title of its prediction panel, with nothing else.
    #[must_use]
    pub fn new(grey: GreySlice<'a>, title: &'a str) -> FigureSlice<'a> {
        FigureSlice {
            grey,
            heat: None,
            boxes: &[],
            title,
            caption: None,
            note: None,
        }
    }

    /// With an explanation panel.
    #[must_use]
    pub fn with_heat(self, heat: Heat<'a>) -> FigureSlice<'a> {
        FigureSlice {
            heat: Some(heat),
            ..self
        }
    }

    /// With outlines of the ground truth.
    #[must_use]
    pub fn with_boxes(self, boxes: &'a [BoundingBox]) -> FigureSlice<'a> {
        FigureSlice { boxes, ..self }
    }

    /// With the name of the slice.
    #[must_use]
    pub fn with_caption(self, caption: &'a str) -> FigureSlice<'a> {
        FigureSlice {
            caption: Some(caption),
            ..self
        }
    }

    /// With a note to the explanation.
    #[must_use]
    pub fn with_note(self, note: &'a str) -> FigureSlice<'a> {
        FigureSlice {
            note: Some(note),
            ..self
        }
    }
}
