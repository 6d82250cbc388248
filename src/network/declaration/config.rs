//! What configurations of other programs say of a network. None of them can say what a channel shows
//! of a slice in Hounsfield units.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

use super::error::DeclarationError;
use super::file::read_text;
use super::json::typed;
use super::partial::{Activation, PartialDeclaration};

/// `config.json` of timm: <https://huggingface.co/docs/timm/models>, `pretrained_cfg` of a model that
/// was saved with `timm.models.save_for_hf`.
#[derive(Debug, Deserialize)]
struct Timm {
    pretrained_cfg: PretrainedCfg,
    label_names: Option<Vec<String>>,
}

#[derive(Debug, Deserialize)]
struct PretrainedCfg {
    /// Channels, rows, columns.
    input_size: Option<[usize; 3]>,
    mean: Option<Vec<f32>>,
    std: Option<Vec<f32>>,
}

/// `preprocessor_config.json` of transformers: the fields of its image processors.
#[derive(Debug, Deserialize)]
struct Processor {
    do_resize: Option<bool>,
    size: Option<Side>,
    do_center_crop: Option<bool>,
    crop_size: Option<Side>,
    do_rescale: Option<bool>,
    rescale_factor: Option<f32>,
    do_normalize: Option<bool>,
    image_mean: Option<Vec<f32>>,
    image_std: Option<Vec<f32>>,
}

#[derive(Debug, Deserialize)]
#[serde(
    untagged,
    expecting = "expected a number, {\"height\", \"width\"} or {\"shortest_edge\"}"
)]
enum Side {
    Square(usize),
    Both { height: usize, width: usize },
    Shortest { shortest_edge: usize },
}

/// `config.json` of transformers.
#[derive(Debug, Deserialize)]
struct Transformers {
    id2label: Option<BTreeMap<usize, String>>,
    problem_type: Option<String>,
}

/// Largest value of a pixel in photographs, for which these configurations are.
const MAX_PIXEL: f32 = 255.0;

impl PartialDeclaration {
    /// Reads what a `config.json` of timm, or a `config.json` or `preprocessor_config.json` of Hugging
    /// Face's transformers says: size, range, mean and standard deviation, names of the outputs and
    /// their activation. Fields that say nothing of these are passed over.
    ///
    /// # Errors
    ///
    /// [`DeclarationError::Config`] for another file, [`DeclarationError::Json`] and
    /// [`DeclarationError::Type`]; each names the file.
    pub fn read_config(path: impl AsRef<Path>) -> Result<Self, DeclarationError> {
        let path = path.as_ref();
        read_text(path)
            .and_then(|text| of_config(&text))
            .map_err(|error| error.at(path.display()))
    }
}

fn of_config(text: &str) -> Result<PartialDeclaration, DeclarationError> {
    let value: Value = serde_json::from_str(text).map_err(DeclarationError::Json)?;
    let has = |names: &[&str]| names.iter().any(|name| value.get(name).is_some());
    if has(&["pretrained_cfg"]) {
        typed(text, &value).map(Timm::into_declaration)
    } else if has(&[
        "image_mean",
        "image_processor_type",
        "feature_extractor_type",
    ]) {
        typed(text, &value).map(Processor::into_declaration)
    } else if has(&["id2label", "model_type"]) {
        typed(text, &value).map(Transformers::into_declaration)
    } else {
        Err(DeclarationError::Config)
    }
}

impl Timm {
    fn into_declaration(self) -> PartialDeclaration {
        let config = self.pretrained_cfg;
        PartialDeclaration {
            size: config.input_size.map(|[_, rows, cols]| [rows, cols]),
            // Its pixels are divided by 255 first.
            range: config.mean.is_some().then_some([0.0, 1.0]),
            mean: config.mean,
            std: config.std,
            labels: self.label_names,
            ..PartialDeclaration::default()
        }
    }
}

impl Processor {
    fn into_declaration(self) -> PartialDeclaration {
        let is_off = |step: Option<bool>| step == Some(false);
        let size = match (self.do_center_crop, self.crop_size) {
            (Some(true), Some(size)) => Some(size),
            _ if is_off(self.do_resize) => None,
            _ => self.size,
        };
        let factor = match is_off(self.do_rescale) {
            true => 1.0,
            false => self.rescale_factor.unwrap_or(1.0 / MAX_PIXEL),
        };
        // The factor is written with few digits: 0.00392156862745098.
        let high = factor * MAX_PIXEL;
        let high = if (high - 1.0).abs() < 1e-5 { 1.0 } else { high };
        let [mean, std] = [self.image_mean, self.image_std].map(|values| match self.do_normalize {
            Some(false) => None,
            _ => values,
        });
        PartialDeclaration {
            size: size.map(Side::rows_and_cols),
            range: Some([0.0, high]),
            mean,
            std,
            ..PartialDeclaration::default()
        }
    }
}

impl Side {
    fn rows_and_cols(self) -> [usize; 2] {
        match self {
            Self::Square(side) => [side, side],
            Self::Both { height, width } => [height, width],
            Self::Shortest { shortest_edge } => [shortest_edge, shortest_edge],
        }
    }
}

impl Transformers {
    fn into_declaration(self) -> PartialDeclaration {
        let labels = self.id2label.and_then(|names| {
            let is_whole = names.keys().copied().eq(0..names.len());
            // Names that transformers gives where there are none.
            let is_named = names
                .iter()
                .any(|(id, name)| *name != format!("LABEL_{id}"));
            (is_whole && is_named).then(|| names.into_values().collect())
        });
        PartialDeclaration {
            labels,
            activation: match self.problem_type.as_deref() {
                Some("multi_label_classification") => Some(Activation::Sigmoid),
                Some("single_label_classification") => Some(Activation::Softmax),
                _ => None,
            },
            ..PartialDeclaration::default()
        }
    }
}
