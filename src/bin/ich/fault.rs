use std::error::Error;
use std::fmt;
use std::io;
use std::path::Path;

/// What the command says before it exits with a status other than 0: an error and its causes.
#[derive(Debug)]
pub(crate) struct Fault {
    message: String,
    reach: Reach,
}

/// What a fault ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// The slice, or the call where it is not about a slice.
    Slice,
    /// The whole run: every further slice would fail alike.
    Run,
    /// The whole run, without a word: nobody reads its output any more.
    Quiet,
}

impl Fault {
    /// A fault without a cause.
    pub(crate) fn new(message: impl fmt::Display) -> Self {
        Self {
            message: message.to_string(),
            reach: Reach::Slice,
        }
    }

    /// A cause, and the file it is about where its message does not say so.
    pub(crate) fn in_file(path: &Path, cause: impl Error) -> Self {
        Self::new(format_args!("{}: {}", path.display(), Fault::from(cause)))
    }

    /// A result that could not be written, such as on a full disk.
    pub(crate) fn unwritten(path: &Path, cause: io::Error) -> Self {
        Self {
            reach: Reach::Run,
            ..Self::in_file(path, cause)
        }
    }

    /// Standard output that takes no more.
    pub(crate) fn of_standard_output(cause: &io::Error) -> Self {
        Self {
            message: format!("standard output: {cause}"),
            reach: match cause.kind() {
                io::ErrorKind::BrokenPipe => Reach::Quiet,
                _ => Reach::Run,
            },
        }
    }

    /// True where no further slice is to be tried.
    pub(crate) fn ends_run(&self) -> bool {
        self.reach != Reach::Slice
    }

    /// True where nothing is to be said.
    pub(crate) fn is_quiet(&self) -> bool {
        self.reach == Reach::Quiet
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl<E: Error> From<E> for Fault {
    /// The error and its causes, leaving out those that the message repeats already.
    fn from(error: E) -> Self {
        let mut message = error.to_string();
        let mut source = error.source();
        while let Some(cause) = source {
            let text = cause.to_string();
            if !message.contains(&text) {
                message = format!("{message}: {text}");
            }
            source = cause.source();
        }
        Self::new(message)
    }
}
