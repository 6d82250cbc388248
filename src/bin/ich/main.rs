//! The `ich` command: parses arguments, calls the library, and prints.

use std::process::ExitCode;

use clap::Parser;
use ich::Material;

mod args;
mod choice;
mod completions;
mod console;
mod devices;
mod explain;
mod fetch;
mod inspect;
mod interrupt;
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
mod share;
mod tally;
mod weights;
mod weights_args;

use console::OutputLost;
use remedy::with_remedy;

fn main() -> ExitCode {
    let args = args::Args::parse();
    console::begin(args.verbosity);
    let result = interrupt::begin()
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
