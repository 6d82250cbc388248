use std::collections::BTreeSet;

use cnn_graph::End;

use super::error::DeclarationError;
use super::facts::ModelFacts;
use super::partial::{Activation, LabelChoice, Values};
use super::sources::Sources;

/// Above which probability the answer is yes, where nothing else is declared.
const DEFAULT_THRESHOLD: f32 = 0.5;

/// Bytes of a label.
const MAX_LABEL_BYTES: usize = 200;

/// What the outputs of a network mean.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Outputs {
    /// What makes probabilities of the logits of the graph; [`End::Logits`] where those are
    /// probabilities.
    pub end: End,
    /// A name of each output, if they have names.
    pub labels: Option<Vec<String>>,
    /// The output that is explained, if one is declared or there is only one.
    pub explain: Option<usize>,
    /// Of each output: above which probability the answer is yes.
    pub thresholds: Vec<f32>,
}

impl Outputs {
    /// The output that is explained.
    ///
    /// # Errors
    ///
    /// [`DeclarationError::Missing`] where there are several and none is declared.
    pub fn explained(&self) -> Result<usize, DeclarationError> {
        self.explain.ok_or_else(|| DeclarationError::Missing {
            field: "output.explain",
            expected: format!("the one to explain: {}", self.choices()),
        })
    }

    /// An output by its name or its index.
    ///
    /// # Errors
    ///
    /// [`DeclarationError::Value`], which lists the labels, for one that there is not.
    pub fn find(&self, choice: &LabelChoice) -> Result<usize, DeclarationError> {
        let found = choice.index(self.labels.as_deref(), self.thresholds.len());
        found.ok_or_else(|| DeclarationError::Value {
            field: "output.explain".to_owned(),
            found: choice.to_string(),
            expected: self.choices(),
        })
    }

    /// The name of an output, or its index where they have none.
    pub fn label(&self, index: usize) -> String {
        let name = self.labels.as_ref().and_then(|labels| labels.get(index));
        name.cloned().unwrap_or_else(|| index.to_string())
    }

    fn choices(&self) -> String {
        choices(self.labels.as_deref(), self.thresholds.len())
    }
}

fn choices(labels: Option<&[String]>, n_outputs: usize) -> String {
    match labels {
        Some(labels) => {
            let first: Vec<&str> = labels.iter().take(10).map(String::as_str).collect();
            let more = if labels.len() > 10 { ", ..." } else { "" };
            format!("{}{more}, or 0 to {}", first.join(", "), n_outputs - 1)
        }
        None => format!("0 to {}", n_outputs.saturating_sub(1)),
    }
}

/// What the sources declare of the outputs, checked.
pub(super) fn outputs(sources: &Sources, model: &ModelFacts) -> Result<Outputs, DeclarationError> {
    let labels = labels(sources, model.n_outputs)?;
    let explain = match sources.first(|declared| &declared.explain) {
        Some((source, choice)) => {
            let found = choice.index(labels.as_deref(), model.n_outputs);
            let index = found.ok_or_else(|| DeclarationError::Value {
                field: source.field("output.explain"),
                found: choice.to_string(),
                expected: choices(labels.as_deref(), model.n_outputs),
            })?;
            Some(index)
        }
        None => (model.n_outputs == 1).then_some(0),
    };
    Ok(Outputs {
        end: end(sources, model)?,
        explain,
        thresholds: thresholds(sources, labels.as_deref(), model.n_outputs)?,
        labels,
    })
}

/// What makes probabilities of the graph's logits.
fn end(sources: &Sources, model: &ModelFacts) -> Result<End, DeclarationError> {
    let values = sources.first(|declared| &declared.values);
    let activation = sources.first(|declared| &declared.activation);
    let own = match model.end {
        End::Logits => None,
        End::Sigmoid => Some(Activation::Sigmoid),
        End::Softmax => Some(Activation::Softmax),
    };
    if let (Some(own), Some((source, Values::Logits))) = (own, values) {
        return Err(DeclarationError::Contradiction {
            field: source.field("output.values"),
            declared: Values::Logits.as_str().to_owned(),
            network: format!("the model ends with a {}", own.as_str()),
            remedy: "declare probabilities",
        });
    }
    if let (Some(own), Some((source, &declared))) = (own, activation)
        && own != declared
    {
        return Err(DeclarationError::Contradiction {
            field: source.field("output.activation"),
            declared: declared.as_str().to_owned(),
            network: format!("the model ends with a {}", own.as_str()),
            remedy: "leave it out",
        });
    }
    let are_probabilities = matches!(values, Some((_, Values::Probabilities)));
    let end = match (model.end, activation) {
        (End::Logits, Some((source, &declared)))
            if are_probabilities != (declared == Activation::None) =>
        {
            let remedy = match are_probabilities {
                true => {
                    "declare logits to have it computed, or none where the numbers are probabilities"
                }
                false => "declare sigmoid or softmax, or probabilities where the numbers are some",
            };
            return Err(DeclarationError::Contradiction {
                field: source.field("output.activation"),
                declared: declared.as_str().to_owned(),
                network: match are_probabilities {
                    true => "output.values says probabilities".to_owned(),
                    false => "output.values says logits, and so does the model".to_owned(),
                },
                remedy,
            });
        }
        (End::Logits, Some((_, Activation::Sigmoid))) => End::Sigmoid,
        (End::Logits, Some((_, Activation::Softmax))) => End::Softmax,
        (End::Logits, None) if !are_probabilities => {
            return Err(DeclarationError::Missing {
                field: "output.activation",
                expected: "sigmoid or softmax, as the model ends with logits".to_owned(),
            });
        }
        (end, _) => end,
    };
    match (end, model.n_outputs, activation) {
        (End::Softmax, 1, Some((source, _))) => Err(DeclarationError::Contradiction {
            field: source.field("output.activation"),
            declared: Activation::Softmax.as_str().to_owned(),
            network: "the model has one output, of which softmax always makes 1".to_owned(),
            remedy: "declare sigmoid",
        }),
        _ => Ok(end),
    }
}

fn labels(sources: &Sources, n_outputs: usize) -> Result<Option<Vec<String>>, DeclarationError> {
    let Some((source, labels)) = sources.first(|declared| &declared.labels) else {
        return Ok(None);
    };
    let error = |found: String, expected: String| DeclarationError::Value {
        field: source.field("output.labels"),
        found,
        expected,
    };
    if labels.len() != n_outputs {
        return Err(error(
            format!("{} names", labels.len()),
            format!("{n_outputs}, one an output of the model"),
        ));
    }
    let is_name = |label: &String| {
        !label.trim().is_empty()
            && label.len() <= MAX_LABEL_BYTES
            && !label.contains(char::is_control)
    };
    if let Some(index) = labels.iter().position(|label| !is_name(label)) {
        return Err(error(
            format!("{:?} at {index}", cut(&labels[index])),
            format!("a name of at most {MAX_LABEL_BYTES} bytes without control characters"),
        ));
    }
    let mut seen = BTreeSet::new();
    if let Some(twice) = labels.iter().find(|label| !seen.insert(*label)) {
        return Err(error(
            format!("{twice:?} twice"),
            "different names".to_owned(),
        ));
    }
    Ok(Some(labels.clone()))
}

fn thresholds(
    sources: &Sources,
    labels: Option<&[String]>,
    n_outputs: usize,
) -> Result<Vec<f32>, DeclarationError> {
    let mut thresholds = vec![DEFAULT_THRESHOLD; n_outputs];
    let Some((source, declared)) = sources.first(|declared| &declared.thresholds) else {
        return Ok(thresholds);
    };
    let error = |found: String, expected: String| DeclarationError::Value {
        field: source.field("output.thresholds"),
        found,
        expected,
    };
    for (name, &threshold) in declared {
        let index = LabelChoice::Name(name.clone()).index(labels, n_outputs);
        let index = index.ok_or_else(|| error(cut(name), choices(labels, n_outputs)))?;
        if !(0.0..=1.0).contains(&threshold) {
            let found = format!("{threshold} of {}", cut(name));
            return Err(error(found, "a probability from 0 to 1".to_owned()));
        }
        thresholds[index] = threshold;
    }
    Ok(thresholds)
}

/// The beginning of a text.
fn cut(text: &str) -> String {
    text.chars().take(60).collect()
}
