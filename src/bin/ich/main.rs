//! The `ich` command.

use std::process::ExitCode;

use clap::Parser;
use ich::Material;

mod args;
mod choice;
mod compute;
mod console;
mod devices;
mod drawing;
mod earlier_result;
mod explain;
mod fault;
mod fetch;
mod gallery;
mod hashed;
mod input;
mod inspect;
mod job;
mod labels;
mod list;
mod listing;
mod look;
mod network;
mod output;
mod predict;
mod progress;
mod reader;
mod reading;
mod report;
mod resume;
mod row;
mod selection;
mod series;
#[cfg(feature = "remote")]
mod serve;
mod slice_ref;
mod table;
mod tally;
mod temporary;
mod volume_maps;
mod weights;

use args::Command;
use console::say;
use fault::Fault;
use temporary::remove_when_interrupted;

fn main() -> ExitCode {
    let command = args::Args::parse().command;
    match remove_when_interrupted()
        .and_then(|()| Ok(Material::original()?))
        .and_then(|material| run_with(command, &material))
    {
        Ok(status) => status,
        Err(fault) if fault.is_quiet() => ExitCode::SUCCESS,
        Err(fault) => {
            say(format_args!("error: {fault}"));
            ExitCode::FAILURE
        }
    }
}

fn run_with(command: Command, material: &Material) -> Result<ExitCode, Fault> {
    match command {
        Command::Predict(args) => predict::run(&args, material),
        Command::Explain(args) => explain::run(&args, material),
        Command::Labels(args) => labels::run(&args).map(|()| ExitCode::SUCCESS),
        Command::Devices(args) => devices::run(&args),
        Command::Fetch(args) => fetch::run(&args, material).map(|()| ExitCode::SUCCESS),
        #[cfg(feature = "remote")]
        Command::Serve(args) => serve::run(&args).map(|()| ExitCode::SUCCESS),
        Command::Weights(command) => weights::run(&command).map(|()| ExitCode::SUCCESS),
    }
}
