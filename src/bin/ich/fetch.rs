//! `ich fetch`.

use std::io::{IsTerminal, stderr};

use ich::ich_model::pretrained;
use ich::pinned_fetch::{self, Progress, Source};
use ich::{Material, message};
use indicatif::{ProgressBar, ProgressStyle};

use crate::args::FetchArgs;
use crate::console::{print_line, says_info};

/// Said before anything is downloaded.
const TERMS: &str = "\
The original's material is not part of this program and has terms of its own:
  weights, background   derived from the RSNA 2019 intracranial hemorrhage data: non-commercial use, research and education
  slices                CQ500: CC BY-NC-SA 4.0 and its end-user agreement; figures of them are under the same licence
  boxes                 BHX (PhysioNet): see its page; credit Reis et al. 2020
Research use only. Not a medical device.";

pub(crate) fn run(args: &FetchArgs, material: &Material) -> anyhow::Result<()> {
    let cache = pretrained::cache(args.cache.cache.as_deref())?;
    let source = Source::new(args.mirror.as_deref().unwrap_or(pretrained::BASE_URL))?;
    if material.find(&cache).ok().flatten().is_none() {
        tracing::info!("{TERMS}");
    }
    let mut display = Display::new();
    let files = material.files();
    let summary = pinned_fetch::fetch(&files, &source, &cache, &mut |event| display.show(&event))?;
    print_line(format_args!(
        "{}: {} files fetched, {} there before, all verified",
        cache.folder().display(),
        summary.n_fetched,
        summary.n_cached
    ))?;
    print_line(
        "`ich explain` and `ich predict` without a slice now use them; --demo asks for the phantom",
    )?;
    Ok(())
}

/// Shows a download on standard error: a bar on a terminal, a line a file elsewhere.
struct Display {
    bar: Option<ProgressBar>,
}

impl Display {
    fn new() -> Self {
        let style = ProgressStyle::with_template(
            "{prefix} {bar:30} {bytes}/{total_bytes}, {bytes_per_sec}, {eta} left",
        )
        .unwrap_or_else(|_| ProgressStyle::default_bar());
        let bar = || ProgressBar::new(0).with_style(style);
        Self {
            bar: (stderr().is_terminal() && says_info()).then(bar),
        }
    }

    fn show(&mut self, event: &Progress<'_>) {
        match event {
            Progress::Waiting { lock } => {
                self.say(&format!(
                    "another process fetches; waiting for {}",
                    lock.display()
                ));
            }
            Progress::Damaged { file, found } => {
                self.say(&format!(
                    "{}: damaged (blob id {found}), fetched again",
                    file.path()
                ));
            }
            Progress::Started {
                file,
                total_bytes,
                resumed_at,
            } => {
                if let Some(bar) = &self.bar {
                    bar.set_length(total_bytes.unwrap_or_else(|| file.size().limit()));
                    bar.set_position(*resumed_at);
                    bar.set_prefix(file.path().to_owned());
                } else if *resumed_at > 0 {
                    self.say(&format!("{}: continued at byte {resumed_at}", file.path()));
                }
            }
            Progress::Advanced { bytes, .. } => {
                if let Some(bar) = &self.bar {
                    bar.set_position(*bytes);
                }
            }
            Progress::Retrying {
                file,
                n_retry,
                cause,
            } => {
                let cause = message(cause);
                self.say(&format!("{}: retry {n_retry}: {cause}", file.path()));
            }
            Progress::Finished { file } => self.say(&format!("{}: fetched", file.path())),
            _ => {}
        }
    }

    fn say(&self, line: &str) {
        match &self.bar {
            Some(bar) => bar.suspend(|| tracing::info!("{line}")),
            None => tracing::info!("{line}"),
        }
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
