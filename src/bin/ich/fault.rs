use std::error::Error;
use std::fmt;
use std::path::Path;

/// What the command says before it exits with a status other than 0: an error and its causes.
#[derive(Debug)]
pub(crate) struct Fault(String);

impl Fault {
    /// A fault without a cause.
    pub(crate) fn new(message: impl fmt::Display) -> Self {
        Self(message.to_string())
    }

    /// A cause, and the file it is about where its message does not say so.
    pub(crate) fn in_file(path: &Path, cause: impl Error) -> Self {
        Self(format!("{}: {}", path.display(), Fault::from(cause)))
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
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
        Self(message)
    }
}
