use ct_preprocess::{NetworkGrid, NetworkInput};

use super::error::DeclarationError;
use super::facts::ModelFacts;
use super::outputs::{Outputs, outputs};
use super::partial::Layout;
use super::source::{Provenance, Source};
use super::sources::Sources;
use super::template::template;

/// Longest side of what a network sees.
const MAX_SIDE: usize = 2048;

/// How the input of a network is made, and what its outputs mean: all that a model's file does not say.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Declaration {
    /// How the input is made.
    pub input: NetworkInput,
    /// The grid that it is made on.
    pub grid: NetworkGrid,
    /// What the outputs mean.
    pub outputs: Outputs,
    /// Where all this comes from.
    pub provenance: Provenance,
}

impl Sources {
    /// How many rows and columns the network sees, as declared or as the model says.
    ///
    /// # Errors
    ///
    /// [`DeclarationError::Missing`] where neither says it, [`DeclarationError::Value`] for a size that
    /// is no square or too large, and [`DeclarationError::Contradiction`] with the model.
    pub fn side(&self, input: &cnn_onnx::Input) -> Result<usize, DeclarationError> {
        let field = "input.size";
        let fixed = [input.rows, input.cols];
        let Some((source, &size)) = self.first(|declared| &declared.size) else {
            return match fixed {
                [Some(rows), Some(cols)] => check_side([rows, cols], || format!("model: {field}")),
                _ => Err(DeclarationError::Missing {
                    field,
                    expected: "[rows, cols], which the model leaves open".to_owned(),
                }),
            };
        };
        let place = || source.field(field);
        let side = check_side(size, place)?;
        let fits = |fixed: Option<usize>| fixed.is_none_or(|fixed| fixed == side);
        if fixed.into_iter().all(fits) {
            return Ok(side);
        }
        let number = |side: Option<usize>| side.map_or("?".to_owned(), |side| side.to_string());
        Err(DeclarationError::Contradiction {
            field: place(),
            declared: format!("{side} x {side}"),
            network: format!(
                "the model takes {} x {}",
                number(fixed[0]),
                number(fixed[1])
            ),
            remedy: "leave it out, or export the model with open sizes",
        })
    }

    /// The declaration of a model, if it is complete and agrees with what the model says.
    ///
    /// # Errors
    ///
    /// [`DeclarationError::Undeclared`], with a template, where no source says what the channels show.
    /// Else [`DeclarationError::Missing`], [`DeclarationError::Value`], [`DeclarationError::Input`],
    /// [`DeclarationError::Contradiction`] and [`DeclarationError::Sha256`], which name the field and
    /// the source.
    pub fn resolve(&self, model: &ModelFacts) -> Result<Declaration, DeclarationError> {
        self.check_sha256(model)?;
        self.check_layout(model)?;
        let Some((of_channels, channels)) = self.first(|declared| &declared.channels) else {
            let template = template(model);
            return Err(DeclarationError::Undeclared { template });
        };
        let side = self.side(&model.input)?;
        let fault = |source: &Source, field| {
            let field = source.field(field);
            move |source| DeclarationError::Input { field, source }
        };
        let mut input = NetworkInput::new(model.input.channels, channels)
            .map_err(fault(of_channels, "input.channels"))?;
        let range = self.first_of_normalisation(|declared| &declared.range);
        let mean = self.first_of_normalisation(|declared| &declared.mean);
        let std = self.first_of_normalisation(|declared| &declared.std);
        if let Some((source, &[low, high])) = range {
            input = input
                .with_range(low, high)
                .map_err(fault(source, "input.range"))?;
        }
        if let Some((source, mean)) = mean {
            input = input
                .with_normalisation(mean, &[1.0])
                .map_err(fault(source, "input.mean"))?;
        }
        if let Some((source, std)) = std {
            let mean = mean.map_or(&[0.0][..], |(_, mean)| mean);
            input = input
                .with_normalisation(mean, std)
                .map_err(fault(source, "input.std"))?;
        }
        let normalisation = [
            range.map(|(source, _)| source),
            mean.map(|(source, _)| source),
            std.map(|(source, _)| source),
        ];
        let provenance = Provenance {
            channels: of_channels.to_string(),
            size: from(
                [self
                    .first(|declared| &declared.size)
                    .map(|(source, _)| source)],
                "the model",
            ),
            normalisation: from(normalisation, "default"),
            activation: from(
                [
                    self.first(|declared| &declared.values)
                        .map(|(source, _)| source),
                    self.first(|declared| &declared.activation)
                        .map(|(source, _)| source),
                ],
                "the model",
            ),
            labels: from(
                [self
                    .first(|declared| &declared.labels)
                    .map(|(source, _)| source)],
                "none",
            ),
            explain: from(
                [self
                    .first(|declared| &declared.explain)
                    .map(|(source, _)| source)],
                if model.n_outputs == 1 {
                    "the only one"
                } else {
                    "none"
                },
            ),
            thresholds: from(
                [self
                    .first(|declared| &declared.thresholds)
                    .map(|(source, _)| source)],
                "default",
            ),
        };
        Ok(Declaration {
            input,
            grid: NetworkGrid {
                side,
                ..NetworkGrid::HEAD_CT
            },
            outputs: outputs(self, model)?,
            provenance,
        })
    }

    /// Every source that names a file must mean this one, also one that says nothing that counts.
    fn check_sha256(&self, model: &ModelFacts) -> Result<(), DeclarationError> {
        for (source, declared) in self.iter() {
            let Some(sha256) = &declared.sha256 else {
                continue;
            };
            let field = || source.field("sha256");
            if sha256.len() != 64 || !sha256.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                return Err(DeclarationError::Value {
                    field: field(),
                    found: format!("{} characters", sha256.chars().count()),
                    expected: "64 hexadecimal digits".to_owned(),
                });
            }
            if !sha256.eq_ignore_ascii_case(&model.sha256) {
                return Err(DeclarationError::Sha256 {
                    field: field(),
                    declared: sha256.clone(),
                    found: model.sha256.clone(),
                });
            }
        }
        Ok(())
    }

    fn check_layout(&self, model: &ModelFacts) -> Result<(), DeclarationError> {
        let found = match model.input.layout {
            cnn_onnx::Layout::Nchw => Layout::Nchw,
            cnn_onnx::Layout::Nhwc => Layout::Nhwc,
        };
        match self.first(|declared| &declared.layout) {
            Some((source, &layout)) if layout != found => Err(DeclarationError::Contradiction {
                field: source.field("input.layout"),
                declared: format!("{layout:?}").to_uppercase(),
                network: format!("the model takes {}", format!("{found:?}").to_uppercase()),
                remedy: "leave it out",
            }),
            _ => Ok(()),
        }
    }
}

fn check_side(
    [rows, cols]: [usize; 2],
    field: impl Fn() -> String,
) -> Result<usize, DeclarationError> {
    match rows == cols && (1..=MAX_SIDE).contains(&rows) {
        true => Ok(rows),
        false => Err(DeclarationError::Value {
            field: field(),
            found: format!("{rows} x {cols}"),
            expected: format!("a square of at most {MAX_SIDE} pixels on a side"),
        }),
    }
}

/// The sources of a part, each once.
fn from<const N: usize>(sources: [Option<&Source>; N], otherwise: &str) -> String {
    let mut names: Vec<String> = Vec::new();
    for source in sources.into_iter().flatten() {
        let name = source.to_string();
        if !names.contains(&name) {
            names.push(name);
        }
    }
    match names.is_empty() {
        true => otherwise.to_owned(),
        false => names.join(", "),
    }
}
