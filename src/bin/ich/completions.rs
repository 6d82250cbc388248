//! `ich completions`.

use clap::CommandFactory;

use crate::args::{Args, CompletionsArgs};
use crate::console::print_line;

pub(crate) fn run(args: &CompletionsArgs) -> anyhow::Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Args::command(), "ich", &mut script);
    print_line(String::from_utf8_lossy(&script).trim_end())?;
    Ok(())
}
