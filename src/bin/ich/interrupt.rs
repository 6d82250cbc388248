//! What Ctrl-C does: an explanation ends with what it has found, anything else ends at once, and so
//! does an explanation that is interrupted twice.

use std::process::exit;
use std::sync::atomic::{AtomicBool, Ordering};

use ich::results::temporary;

/// Exit status of a program that was interrupted, as shells have it: 128 and the signal's number.
pub(crate) const INTERRUPTED: u8 = 130;

/// Whether an explanation is under way, which can end with what it has found.
static IS_EXPLAINING: AtomicBool = AtomicBool::new(false);
static IS_INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// Sets the handler.
pub(crate) fn begin() -> Result<(), ctrlc::Error> {
    ctrlc::set_handler(|| {
        let is_first = !IS_INTERRUPTED.swap(true, Ordering::Relaxed);
        if is_first && IS_EXPLAINING.load(Ordering::Relaxed) {
            tracing::warn!("ends with what was found so far; once more ends at once");
        } else {
            temporary::remove_all(|| exit(INTERRUPTED.into()));
        }
    })
}

/// From here on, until the end of what is returned, an interrupt waits for what was found.
pub(crate) fn explaining() -> Explaining {
    IS_EXPLAINING.store(true, Ordering::Relaxed);
    Explaining
}

/// Whether the program was interrupted.
pub(crate) fn is_interrupted() -> bool {
    IS_INTERRUPTED.load(Ordering::Relaxed)
}

/// An explanation under way.
pub(crate) struct Explaining;

impl Drop for Explaining {
    fn drop(&mut self) {
        IS_EXPLAINING.store(false, Ordering::Relaxed);
    }
}
