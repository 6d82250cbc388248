use std::fmt;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::Serialize;

/// Where a declaration, or a part of one, comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Source {
    /// Options of the command.
    Flags,
    /// A file beside the model.
    Sidecar(PathBuf),
    /// Text in the model.
    Metadata,
    /// A configuration of another program.
    Config(PathBuf),
    /// What is known of this network.
    Network(&'static str),
}

/// The options that stand for fields.
const FLAGS: [(&str, &str); 8] = [
    ("input.channels", "--windows"),
    ("input.size", "--size"),
    ("input.range", "--range"),
    ("input.mean", "--mean"),
    ("input.std", "--std"),
    ("output.activation", "--activation"),
    ("output.labels", "--labels"),
    ("output.explain", "--label"),
];

impl Source {
    /// A field as errors name it.
    pub(super) fn field(&self, field: &str) -> String {
        let flag = FLAGS.iter().find(|(name, _)| *name == field);
        match (self, flag) {
            (Self::Flags, Some((_, flag))) => (*flag).to_owned(),
            _ => format!("{self}: {field}"),
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flags => f.write_str("options"),
            Self::Sidecar(path) | Self::Config(path) => path.display().fmt(f),
            Self::Metadata => f.write_str("the model's metadata"),
            Self::Network(name) => f.write_str(name),
        }
    }
}

/// Where each part of a declaration comes from, as reports say it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct Provenance {
    /// What the channels show.
    pub channels: String,
    /// Rows and columns.
    pub size: String,
    /// Range, mean and standard deviation.
    pub normalisation: String,
    /// What the outputs are, and what makes probabilities of them.
    pub activation: String,
    /// Names of the outputs.
    pub labels: String,
    /// The output that is explained.
    pub explain: String,
    /// Thresholds.
    pub thresholds: String,
}

impl fmt::Display for Provenance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [
            ("channels", &self.channels),
            ("size", &self.size),
            ("normalisation", &self.normalisation),
            ("activation", &self.activation),
            ("labels", &self.labels),
            ("label to explain", &self.explain),
            ("thresholds", &self.thresholds),
        ];
        for (index, (part, from)) in parts.into_iter().enumerate() {
            let separator = if index == 0 { "" } else { "; " };
            write!(f, "{separator}{part}: {from}")?;
        }
        Ok(())
    }
}
