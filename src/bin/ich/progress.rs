//! How far the work is: a bar on a terminal, plain lines elsewhere.

use std::io::{IsTerminal, stderr};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use ich::hshap::Progress;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::console::says_info;

/// Least time between two plain lines.
const LINE_INTERVAL: Duration = Duration::from_secs(10);

/// Longest name before a bar: a UID of 64 characters would wrap the line.
const NAME_CHARS: usize = 28;

/// Files before which counting them is shown.
const MANY_FILES: usize = 1000;

const BY_LEVEL: &str = "{prefix} {msg} {bar:30} {pos}/{len} evaluations";
const BY_BOUND: &str = "{prefix} {msg}";

/// Shows the progress of one slice on standard error.
pub(crate) enum Display {
    Bar(ProgressBar),
    Lines {
        name: String,
        /// The level of the last line.
        said: Option<usize>,
        last: Instant,
    },
}

impl Display {
    pub(crate) fn new(name: &str) -> Self {
        let name = shortened(name);
        if stderr().is_terminal() && says_info() {
            Display::Bar(
                ProgressBar::new(0)
                    .with_style(style(BY_LEVEL))
                    .with_prefix(name),
            )
        } else {
            Display::Lines {
                name,
                said: None,
                last: Instant::now(),
            }
        }
    }

    /// The level, and how much of what it needs is done: how much the next one needs is not known before
    /// this one is over. Of an explanation that may end early, how close it is instead.
    pub(crate) fn show(&mut self, progress: &Progress<'_>) {
        let &Progress {
            level,
            n_levels,
            n_level_evaluated,
            n_level,
            n_evaluated,
            bound,
            ..
        } = progress;
        if n_level == 0 || level == 0 {
            return;
        }
        // Of an explanation that may end early the level jumps.
        let (level, text) = match bound {
            None => (level, format!("level {level} of {n_levels}")),
            Some(bound) if bound.is_finite() => (0, format!("within {:.1} %", 100.0 * bound)),
            Some(_) => (0, "no map yet".to_owned()),
        };
        match self {
            Display::Bar(bar) if bound.is_some() => {
                bar.set_style(style(BY_BOUND));
                bar.set_message(format!("{text}, {n_evaluated} evaluations"));
            }
            Display::Bar(bar) => {
                bar.set_length(n_level as u64);
                bar.set_position(n_level_evaluated as u64);
                bar.set_message(text);
            }
            Display::Lines { name, said, last } => {
                if *said != Some(level) || last.elapsed() >= LINE_INTERVAL {
                    (*said, *last) = (Some(level), Instant::now());
                    let n = match bound {
                        Some(_) => n_evaluated.to_string(),
                        None => format!("{n_level_evaluated} of {n_level}"),
                    };
                    tracing::info!("{name}: {text}, {n} evaluations");
                }
            }
        }
    }

    pub(crate) fn finish(self) {
        if let Display::Bar(bar) = self {
            bar.finish_and_clear();
        }
    }
}

/// Shows how many files were looked into, from any thread.
pub(crate) struct Counter {
    bar: Option<ProgressBar>,
    last: Mutex<Instant>,
}

impl Counter {
    pub(crate) fn new() -> Self {
        let is_bar = stderr().is_terminal() && says_info();
        Self {
            // Hidden until there are many files.
            bar: is_bar.then(ProgressBar::hidden),
            last: Mutex::new(Instant::now()),
        }
    }

    pub(crate) fn show(&self, n: usize, n_files: usize) {
        if let Some(shown) = &self.bar {
            if n_files < MANY_FILES {
                return;
            }
            if n == 1 {
                shown.set_style(style("{pos}/{len} files looked into"));
                shown.set_length(n_files as u64);
                shown.set_draw_target(ProgressDrawTarget::stderr());
            }
            shown.inc(1);
        } else if let Ok(mut last) = self.last.try_lock()
            && last.elapsed() >= LINE_INTERVAL
        {
            *last = Instant::now();
            tracing::info!("{n} of {n_files} files looked into");
        }
    }

    pub(crate) fn finish(self) {
        if let Some(bar) = self.bar {
            bar.finish_and_clear();
        }
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

/// A name without its middle, where it is long.
fn shortened(name: &str) -> String {
    let chars: Vec<char> = name.chars().collect();
    if chars.len() <= NAME_CHARS {
        return name.to_owned();
    }
    let half = (NAME_CHARS - 3) / 2;
    let [start, end] = [&chars[..half], &chars[chars.len() - half..]];
    format!(
        "{}...{}",
        start.iter().collect::<String>(),
        end.iter().collect::<String>()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_uid_loses_its_middle() {
        let uid = "1.2.840.113619.2.30.1.1762295590.1623.978668949.886";
        assert_eq!(shortened(uid), "1.2.840.1136...78668949.886");
        assert_eq!(shortened("ID_1"), "ID_1");
    }
}
