use std::fmt::{Display, Formatter};

use serde::Serialize;

/// The tables of predictions that are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PredictionFormat {
    /// `id,probability`: one row a slice.
    Plain,
    /// `ID,Label`: a submission to the RSNA 2019 challenge, up to six rows a slice.
    Rsna,
    /// `ID,any,epidural,...`: one row a slice, a column a subtype.
    Wide,
    /// A JSON object a line.
    JsonLines,
}

/// What a row is for.
impl Display for PredictionFormat {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            PredictionFormat::Plain => "each slice",
            PredictionFormat::Rsna => "each slice and subtype",
            PredictionFormat::Wide => "each slice, with a column for each subtype",
            PredictionFormat::JsonLines => "each slice, in JSON Lines",
        })
    }
}
