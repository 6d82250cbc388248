use std::io;
use std::path::{Path, PathBuf};

use crate::{Foreign, Format};

/// Names and options that a message spells out before it counts the rest.
const N_SPELLED: usize = 5;

/// Why a network could not be made, loaded or saved. A message does not repeat its cause, which
/// `source()` tells.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An error in a named file.
    #[error("{}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: Box<Error>,
    },
    /// The device could not hand an answer over.
    #[error("the device failed: {0}")]
    Device(String),
    /// The operating system could not read or write the file.
    #[error("cannot be read or written")]
    Io(#[from] io::Error),
    /// A folder, a pipe or a device where a file was expected.
    #[error("not a regular file")]
    NotAFile,
    /// The file is larger than any network of this kind.
    #[error("{bytes} bytes, but a weights file has at most {limit}")]
    FileTooLarge {
        /// Size of the file.
        bytes: u64,
        /// Largest size accepted.
        limit: u64,
    },
    /// The content is of none of the known formats.
    #[error("neither a PyTorch (.pt), safetensors, ONNX nor burnpack file{}", found.as_ref().map(|found| format!(": {found}")).unwrap_or_default())]
    UnknownFormat {
        /// What it is instead, where that is known.
        found: Option<Foreign>,
    },
    /// The reader of the file's format refused it.
    #[error("malformed {format} file: {message}")]
    Malformed {
        /// Name of the format.
        format: &'static str,
        /// The reader's own words.
        message: String,
    },
    /// A checkpoint with more than one network of this kind, such as a trained one and its average.
    #[error(
        "it holds several networks ({}); choose one with {}",
        spelled(stems),
        options("--key", keys, " or ")
    )]
    SeveralNetworks {
        /// The stem of each.
        stems: Vec<String>,
        /// The key of each, for [`Selection`](crate::Selection).
        keys: Vec<String>,
    },
    /// A key that is not that of one network of the file.
    #[error("no one network is at the key {key:?}; {}", match &keys[..] {
        [] => "the file holds none".to_owned(),
        [key] if key.is_empty() => "the file's only network has no key".to_owned(),
        keys => format!("the file has {}", options("--key", keys, " or ")),
    })]
    NoNetworkAtKey {
        /// The key.
        key: String,
        /// Those of the networks in the file.
        keys: Vec<String>,
    },
    /// The reader of ONNX files refused it, or a part that the answer depends on.
    #[error(transparent)]
    Onnx(Box<cnn_onnx::Error>),
    /// A graph that is not that of the network: the first node that does not fit.
    #[error("node {node} ({op}) does not fit the network: expected {expected}")]
    OnnxNode {
        /// Name of the node, or of its output where it has none; of several that are one in the
        /// graph, that of the last.
        node: String,
        /// Its kind, see [`cnn_graph::Op::kind`].
        op: String,
        /// What the network has in its place.
        expected: String,
    },
    /// A graph that ends before the network does.
    #[error("the graph ends where {expected} is expected")]
    OnnxEnds {
        /// What the network has there.
        expected: String,
    },
    /// Tensors of the network that the file does not hold.
    #[error("tensor {first} is missing ({n_missing} missing in all)")]
    MissingTensors {
        /// The first of them.
        first: String,
        /// How many.
        n_missing: usize,
    },
    /// Tensors that the network does not have.
    #[error(
        "{} not part of the network: {}; if the answer does not depend on them, add {}",
        match names.len() { 1 => "a tensor is".to_owned(), n => format!("{n} tensors are") },
        spelled(names),
        options("--ignore", patterns, " ")
    )]
    UnexpectedTensors {
        /// Their names in the file.
        names: Vec<String>,
        /// Patterns that leave them out, for [`Selection`](crate::Selection).
        patterns: Vec<String>,
    },
    /// A tensor of another shape.
    #[error("tensor {tensor} has shape {found:?}, expected {expected}")]
    Shape {
        /// Name of the tensor.
        tensor: String,
        /// Shape in the file.
        found: Vec<usize>,
        /// The shape expected.
        expected: String,
    },
    /// A tensor that does not hold floating-point numbers, or not one after the other.
    #[error("tensor {tensor} holds {found} values, expected f16, bf16, f32 or f64")]
    DType {
        /// Name of the tensor.
        tensor: String,
        /// Element type in the file.
        found: String,
    },
    /// NaN, an infinity, or a value beyond the range of `f32`.
    #[error("tensor {tensor} holds {value} at index {index}, expected a finite number")]
    NotFinite {
        /// Name of the tensor.
        tensor: String,
        /// Position in row-major order.
        index: usize,
        /// The value.
        value: f32,
    },
    /// A variance below zero.
    #[error("tensor {tensor} holds {value} at index {index}, expected a variance of 0 or more")]
    NegativeVariance {
        /// Name of the tensor.
        tensor: String,
        /// Position.
        index: usize,
        /// The value.
        value: f32,
    },
    /// A file that was to hold one tensor holds another number of them.
    #[error("{found} tensors, expected exactly one")]
    NotOneTensor {
        /// Number of tensors in the file.
        found: usize,
    },
    /// A format from which a single tensor is not read.
    #[error("{format}, but a single tensor is read from a .pt or from safetensors")]
    NotATensorFormat {
        /// The format of the file.
        format: Format,
    },
    /// The tensors fit and yet could not be put into the network.
    #[error("the weights could not be applied: {0}")]
    Apply(String),
    /// Saving failed.
    #[error("the weights could not be written: {0}")]
    Save(String),
    /// A width out of range.
    #[error("width {width}, expected 1 to {limit}")]
    Width {
        /// The width.
        width: usize,
        /// The largest.
        limit: usize,
    },
    /// The network cannot be described for images of a size.
    #[error("the network as a graph")]
    Graph(#[source] Box<cnn_graph::Error>),
    /// The masked engine refused the network or the settings.
    #[error("the masked network")]
    Masked(#[from] masked_cnn::Error),
    /// The masked engine's network and this one answer differently.
    #[error("the masked network answers {masked} where this one answers {expected}")]
    MaskedDiffers {
        /// Logit of the masked network.
        masked: f32,
        /// Logit of this one.
        expected: f32,
    },
    /// The original's weights could not be brought.
    #[cfg(feature = "download")]
    #[error(transparent)]
    Fetch(#[from] pinned_fetch::Error),
    /// An autodiff device, on which batch normalisation would update its statistics.
    #[error(
        "an autodiff device: the network is for inference, and batch normalisation would train on it"
    )]
    AutodiffDevice,
}

impl From<cnn_graph::Error> for Error {
    fn from(error: cnn_graph::Error) -> Self {
        Self::Graph(Box::new(error))
    }
}

impl Error {
    /// Names the file in which the error occurred.
    pub(crate) fn in_file(self, path: &Path) -> Self {
        Error::File {
            path: path.to_owned(),
            source: Box::new(self),
        }
    }
}

/// The first of some names, and how many there are beside them.
fn spelled(names: &[String]) -> String {
    let first = names[..names.len().min(N_SPELLED)].join(", ");
    match names.len().saturating_sub(N_SPELLED) {
        0 => first,
        n_more => format!("{first} and {n_more} more"),
    }
}

/// An option for each value, as a shell takes it; of many values, for the first of them.
fn options(option: &str, values: &[String], separator: &str) -> String {
    let quoted = |value: &String| match value.chars().all(is_plain) && !value.is_empty() {
        true => format!("{option} {value}"),
        false => format!("{option} '{}'", value.replace('\'', "'\\''")),
    };
    let options: Vec<String> = values.iter().take(N_SPELLED).map(quoted).collect();
    let rest = match values.len() > N_SPELLED {
        true => ", and so on",
        false => "",
    };
    options.join(separator) + rest
}

/// True of characters that no shell gives a meaning to.
fn is_plain(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '.' | '_' | '-' | '/')
}
