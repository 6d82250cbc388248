//! The `ich` command.

use std::process::ExitCode;

use clap::Parser;

mod args;
mod explain;
mod fault;
mod input;
mod list;
mod network;
mod output;
mod predict;
mod progress;
mod report;

fn main() -> ExitCode {
    let result = match args::Args::parse().command {
        args::Command::Predict(args) => predict::run(&args),
        args::Command::Explain(args) => explain::run(&args),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            eprintln!("error: {fault}");
            ExitCode::FAILURE
        }
    }
}
