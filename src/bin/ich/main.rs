//! The `ich` command: parses arguments, calls the library, and prints.

use std::process::{ExitCode, exit};

use clap::Parser;
use ich::Material;
use ich::results::temporary;

mod args;
mod choice;
mod completions;
mod console;
mod devices;
mod explain;
mod fetch;
mod labels;
mod lists;
mod manual;
mod names;
mod network_args;
mod options;
mod predict;
mod progress;
mod remedy;
mod run;
#[cfg(feature = "remote")]
mod serve;
mod tally;
mod weights;
mod weights_args;

use console::OutputLost;
use remedy::with_remedy;

/// Exit status of a program that was interrupted, as shells have it: 128 and the signal's number.
const INTERRUPTED: i32 = 130;

fn main() -> ExitCode {
    let args = args::Args::parse();
    console::begin(args.verbosity);
    let result = ctrlc::set_handler(|| temporary::remove_all(|| exit(INTERRUPTED)))
        .map_err(anyhow::Error::from)
        .and_then(|()| Ok(Material::original()?))
        .and_then(|material| run::run(args.command, &material));
    result.unwrap_or_else(|error| match error.downcast_ref::<OutputLost>() {
        Some(lost) if lost.is_quiet() => ExitCode::SUCCESS,
        _ => {
            tracing::error!("{}", with_remedy(error.as_ref()));
            ExitCode::FAILURE
        }
    })
}
