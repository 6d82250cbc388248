//! The `ich` command.

use std::process::ExitCode;

use clap::Parser;
use ich::Material;

mod args;
mod choice;
mod compute;
mod devices;
mod explain;
mod fault;
mod fetch;
mod gallery;
mod input;
mod labels;
mod list;
mod listing;
mod network;
mod output;
mod predict;
mod progress;
mod reader;
mod report;
mod selection;
#[cfg(feature = "remote")]
mod serve;
mod table;
mod tally;
mod volume_maps;
mod weights;

use args::Command;
use fault::Fault;

fn main() -> ExitCode {
    let command = args::Args::parse().command;
    match Material::original()
        .map_err(Fault::from)
        .and_then(|material| run_with(command, &material))
    {
        Ok(status) => status,
        Err(fault) => {
            eprintln!("error: {fault}");
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
