//! What is printed. Standard output is a result, whose loss is a fault; standard error is talk,
//! whose loss is none.

use std::fmt;
use std::io::{Write, stderr, stdout};

use crate::fault::Fault;

/// Prints a line of results.
pub(crate) fn print_line(line: impl fmt::Display) -> Result<(), Fault> {
    let mut out = stdout().lock();
    writeln!(out, "{line}")
        .and_then(|()| out.flush())
        .map_err(|error| Fault::of_standard_output(&error))
}

/// Says a line on standard error.
pub(crate) fn say(line: impl fmt::Display) {
    // Whoever closed standard error does not want to hear of it.
    drop(writeln!(stderr().lock(), "{line}"));
}
