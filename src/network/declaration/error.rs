use std::io;

/// What is wrong with a declaration, by itself or for the network that it is about.
///
/// A message does not repeat its cause, which [`source`](std::error::Error::source) gives.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DeclarationError {
    /// An error in a named file, or in what a file holds.
    #[error("{place}")]
    In {
        /// Where it is.
        place: String,
        /// What is wrong.
        source: Box<DeclarationError>,
    },
    /// A file that cannot be read.
    #[error("cannot be read")]
    Read(#[source] io::Error),
    /// A file that is longer than any declaration.
    #[error("more than {limit} bytes, too long for a declaration")]
    TooLong {
        /// The most bytes that it may have.
        limit: usize,
    },
    /// No JSON.
    #[error("not JSON")]
    Json(#[source] serde_json::Error),
    /// Markers of the template that are still there.
    #[error("still to be filled in: {}", fields.join(", "))]
    FillIn {
        /// The fields that hold them.
        fields: Vec<String>,
    },
    /// A version that is not known.
    #[error("ich_model: version {found}, expected {expected}")]
    Version {
        /// The version of the file.
        found: u32,
        /// The version that is read.
        expected: u32,
    },
    /// An unknown field, a missing one, or a value of another type.
    #[error("{field}: {problem}; found {found}")]
    Type {
        /// The field, such as `input.channels[1].window`.
        field: String,
        /// What is expected there.
        problem: String,
        /// What is there, cut if it is long.
        found: String,
    },
    /// A value that is none.
    #[error("{field}: {found}, expected {expected}")]
    Value {
        /// The field, or the option.
        field: String,
        /// What is there.
        found: String,
        /// What is expected there.
        expected: String,
    },
    /// Channels, a range or a normalisation that make no input.
    #[error("{field}")]
    Input {
        /// The field, or the option.
        field: String,
        /// What is wrong with it.
        source: ct_preprocess::Error,
    },
    /// What cannot be guessed, and is not declared.
    #[error("{field} is not declared, expected {expected}")]
    Missing {
        /// The field.
        field: &'static str,
        /// What is expected there.
        expected: String,
    },
    /// A declaration of something else than the network computes.
    #[error("{field}: {declared} is declared, but {network}; {remedy}")]
    Contradiction {
        /// The field, or the option.
        field: String,
        /// What is declared.
        declared: String,
        /// What the network says.
        network: String,
        /// What to do.
        remedy: &'static str,
    },
    /// A declaration that was written for another file.
    #[error("{field}: it is for the file with SHA-256 {declared}, and this one has {found}")]
    Sha256 {
        /// The field.
        field: String,
        /// The hash that is declared.
        declared: String,
        /// The hash of the file.
        found: String,
    },
    /// No declaration at all.
    #[error(
        "nothing says what the network's input shows of a slice; fill this in and save it beside the \
         model as NAME.ich.json:\n{template}"
    )]
    Undeclared {
        /// What is known, with the rest to be filled in.
        template: String,
    },
    /// A file of another program that holds nothing that is known here.
    #[error(
        "neither a config.json of timm or Hugging Face's transformers, nor a preprocessor_config.json"
    )]
    Config,
}

impl DeclarationError {
    pub(crate) fn at(self, place: impl ToString) -> Self {
        Self::In {
            place: place.to_string(),
            source: Box::new(self),
        }
    }
}
