//! The JSON of a declaration.

use std::collections::BTreeMap;

use ct_preprocess::{Channel, Channels, Window, WindowFunction};
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_path_to_error::{Path, Segment};

use super::error::DeclarationError;
use super::partial::{Activation, LabelChoice, Layout, PartialDeclaration, Values};

/// What is written in place of a value that a person has to fill in begins like this.
pub(super) const MARKER: &str = "FILL IN";

/// The version of declarations that is read and written.
pub(super) const VERSION: u32 = 1;

/// Characters that an error shows of a value, and of anything else that a file holds.
const MAX_SHOWN: usize = 60;
const MAX_MESSAGE: usize = 200;

/// Fields that an error lists.
const MAX_FIELDS: usize = 10;

/// The JSON schema of declarations.
pub fn declaration_schema() -> Schema {
    let settings = SchemaSettings::draft2020_12();
    settings.into_generator().into_root_schema_for::<File>()
}

/// How the input of a network is made from a slice in Hounsfield units, and what its outputs mean: the
/// file `NAME.ich.json` beside `NAME.onnx`.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(title = "Declaration")]
#[serde(deny_unknown_fields)]
struct File {
    /// Version of this format: 1.
    ich_model: u32,
    /// SHA-256 of the file that this is about, in hexadecimal.
    sha256: Option<String>,
    #[serde(default)]
    input: Input,
    #[serde(default)]
    output: Output,
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Input {
    /// Order of the dimensions in the model; that of the file by default.
    layout: Option<Layout>,
    /// Rows and columns; those of the file by default.
    size: Option<[usize; 2]>,
    /// What each channel shows, or one for all.
    channels: Option<Vec<ChannelText>>,
    /// What 0 and 1 of a window become; 0 and 1 by default.
    range: Option<[f32; 2]>,
    /// Subtracted: one number for all channels, or one a channel; 0 by default.
    mean: Option<OneOrEach>,
    /// Then divided by: one number for all channels, or one a channel; 1 by default.
    std: Option<OneOrEach>,
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Output {
    /// What the numbers are; by default what the model ends with.
    values: Option<Values>,
    /// What makes probabilities of logits; by default what the model ends with.
    activation: Option<Activation>,
    /// Names of the outputs.
    labels: Option<Vec<String>>,
    /// The output that is explained, by name or index; the only one by default.
    explain: Option<LabelChoice>,
    /// By name or index: above which probability the answer is yes; 0.5 by default.
    thresholds: Option<BTreeMap<String, f32>>,
}

/// A window, which gives values from 0 to 1, or limits to which Hounsfield units are clipped.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ChannelText {
    window: Option<WindowText>,
    /// The lowest and the highest value.
    hounsfield: Option<[f32; 2]>,
    /// Of which slice: 0, the default, is the slice itself, 1 its neighbour nearer to the head, -1 that
    /// nearer to the feet.
    slice: Option<i32>,
}

/// A window's name, or its level and width in Hounsfield units.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "expected a window's name or [level, width]")]
enum WindowText {
    Named(String),
    LevelWidth([f32; 2]),
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "expected a number, or a list of one a channel")]
enum OneOrEach {
    One(f32),
    Each(Vec<f32>),
}

impl PartialDeclaration {
    /// Reads the text of a declaration.
    ///
    /// # Errors
    ///
    /// [`DeclarationError::Json`], [`DeclarationError::FillIn`], [`DeclarationError::Version`],
    /// [`DeclarationError::Type`] and [`DeclarationError::Input`]; each names the field.
    pub fn from_json(text: &str) -> Result<Self, DeclarationError> {
        let value: Value = serde_json::from_str(text).map_err(DeclarationError::Json)?;
        let mut fields = Vec::new();
        find_markers(&value, String::new(), &mut fields);
        if !fields.is_empty() {
            return Err(DeclarationError::FillIn { fields });
        }
        let file: File = typed(text, &value)?;
        if file.ich_model != VERSION {
            return Err(DeclarationError::Version {
                found: file.ich_model,
                expected: VERSION,
            });
        }
        let (input, output) = (file.input, file.output);
        Ok(Self {
            sha256: file.sha256,
            layout: input.layout,
            size: input.size,
            channels: input.channels.map(channels).transpose()?,
            range: input.range,
            mean: input.mean.map(OneOrEach::into_vec),
            std: input.std.map(OneOrEach::into_vec),
            values: output.values,
            activation: output.activation,
            labels: output.labels,
            explain: output.explain,
            thresholds: output.thresholds,
        })
    }
}

impl OneOrEach {
    fn into_vec(self) -> Vec<f32> {
        match self {
            Self::One(value) => vec![value],
            Self::Each(values) => values,
        }
    }
}

fn channels(texts: Vec<ChannelText>) -> Result<Channels, DeclarationError> {
    let error = |field: String| move |source| DeclarationError::Input { field, source };
    let mut channels = Vec::new();
    for (index, text) in texts.into_iter().enumerate().take(Channels::MAX + 1) {
        let field = format!("input.channels[{index}]");
        let channel = match (text.window, text.hounsfield) {
            (Some(WindowText::Named(name)), None) => Window::named(&name)
                .map(Channel::window)
                .map_err(error(field + ".window"))?,
            (Some(WindowText::LevelWidth([level, width])), None) => {
                Window::new(level, width, WindowFunction::Notebook)
                    .map(Channel::window)
                    .map_err(error(field + ".window"))?
            }
            (None, Some([low, high])) => {
                Channel::hounsfield(low, high).map_err(error(field + ".hounsfield"))?
            }
            (window, _) => {
                let found = match window {
                    Some(_) => "both a window and Hounsfield units",
                    None => "neither a window nor Hounsfield units",
                };
                return Err(DeclarationError::Value {
                    field,
                    found: found.to_owned(),
                    expected: "one of window and hounsfield".to_owned(),
                });
            }
        };
        let field = format!("input.channels[{index}].slice");
        let channel = channel.of_slice(text.slice.unwrap_or_default());
        channels.push(channel.map_err(error(field))?);
    }
    Channels::new(channels).map_err(error("input.channels".to_owned()))
}

/// The text as a type; `value` is the same text, of which errors show the part that does not fit.
pub(super) fn typed<T: DeserializeOwned>(text: &str, value: &Value) -> Result<T, DeclarationError> {
    let mut reader = serde_json::Deserializer::from_str(text);
    serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let found = at(value, error.path()).map(ToString::to_string);
        let field = match error.path().iter().next() {
            Some(_) => error.path().to_string(),
            None => "the text".to_owned(),
        };
        DeclarationError::Type {
            field: shortened(&field, MAX_MESSAGE),
            problem: shortened(&error.inner().to_string(), MAX_MESSAGE),
            found: shortened(found.as_deref().unwrap_or("nothing"), MAX_SHOWN),
        }
    })
}

fn at<'v>(value: &'v Value, path: &Path) -> Option<&'v Value> {
    path.iter().try_fold(value, |value, segment| match segment {
        Segment::Seq { index } => value.get(index),
        Segment::Map { key } => value.get(key),
        _ => None,
    })
}

/// A text without its middle, if it is long: an error ends with what is expected.
fn shortened(text: &str, max: usize) -> String {
    let n_chars = text.chars().count();
    if n_chars <= max {
        return text.to_owned();
    }
    let start: String = text.chars().take(max / 2).collect();
    let end: String = text.chars().skip(n_chars - max / 2).collect();
    format!("{start}...{end}")
}

/// Names of the fields that hold a marker.
fn find_markers(value: &Value, field: String, fields: &mut Vec<String>) {
    if fields.len() == MAX_FIELDS {
        return;
    }
    match value {
        Value::String(text) if text.starts_with(MARKER) => {
            fields.push(shortened(&field, MAX_MESSAGE))
        }
        Value::Array(values) => {
            for (index, value) in values.iter().enumerate() {
                find_markers(value, format!("{field}[{index}]"), fields);
            }
        }
        Value::Object(values) => {
            for (key, value) in values {
                let dot = if field.is_empty() { "" } else { "." };
                find_markers(value, format!("{field}{dot}{key}"), fields);
            }
        }
        _ => {}
    }
}
