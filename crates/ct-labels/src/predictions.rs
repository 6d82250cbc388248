use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

use crate::text;
use crate::{Error, PredictionFormat, Reading, Subtype, json_lines, prediction_table};

/// Probabilities of a hemorrhage, by slice.
///
/// | header or key | row | probability |
/// | --- | --- | --- |
/// | a name, `probability_any` and other subtypes | `scans/ID_12cadc6af.dcm,0.97,0.01,...` | of any hemorrhage and of subtypes |
/// | a name and `probability` | `scans/ID_12cadc6af.dcm,0.97` | of any hemorrhage |
/// | `ID,Label` | `ID_12cadc6af_subdural,0.93` | of the subtype; each slice needs a row `any` |
/// | a name, `any` and other subtypes | `ID_12cadc6af,0.97,0.01,...` | of any hemorrhage and of subtypes |
/// | a name and `probability` in JSON Lines | `{"id": "a", "probability": 0.97}` | of any hemorrhage |
/// | a name and `probabilities` in JSON Lines | `{"id": "a", "probabilities": {"any": 0.97, ...}}` | of any hemorrhage and of subtypes |
///
/// A column or key `label` says what `probability` is of. The name of a subtype other than `any` there is an
/// error, for these probabilities would be judged as those of any hemorrhage.
///
/// The first format that fits is taken; other columns and keys are ignored. JSON Lines begin with `{`. A name
/// is `SOPInstanceUID`, `sop_instance_uid`, `id` or `file`, or several of them. A table that has none of these
/// may have `ID`, `Image`, `image` or `filename`. A quote that keeps a spreadsheet from running a name is
/// taken away ([`unguard`](crate::spreadsheet::unguard)).
///
/// Separators, limits and line ends are those of [`Labels`](crate::Labels); a row may be repeated, but not
/// contradicted. Where cells are separated by semicolons or tabs, `0,5` is 0.5. An empty cell or `null` is no
/// prediction: such slices are in [`without_probability`](Self::without_probability). NaN is an error.
///
/// A prediction belongs to the label that has one of its names. If there is none, it belongs to a label
/// whose name, extensions and RSNA's prefix `ID_` aside, is the end of one of its paths: `scans/p1/ID_0a.dcm`
/// to `ID_0a`, `ID_0a.png`, `0a`, `p1/ID_0a`. What follows the last dot of `1.2.840.17` is no extension but
/// a number.
#[derive(Debug, Clone)]
pub struct Predictions {
    /// The slices by their names, each with its place in `probabilities`.
    slices: BTreeMap<Vec<String>, usize>,
    /// By subtype, then by slice. A list ends with the last slice of which the table speaks.
    probabilities: [Vec<Option<f64>>; 6],
    reading: Reading<PredictionFormat>,
}

impl Predictions {
    /// Reads predictions from a file.
    ///
    /// # Errors
    ///
    /// [`Error::InFile`] around [`Error::NotAFile`], [`Error::Io`] or an error of
    /// [`from_reader`](Self::from_reader).
    pub fn read(path: impl AsRef<Path>) -> Result<Predictions, Error> {
        text::from_file(path.as_ref(), Predictions::from_reader)
    }

    /// Reads predictions.
    ///
    /// # Errors
    ///
    /// One error for each way of being malformed, with the line: [`Error::Io`], [`Error::TooLarge`],
    /// [`Error::TooManyRows`], [`Error::NotUtf8`], [`Error::NoRows`], [`Error::LineBreak`],
    /// [`Error::Header`], [`Error::DuplicateColumn`], [`Error::FieldCount`], [`Error::Field`],
    /// [`Error::Json`], [`Error::MissingKey`], [`Error::Contradiction`], [`Error::NoAny`] and
    /// [`Error::NoProbability`].
    pub fn from_reader(reader: impl Read) -> Result<Predictions, Error> {
        let text = text::read(reader)?;
        let (probabilities, reading) = if text.trim_start().starts_with('{') {
            json_lines::read(&text)?
        } else {
            prediction_table::read(&text)?
        };
        let (slices, probabilities) = probabilities.collect()?;
        Ok(Predictions {
            slices,
            probabilities,
            reading,
        })
    }

    /// The predictions of any hemorrhage, each with its names, sorted by them.
    pub fn iter(&self) -> impl Iterator<Item = (&[String], f64)> {
        self.of(Subtype::Any)
    }

    /// The predictions of a subtype, each with its names, sorted by them.
    pub fn of(&self, subtype: Subtype) -> impl Iterator<Item = (&[String], f64)> {
        let slices = self.slices();
        slices.filter_map(move |(names, at)| Some((names, self.probability(subtype, at)?)))
    }

    /// The names of the slices whose probability of any hemorrhage is empty, sorted by them.
    pub fn without_probability(&self) -> impl Iterator<Item = &[String]> {
        let slices = self.slices();
        slices.filter_map(|(names, at)| match self.probability(Subtype::Any, at) {
            None => Some(names),
            Some(_) => None,
        })
    }

    /// Number of predictions of any hemorrhage.
    #[must_use]
    pub fn n_predictions(&self) -> usize {
        self.iter().count()
    }

    /// How the table was read.
    #[must_use]
    pub fn reading(&self) -> &Reading<PredictionFormat> {
        &self.reading
    }

    /// All slices by their names, with their places.
    pub(crate) fn slices(&self) -> impl Iterator<Item = (&[String], usize)> {
        self.slices
            .iter()
            .map(|(names, &at)| (names.as_slice(), at))
    }

    /// The probability of a subtype in the slice at this place.
    pub(crate) fn probability(&self, subtype: Subtype, at: usize) -> Option<f64> {
        let probabilities = &self.probabilities[subtype as usize];
        probabilities.get(at).copied().flatten()
    }

    /// Whether the table has a row or a column of the subtype.
    pub(crate) fn speak_of(&self, subtype: Subtype) -> bool {
        !self.probabilities[subtype as usize].is_empty()
    }
}
