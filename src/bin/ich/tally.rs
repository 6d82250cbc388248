//! How many slices of a call have a result.

use std::process::ExitCode;

use crate::fault::Fault;
use crate::listing::Listing;

/// Exit status where some slices have a result and some have none.
const PARTIAL_FAILURE: u8 = 3;

/// Counts results, and says on standard error why one is missing.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    n_done: usize,
    n_kept: usize,
    n_failed: usize,
    n_passed_over: usize,
}

impl Tally {
    /// Begins with what the list itself could not find.
    pub(crate) fn of(listing: &Listing) -> Self {
        let mut tally = Self {
            n_passed_over: listing.n_passed_over,
            ..Self::default()
        };
        for (_, fault) in &listing.faults {
            tally.fail(fault);
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

    pub(crate) fn fail(&mut self, fault: &Fault) {
        eprintln!("error: {fault}");
        self.n_failed += 1;
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
            eprintln!("{n_results} of {n_slices} slices have a result{kept}");
        }
        if self.n_passed_over > 0 {
            let n = self.n_passed_over;
            eprintln!("{n} files in the folders are no slices and were passed over");
        }
        match (n_results, self.n_failed) {
            (_, 0) => ExitCode::SUCCESS,
            (0, _) => ExitCode::FAILURE,
            _ => ExitCode::from(PARTIAL_FAILURE),
        }
    }
}
