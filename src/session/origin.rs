//! Where weights and backgrounds come from, as reports say it.

use std::fmt;

use ich_model::{Selection, WeightsFile};
use schemars::JsonSchema;
use serde::Serialize;

/// A file, or what is embedded in the program.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct Origin {
    pub(crate) source: String,
    #[serde(flatten)]
    pub(crate) content: Content,
}

/// The bytes that were used of a file, and what was taken from them.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct Content {
    /// Of the file, in hexadecimal.
    pub sha256: String,
    /// Of several networks in the file, the one that was chosen.
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    /// Tensors of the file that were left out on request.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    ignored: Vec<String>,
    /// Files beside an ONNX model that hold its values.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    external: Vec<ExternalContent>,
}

/// The bytes of a file beside another one.
#[derive(Debug, Clone, Serialize, JsonSchema)]
struct ExternalContent {
    name: String,
    sha256: String,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}", self.source, self.content)
    }
}

impl fmt::Display for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SHA-256 {}", self.sha256)?;
        if let Some(key) = &self.key {
            write!(f, ", key {key}")?;
        }
        if !self.ignored.is_empty() {
            write!(f, ", without {}", self.ignored.join(", "))?;
        }
        for file in &self.external {
            write!(f, ", {} with SHA-256 {}", file.name, file.sha256)?;
        }
        Ok(())
    }
}

impl Origin {
    /// The hash of the file.
    pub fn sha256(&self) -> &str {
        &self.content.sha256
    }

    /// What was used, wherever it came from.
    pub fn content(&self) -> &Content {
        &self.content
    }

    pub(crate) fn of_bytes(source: String, sha256: String) -> Self {
        Self {
            source,
            content: Content {
                sha256,
                ..Content::default()
            },
        }
    }
}

impl Content {
    /// Of the network that is selected in a file of weights, and the tensors that were left out.
    pub(crate) fn of_weights(
        file: &WeightsFile,
        selection: &Selection,
        ignored: Vec<String>,
    ) -> Self {
        let external = file.external_files().into_iter();
        Self {
            sha256: file.sha256().to_owned(),
            key: selection.key.clone(),
            ignored,
            external: external
                .map(|file| ExternalContent {
                    name: file.name,
                    sha256: file.sha256,
                })
                .collect(),
        }
    }
}
