//! How many slices of a call have a result.

use std::collections::BTreeMap;
use std::process::ExitCode;

use ich::Error;
use ich::ct_io::Warning;
use ich::study::Listing;

use crate::remedy::with_remedy;

/// Exit status where some slices have a result and some have none.
const PARTIAL_FAILURE: u8 = 3;

/// How often a warning is said before it is only counted.
const N_WARNINGS: usize = 3;

/// Counts results, and says on standard error why one is missing.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    n_done: usize,
    n_kept: usize,
    n_failed: usize,
    passed_over: Vec<String>,
    warnings: BTreeMap<&'static str, usize>,
}

impl Tally {
    /// Begins with what the list itself could not find.
    pub(crate) fn of(listing: &Listing) -> Self {
        let mut tally = Self {
            passed_over: listing.passed_over.lines().collect(),
            ..Self::default()
        };
        for (_, error) in &listing.faults {
            tally.fail(error);
        }
        tally
    }

    pub(crate) fn done(&mut self) {
        self.n_done += 1;
    }

    /// A result of an earlier call that is kept.
    pub(crate) fn kept(&mut self) {
        self.n_kept += 1;
    }

    pub(crate) fn fail(&mut self, error: &Error) {
        tracing::error!("{}", with_remedy(error));
        self.n_failed += 1;
    }

    /// Says what a user should know of a slice; of what many slices share, only the first times.
    pub(crate) fn warn(&mut self, source: &str, warnings: &[Warning]) {
        for warning in warnings {
            let n = self.warnings.entry(warning.code()).or_default();
            *n += 1;
            if *n <= N_WARNINGS {
                tracing::warn!("{source}: {warning}");
            }
        }
    }

    /// Says how many of each there were, where that is not plain to see.
    pub(crate) fn finish(self) -> ExitCode {
        let n_results = self.n_done + self.n_kept;
        let n_slices = n_results + self.n_failed;
        if n_slices > 1 {
            let kept = match self.n_kept {
                0 => String::new(),
                n => format!(", {n} of them from before"),
            };
            tracing::info!("{n_results} of {n_slices} slices have a result{kept}");
        }
        for (code, n) in self.warnings {
            if let Some(n_more @ 1..) = n.checked_sub(N_WARNINGS) {
                tracing::warn!("{n_more} more slices: {code}");
            }
        }
        if !self.passed_over.is_empty() {
            tracing::info!("passed over in the folders, as no slices:");
        }
        for line in self.passed_over {
            tracing::info!("  {line}");
        }
        match (n_results, self.n_failed) {
            (_, 0) => ExitCode::SUCCESS,
            (0, _) => ExitCode::FAILURE,
            _ => ExitCode::from(PARTIAL_FAILURE),
        }
    }
}
