use std::error::Error as StdError;
use std::io;
use std::path::{Path, PathBuf};

use ct_io::Warning;
use ct_preprocess::ResampleError;

use crate::device::{DeviceError, DeviceName};
use crate::network::declaration::DeclarationError;
use crate::network::{BackgroundError, DefaultNetworkError};

/// Why a slice could not be found, read, predicted or explained, or a result not be written.
///
/// A message does not repeat its cause, which [`source`](StdError::source) gives; [`message`] joins
/// them.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An error about a file or a slice that its own message does not name.
    #[error("{place}")]
    In {
        /// The file or the slice.
        place: String,
        /// What is wrong with it.
        source: Box<Error>,
    },

    /// No file has a name of this pattern.
    #[error("no file matches")]
    NoMatch,
    /// More files than a list of slices may have.
    #[error("more than {limit} files")]
    TooManyFiles {
        /// The most that there may be.
        limit: usize,
    },
    /// A file that is longer than any of its kind.
    #[error("more than {limit} bytes, too long for {kind}")]
    TooLong {
        /// What the file is to be.
        kind: &'static str,
        /// The most bytes that it may have.
        limit: u64,
    },
    /// Folders without a slice.
    #[error("no slice found{}", but(passed_over))]
    NoSlice {
        /// What they hold instead.
        passed_over: Vec<String>,
    },
    /// A slice that a file does not have.
    #[error("no slice {number}, it has {n_slices}, from 0 to {}", n_slices - 1)]
    NoSuchSlice {
        /// The slice, from 0.
        number: usize,
        /// Number of slices in the file.
        n_slices: usize,
    },
    /// A slice with more pixels than there is memory for.
    #[error("{rows} x {cols} pixels, expected at most {limit} on a side")]
    TooLarge {
        /// Number of rows.
        rows: usize,
        /// Number of columns.
        cols: usize,
        /// Longest side.
        limit: usize,
    },
    /// A slice that cannot be brought to the network's grid.
    #[error("{reason}{}", besides(doubts))]
    NotOnGrid {
        /// Why.
        reason: ResampleError,
        /// What else is odd about the slice.
        doubts: Vec<Warning>,
    },

    /// A file of several slices in place of one.
    #[error("several slices, expected one; mean:PATH is the mean of all")]
    SeveralSlices,
    /// Slices of several sizes in place of those of one.
    #[error("{} x {} pixels, and slices before it {} x {}", found.0, found.1, expected.0, expected.1)]
    MeanSize {
        /// Rows and columns that the network sees.
        found: (usize, usize),
        /// Those of the slices before.
        expected: (usize, usize),
    },

    /// A slice without neighbours, and a network that sees them.
    #[error(
        "the network also sees the slices beside a slice, and there are none; give the folder of its \
         series, or the volume"
    )]
    NoNeighbours,
    /// A neighbour that lies otherwise, or has other pixels.
    #[error("the slice {offset:+} beside it, {place}, has another size or lies otherwise")]
    Neighbour {
        /// Which: 1 is that nearer to the head.
        offset: i32,
        /// Where it comes from.
        place: String,
    },

    /// A map of another size than what the network saw of the slice.
    #[error("a map of {} x {} pixels does not fit the slice", found.0, found.1)]
    MapSize {
        /// Rows and columns of the map.
        found: (usize, usize),
    },

    /// The masked engine and a device that is not the CPU of this process.
    #[error("the masked engine computes on the CPU of this process, and not on {device}")]
    EngineNotOnDevice {
        /// The device.
        device: DeviceName,
    },
    /// A background that is given twice, which would weigh twice.
    #[error("the background {name} is given twice")]
    SameBackground {
        /// What reports call it.
        name: String,
    },
    /// An input that does not show the brain window in all channels, and the embedded background.
    #[error("the embedded background shows the brain window, and the network's channels do not")]
    GreyBackground,
    /// An explanation of logits, and a network that has none.
    #[error("the network computes probabilities without logits before them")]
    NoLogits,
    /// Two engines that disagree about an image of noise.
    #[error(
        "the masked engine answers {masked} and Burn {dense} for an image of noise, which is more than \
         rounding"
    )]
    EnginesDiffer {
        /// A logit by the masked engine.
        masked: f32,
        /// The same by Burn.
        dense: f32,
    },
    /// A network that answers with no number.
    #[error("the network's answer is no finite number; are these its weights?")]
    NotFinite,

    /// Two slices whose results would have the same name.
    #[error("another slice is named {} too, and results are named after the slice", name.display())]
    SameName {
        /// The name.
        name: PathBuf,
    },
    /// Slices of two volumes whose maps would have the same name.
    #[error("slices of another volume are named {} too, and maps are named after it", volume.display())]
    SameVolumeName {
        /// The name.
        volume: PathBuf,
    },
    /// A result that would replace a slice.
    #[error("would be a result, but is one of the slices")]
    ReplacesSlice,
    /// A result that is there already.
    #[error("{}: exists already", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// A result of an earlier run that was made otherwise.
    #[error("{}: was made otherwise ({difference})", report.display())]
    MadeOtherwise {
        /// Its report.
        report: PathBuf,
        /// What differs.
        difference: String,
    },
    /// Maps of a volume, one of which an earlier run made otherwise.
    #[error("it has a slice that was explained otherwise ({}: {difference})", report.display())]
    VolumeMadeOtherwise {
        /// The report of that slice.
        report: PathBuf,
        /// What differs.
        difference: String,
    },
    /// A report without a field that it should have.
    #[error("no number {field}")]
    NoField {
        /// The field, as a JSON pointer.
        field: &'static str,
    },

    /// A table whose name says no format.
    #[error("ends neither in .csv nor in .jsonl")]
    TableFormat,
    /// A table that another run writes.
    #[error("another run writes this table")]
    TableInUse,
    /// A table that an interrupted run left.
    #[error("an interrupted run left {n_rows} rows")]
    TableInterrupted {
        /// Its rows.
        n_rows: usize,
    },
    /// A table of predictions that were made otherwise.
    #[error("its predictions were made otherwise ({difference})")]
    TableMadeOtherwise {
        /// What differs.
        difference: String,
    },
    /// A table that is none of predictions.
    #[error("not a table of this version of `ich predict` ({problem})")]
    NotATable {
        /// What is wrong with it.
        problem: String,
    },

    /// A file that cannot be read.
    #[error("{}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A result that cannot be written, such as on a full disk.
    #[error("{}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },

    /// An error of a file of slices.
    #[error(transparent)]
    Ct(#[from] ct_io::Error),
    /// An error of preparing a slice.
    #[error(transparent)]
    Preprocess(#[from] ct_preprocess::Error),
    /// An error of a file of weights, or of the network.
    #[error(transparent)]
    Network(#[from] ich_model::Error),
    /// A build without the embedded network.
    #[error(transparent)]
    DefaultNetwork(#[from] DefaultNetworkError),
    /// An error of the engine for masked images.
    #[error(transparent)]
    Engine(#[from] masked_cnn::Error),
    /// An error of a network on a Burn device.
    #[error(transparent)]
    Interpreter(Box<cnn_burn::Error>),
    /// An error of an ONNX file.
    #[error(transparent)]
    Onnx(Box<cnn_onnx::Error>),
    /// A network whose input or outputs are not declared, or not as it has them.
    #[error(transparent)]
    Declaration(Box<DeclarationError>),
    /// An error of a background.
    #[error(transparent)]
    Background(#[from] BackgroundError),
    /// An error of a device.
    #[error(transparent)]
    Device(#[from] DeviceError),
    /// An error of an explanation.
    #[error(transparent)]
    Explanation(#[from] hshap::Error),
    /// An error of a figure.
    #[error(transparent)]
    Figure(#[from] ct_figure::Error),
    /// An error of something else that was needed.
    #[error(transparent)]
    Other(Box<dyn StdError + Send + Sync>),
}

impl Error {
    /// The error, about a file.
    pub(crate) fn in_file(path: &Path, error: impl Into<Error>) -> Self {
        Self::about(path.display(), error)
    }

    /// The error, about a file or a slice.
    pub(crate) fn about(place: impl ToString, error: impl Into<Error>) -> Self {
        Self::In {
            place: place.to_string(),
            source: Box::new(error.into()),
        }
    }

    pub(crate) fn unread(path: &Path, source: io::Error) -> Self {
        Self::Read {
            path: path.to_owned(),
            source,
        }
    }

    pub(crate) fn unwritten(path: &Path, source: io::Error) -> Self {
        Self::Write {
            path: path.to_owned(),
            source,
        }
    }

    pub(crate) fn other(error: impl StdError + Send + Sync + 'static) -> Self {
        Self::Other(Box::new(error))
    }

    /// The error without the places that it is about.
    pub fn innermost(&self) -> &Self {
        match self {
            Self::In { source, .. } => source.innermost(),
            error => error,
        }
    }

    /// True where every further slice would fail alike, such as on a full disk.
    pub fn ends_run(&self) -> bool {
        matches!(self.innermost(), Self::Write { .. })
    }
}

impl From<cnn_burn::Error> for Error {
    fn from(error: cnn_burn::Error) -> Self {
        Self::Interpreter(Box::new(error))
    }
}

impl From<cnn_onnx::Error> for Error {
    fn from(error: cnn_onnx::Error) -> Self {
        Self::Onnx(Box::new(error))
    }
}

impl From<DeclarationError> for Error {
    fn from(error: DeclarationError) -> Self {
        Self::Declaration(Box::new(error))
    }
}

/// An error and its causes in one line, without those that the message repeats already.
pub fn message(error: &dyn StdError) -> String {
    let mut message = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let text = cause.to_string();
        if !message.contains(&text) {
            message = format!("{message}: {text}");
        }
        source = cause.source();
    }
    message
}

fn but(passed_over: &[String]) -> String {
    match passed_over {
        [] => String::new(),
        kinds => format!(", but {}", kinds.join("; ")),
    }
}

fn besides(doubts: &[Warning]) -> String {
    doubts
        .iter()
        .map(|doubt| format!("; besides, {doubt}"))
        .collect()
}
