use std::process::ExitCode;

use ich::Material;

use crate::args::Command;
#[cfg(feature = "remote")]
use crate::serve;
use crate::{completions, devices, explain, fetch, labels, manual, predict, weights};

/// Does what a command says; `material` is that of the original demonstration.
pub(crate) fn run(command: Command, material: &Material) -> anyhow::Result<ExitCode> {
    let done = |()| ExitCode::SUCCESS;
    match command {
        Command::Predict(args) => predict::run(&args, material),
        Command::Explain(args) => explain::run(&args, material),
        Command::Labels(args) => labels::run(&args).map(done),
        Command::Devices(args) => devices::run(&args),
        Command::Fetch(args) => fetch::run(&args, material).map(done),
        #[cfg(feature = "remote")]
        Command::Serve(args) => serve::run(&args).map(done),
        Command::Weights(command) => weights::run(&command).map(done),
        Command::Completions(args) => completions::run(&args).map(done),
        Command::Manual(args) => manual::run(&args).map(done),
    }
}
