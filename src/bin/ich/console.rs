//! What is printed. Standard output is a result, whose loss is an error; standard error is talk,
//! whose loss is none.

use std::fmt;
use std::io::{self, Write, stdout};

use tracing::level_filters::LevelFilter;
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

use crate::args::VerbosityArgs;

/// Standard output that takes no more.
#[derive(Debug, thiserror::Error)]
#[error("standard output")]
pub(crate) struct OutputLost(#[source] io::Error);

impl OutputLost {
    /// True where nobody reads any more, and nothing is to be said.
    pub(crate) fn is_quiet(&self) -> bool {
        self.0.kind() == io::ErrorKind::BrokenPipe
    }
}

/// Prints a line of results.
pub(crate) fn print_line(line: impl fmt::Display) -> Result<(), OutputLost> {
    let mut out = stdout().lock();
    writeln!(out, "{line}")
        .and_then(|()| out.flush())
        .map_err(OutputLost)
}

/// From now on what the program and its libraries tell goes to standard error, a line each.
pub(crate) fn begin(verbosity: VerbosityArgs) {
    let level = match verbosity {
        VerbosityArgs { quiet: true, .. } => LevelFilter::ERROR,
        VerbosityArgs { verbose: true, .. } => LevelFilter::DEBUG,
        VerbosityArgs { .. } => LevelFilter::INFO,
    };
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(level)
        .with_writer(io::stderr)
        // Whoever closed standard error does not want to hear of it.
        .log_internal_errors(false)
        .event_format(Line)
        .finish();
    // Tests run the command more than once in a process; the first one's lines do for all.
    drop(tracing::subscriber::set_global_default(subscriber));
}

/// True where lines of this importance are said at all.
pub(crate) fn says_info() -> bool {
    LevelFilter::current() >= LevelFilter::INFO
}

/// The message alone, behind what kind it is, where that is not plain information.
struct Line;

impl<S, N> FormatEvent<S, N> for Line
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let metadata = event.metadata();
        // Other crates tell their own story, of drivers and connections.
        if metadata.target().split("::").next() != Some(env!("CARGO_PKG_NAME")) {
            return Ok(());
        }
        match *metadata.level() {
            Level::ERROR => writer.write_str("error: ")?,
            Level::WARN => writer.write_str("warning: ")?,
            _ => {}
        }
        context.format_fields(writer.by_ref(), event)?;
        writeln!(writer)
    }
}
