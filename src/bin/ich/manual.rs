//! `ich manual`: what is written about the command itself, from its own arguments. `docs/` holds what a
//! build with the default features writes.

use std::fmt::Write;

use clap::{Arg, Command, CommandFactory};
use clap_mangen::Man;
use ich::network::declaration::declaration_schema;
use ich::results::{files, report_schema};
use schemars::Schema;

use crate::args::{Args, ManualArgs};
use crate::console::print_line;

pub(crate) fn run(args: &ManualArgs) -> anyhow::Result<()> {
    let mut command = Args::command();
    command.build();
    let mut pages = vec![
        ("command.md".to_owned(), reference(&command).into_bytes()),
        ("report.schema.json".to_owned(), json(&report_schema())?),
        (
            "declaration.schema.json".to_owned(),
            json(&declaration_schema())?,
        ),
    ];
    add_man_pages(&command, "ich", &mut pages)?;
    for (name, bytes) in pages {
        let path = args.folder.join(name);
        files::write(&path, &bytes, args.force)?;
        print_line(path.display())?;
    }
    Ok(())
}

fn json(schema: &Schema) -> anyhow::Result<Vec<u8>> {
    let mut text = serde_json::to_string_pretty(schema)?;
    text.push('\n');
    Ok(text.into_bytes())
}

/// A page for `man` of the command and of each command below it.
fn add_man_pages(
    command: &Command,
    name: &str,
    pages: &mut Vec<(String, Vec<u8>)>,
) -> anyhow::Result<()> {
    let mut page = Vec::new();
    Man::new(command.clone()).render(&mut page)?;
    pages.push((format!("man/{name}.1"), page));
    for below in shown(command) {
        add_man_pages(below, &format!("{name}-{}", below.get_name()), pages)?;
    }
    Ok(())
}

/// The commands below one, without the one that clap adds.
fn shown(command: &Command) -> impl Iterator<Item = &Command> {
    let below = command.get_subcommands();
    below.filter(|below| below.get_name() != "help")
}

/// The command reference, Markdown.
fn reference(command: &Command) -> String {
    let mut text = String::from(
        "# Command reference\n\nWritten by `ich manual`; `ich help COMMAND` prints the same.\n",
    );
    add_command(command, "ich", &mut text);
    text
}

fn add_command(command: &Command, name: &str, text: &mut String) {
    let about = command.get_long_about().or(command.get_about());
    let about = about.map(ToString::to_string).unwrap_or_default();
    // Writing to a string does not fail.
    let _ = write!(text, "\n## `{name}`\n\n{}.\n", about.trim_end_matches('.'));
    let arguments: Vec<_> = command
        .get_arguments()
        .filter(|argument| !matches!(argument.get_id().as_str(), "help" | "version"))
        .filter(|argument| name == "ich" || !argument.is_global_set())
        .collect();
    if !arguments.is_empty() {
        text.push_str("\n| argument | default | meaning |\n| --- | --- | --- |\n");
    }
    for argument in arguments {
        let _ = writeln!(
            text,
            "| {} | {} | {} |",
            written(argument),
            default(argument),
            meaning(argument)
        );
    }
    for below in shown(command) {
        add_command(below, &format!("{name} {}", below.get_name()), text);
    }
}

/// How an argument is written on the command line.
fn written(argument: &Arg) -> String {
    let names = argument.get_value_names().unwrap_or_default();
    let value = names.iter().map(|name| name.as_str()).collect::<Vec<_>>();
    let value = value.join(" ").replace('|', "\\|");
    let takes_value = argument.get_action().takes_values();
    match (argument.get_short(), argument.get_long()) {
        (_, None) => format!("`{value}`"),
        (_, Some(long)) if takes_value => format!("`--{long} {value}`"),
        (Some(short), Some(long)) => format!("`-{short}`, `--{long}`"),
        (None, Some(long)) => format!("`--{long}`"),
    }
}

fn default(argument: &Arg) -> String {
    if !argument.get_action().takes_values() {
        return String::new();
    }
    let values = argument.get_default_values();
    let values: Vec<_> = values.iter().map(|value| value.to_string_lossy()).collect();
    match values.is_empty() {
        true => String::new(),
        false => format!("`{}`", values.join(",")),
    }
}

fn meaning(argument: &Arg) -> String {
    let help = argument.get_help().map(ToString::to_string);
    let mut text = help.unwrap_or_default().replace('|', "\\|");
    for value in argument.get_possible_values() {
        if !argument.get_action().takes_values() {
            break;
        }
        let _ = write!(text, "<br>`{}`", value.get_name());
        if let Some(help) = value.get_help() {
            let _ = write!(text, ": {help}");
        }
    }
    if let Some(variable) = argument.get_env() {
        let _ = write!(text, " (environment: `{}`)", variable.to_string_lossy());
    }
    text
}
