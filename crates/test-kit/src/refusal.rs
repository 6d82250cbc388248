//! Runs of a program on input that it must refuse.

use std::path::Path;
use std::process::{Command, Output};

/// Address space in KiB. The program maps some 150 MB when it is idle.
const MEMORY_KIB: u64 = 1 << 20;

/// Runs a program within 1 GiB of address space, so that a large allocation aborts it.
///
/// # Panics
///
/// If `sh` does not run.
pub fn run_bounded(program: &str, args: &[&Path]) -> Output {
    Command::new("sh")
        .arg("-c")
        .arg(format!("ulimit -v {MEMORY_KIB}; exec \"$0\" \"$@\""))
        .arg(program)
        .args(args)
        .env("RAYON_NUM_THREADS", "2")
        .output()
        .expect("sh runs")
}

/// Asserts that the run ended as a refusal, whose message holds all of `needles`.
///
/// # Panics
///
/// If it succeeded, was killed, panicked, printed a result, or left out a needle.
#[track_caller]
pub fn assert_refused(run: &Output, needles: &[&str]) {
    let stderr = String::from_utf8_lossy(&run.stderr);
    assert!(
        matches!(run.status.code(), Some(1 | 2)),
        "{:?}: {stderr}",
        run.status
    );
    assert!(!stderr.contains("panicked"), "{stderr}");
    for needle in needles {
        assert!(stderr.contains(needle), "no {needle:?} in: {stderr}");
    }
    assert!(
        run.stdout.is_empty(),
        "{}",
        String::from_utf8_lossy(&run.stdout)
    );
}
