//! How far an explanation is: a bar on a terminal, plain lines elsewhere.

use std::io::{IsTerminal, stderr};
use std::time::{Duration, Instant};

use ich::hshap::Progress;
use indicatif::{ProgressBar, ProgressStyle};

/// Least time between two plain lines.
const LINE_INTERVAL: Duration = Duration::from_secs(10);

/// Shows the progress of one slice on standard error.
pub(crate) enum Display {
    Bar(ProgressBar),
    Lines {
        name: String,
        level: usize,
        last: Instant,
    },
}

impl Display {
    pub(crate) fn new(name: &str) -> Self {
        if stderr().is_terminal() {
            let style = ProgressStyle::with_template(
                "{prefix} {msg} {bar:30} {pos}/{len} evaluations of the level",
            )
            .unwrap_or_else(|_| ProgressStyle::default_bar());
            Display::Bar(
                ProgressBar::new(0)
                    .with_style(style)
                    .with_prefix(name.to_owned()),
            )
        } else {
            Display::Lines {
                name: name.to_owned(),
                level: 0,
                last: Instant::now(),
            }
        }
    }

    pub(crate) fn show(&mut self, progress: &Progress) {
        let Progress {
            n_level_evaluated,
            n_level,
            ..
        } = *progress;
        match self {
            Display::Bar(bar) => {
                bar.set_length(n_level as u64);
                bar.set_position(n_level_evaluated as u64);
                bar.set_message(format!("level {}/{}", progress.level, progress.n_levels));
            }
            Display::Lines { name, level, last } => {
                if *level != progress.level || last.elapsed() >= LINE_INTERVAL {
                    *level = progress.level;
                    *last = Instant::now();
                    eprintln!(
                        "{name}: level {level}/{}, {n_level_evaluated} of its {n_level} evaluations",
                        progress.n_levels
                    );
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
